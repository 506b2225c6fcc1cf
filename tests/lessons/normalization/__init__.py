"""Tests of the first lesson on normalization."""
