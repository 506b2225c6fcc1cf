"""Rows: whether two results say the same, and in words how they differ."""

from graders.techniques.rows.columns import columns_in_words, must_have_columns
from graders.techniques.rows.difference import Difference, compare
from graders.techniques.rows.values import close, in_words, normal, row_in_words

__all__ = [
    "Difference",
    "close",
    "columns_in_words",
    "compare",
    "in_words",
    "must_have_columns",
    "normal",
    "row_in_words",
]
