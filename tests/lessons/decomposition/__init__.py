"""Tests of the second lesson on normalization."""
