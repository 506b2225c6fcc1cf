"""Tests of the second lesson on migrations: while it is in use."""
