"""Queries, judged by the rows they give on many small data sets."""
