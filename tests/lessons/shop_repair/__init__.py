"""Tests of the lesson that finds what a shop has lost, and repairs it."""
