"""Tests of the second lesson on indexing: what an index costs."""
