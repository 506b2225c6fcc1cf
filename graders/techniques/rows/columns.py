"""Whether a result has the columns that a claim reads, before anything is said of its rows."""

from __future__ import annotations

from collections.abc import Sequence

from graders.labs import Result
from graders.report import Mismatch


def columns_in_words(names: Sequence[str], unnamed: str = '""') -> str:
    """Columns as a phrase, with `unnamed` in the place of an empty name."""
    many = "1 column" if len(names) == 1 else f"{len(names):,} columns"
    return f"{many}: {', '.join(name or unnamed for name in names)}" if names else many


def must_have_columns(found: Result, columns: Sequence[str], of: str, *, names: bool = True) -> None:
    """Raise `Mismatch` if the table or view `of` gives other `columns`; without `names`, another number of them."""
    same = len(found.columns) == len(columns)
    if names and same:
        same = [name.casefold() for name in found.columns] == [name.casefold() for name in columns]
    if not same:
        raise Mismatch(f"{columns_in_words(columns)} in `{of}`", columns_in_words(found.columns))
