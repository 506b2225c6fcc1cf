"""Benchmarks, run by hand: they measure time, which no test does."""
