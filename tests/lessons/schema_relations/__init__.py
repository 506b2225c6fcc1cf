"""Tests of the lesson on relations."""
