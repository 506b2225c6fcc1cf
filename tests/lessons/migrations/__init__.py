"""Tests of the first lesson on migrations: one database."""
