"""Rows: whether two results say the same, and in words how they differ."""

from graders.techniques.queries.rows.difference import Difference, compare
from graders.techniques.queries.rows.values import close, in_words, normal, row_in_words

__all__ = ["Difference", "close", "compare", "in_words", "normal", "row_in_words"]
