"""Tests of the first lesson on indexing."""
