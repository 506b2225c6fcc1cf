"""Whether two results say the same, and in words how they differ."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from graders.labs import Result

Row = tuple[Any, ...]
NOT_A_NUMBER = ("not a number",)
DIGITS = 12


def normal(value: Any) -> Any:
    """Give a hashable stand-in for `value` that is equal for two values that say the same.

    The kind of a number does not count: 2, 2.0, Decimal("2.00") are one value, and so are true and 1, which
    SQLite does not tell apart. A NaN equals a NaN. Midnight of a day is that day. A text never equals a
    number. Floats are compared to 12 digits, because a sum taken in another order differs in the last ones.
    """
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, (float, Decimal)):
        return _normal_number(value)
    if isinstance(value, datetime.datetime):
        midnight = value.tzinfo is None and value.time() == datetime.time()
        return value.date() if midnight else value
    if isinstance(value, (list, tuple)):
        return tuple(map(normal, value))
    if isinstance(value, dict):
        return tuple((name, normal(part)) for name, part in value.items())
    return value


def _normal_number(value: float | Decimal) -> Any:
    if math.isnan(value):
        return NOT_A_NUMBER
    if math.isinf(value):
        return float(value)
    if value == int(value):
        return int(value)
    return float(f"{float(value):.{DIGITS}g}")


def close(one: Any, other: Any, tolerance: float = 0) -> bool:
    """Whether two values are the same, or numbers at most `tolerance` apart (or the noise of a float)."""
    one, other = normal(one), normal(other)
    if one == other:
        return True
    if not (isinstance(one, (int, float)) and isinstance(other, (int, float))):
        return False
    if isinstance(one, int) and isinstance(other, int):
        return abs(one - other) <= tolerance
    return math.isclose(one, other, rel_tol=1e-11, abs_tol=tolerance)


def in_words(value: Any) -> str:
    """Write `value` as it would stand in SQL: NULL, 'O''Brien', 2.5."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, (datetime.date, datetime.time)):
        return f"'{value}'"
    return str(value)


def row_in_words(row: Row) -> str:
    """Write `row` in parentheses, cut off where it grows long."""
    words = ", ".join(in_words(value) for value in row)
    return f"({words[:120]}…)" if len(words) > 120 else f"({words})"


@dataclass(frozen=True)
class Difference:
    """How a result differs from the one asked for; false if it does not.

    `missing` and `unwanted` hold a row as often as it is missing or too many. `column_names` is a phrase,
    empty if the columns are right; `swapped` says that they are right but for their order. `out_of_order` is
    the number (from 0) of the first row that stands in a wrong place, found only when the rows themselves are
    right.
    """

    missing: tuple[Row, ...] = ()
    unwanted: tuple[Row, ...] = ()
    column_names: str = ""
    swapped: bool = False
    out_of_order: int | None = None

    def __bool__(self) -> bool:
        return bool(self.column_names or self.rows_differ or self.out_of_order is not None)

    @property
    def rows_differ(self) -> bool:
        """Whether there is a row missing or too many."""
        return bool(self.missing or self.unwanted)

    @property
    def words(self) -> str:
        """What is wrong with the rows, to complete "found …"; no row asked for is shown."""
        if self.rows_differ:
            example = f", such as {row_in_words(self.unwanted[0])}" if self.unwanted else ""
            return ", ".join(self._counts()) + example + self._kind_of_value()
        if self.out_of_order is not None:
            return f"the right rows in another order, from row {self.out_of_order + 1} on"
        return ""

    def _counts(self) -> list[str]:
        missing, unwanted = len(self.missing), len(self.unwanted)
        words = [f"{missing} {'row' if missing == 1 else 'rows'} missing"] if missing else []
        if unwanted:
            rows = "" if missing else "row " if unwanted == 1 else "rows "
            words.append(f"{unwanted} {rows}too many")
        return words

    def _kind_of_value(self) -> str:
        return ": text stands where a number is asked for, or the reverse" if self.only_kind_differs else ""

    @property
    def only_kind_differs(self) -> bool:
        """Whether every row would be right if texts of digits were numbers."""
        return bool(self.missing) and _as_text(self.missing) == _as_text(self.unwanted)


def _as_text(rows: Sequence[Row]) -> Counter:
    return Counter(tuple(None if value is None else str(normal(value)) for value in row) for row in rows)


def compare(
    found: Result, expected: Result, *, ties: Sequence[int] = (), tolerance: float = 0, names: bool = True
) -> Difference:
    """Compare two results as multisets of rows; compare their order too if `ties` is given.

    `ties` cuts the expected rows into runs that are equal in the sort columns, by their lengths: within a run
    any order is right. An empty name in `expected.columns` may be called anything. Columns that are right but
    for their order are put in order before the rows are compared, so that one mistake is counted once.
    """
    phrase, swapped = _column_names(found.columns, expected.columns, names)
    rows = reorder(found, expected.columns) if swapped else found.rows
    missing, unwanted = multiset_difference(rows, expected.rows, tolerance)
    same_rows = not (missing or unwanted)
    place = out_of_order(rows, expected.rows, ties, tolerance) if same_rows else None
    return Difference(missing, unwanted, phrase, swapped, place)


def _column_names(found: Sequence[str], expected: Sequence[str], names: bool) -> tuple[str, bool]:
    if len(found) != len(expected):
        return f"{len(found)} {'column' if len(found) == 1 else 'columns'}: {', '.join(found)}", False
    if not names or all(e.casefold() in ("", f.casefold()) for f, e in zip(found, expected, strict=True)):
        return "", False
    lowered = [name.casefold() for name in expected]
    swapped = len(set(lowered)) == len(lowered) and sorted(lowered) == sorted(f.casefold() for f in found)
    return ", ".join(found), swapped


def reorder(found: Result, columns: Sequence[str]) -> list[Row]:
    """The rows of `found` with their values in the order of `columns`, found by name."""
    lowered = [name.casefold() for name in found.columns]
    places = [lowered.index(name.casefold()) for name in columns]
    return [tuple(row[place] for place in places) for row in found.rows]


def multiset_difference(
    found: Sequence[Row], expected: Sequence[Row], tolerance: float = 0
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Give the expected rows that are missing and the found rows that are too many, duplicates counted."""
    if found == expected:
        return (), ()
    missing = _without(expected, Counter(map(normal, found)))
    unwanted = _without(found, Counter(map(normal, expected)))
    return _unpaired(missing, unwanted, tolerance)


def _without(rows: Sequence[Row], others: Counter) -> list[Row]:
    left = []
    for row in rows:
        if others[normal(row)]:
            others[normal(row)] -= 1
        else:
            left.append(row)
    return left


def _unpaired(missing: list[Row], unwanted: list[Row], tolerance: float) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Drop the pairs that differ by no more than `tolerance`."""
    left = []
    for row in missing:
        partner = next((i for i, other in enumerate(unwanted) if _close_rows(row, other, tolerance)), None)
        if partner is None:
            left.append(row)
        else:
            unwanted = unwanted[:partner] + unwanted[partner + 1 :]
    return tuple(left), tuple(unwanted)


def _close_rows(one: Row, other: Row, tolerance: float) -> bool:
    return len(one) == len(other) and all(close(a, b, tolerance) for a, b in zip(one, other, strict=True))


def out_of_order(
    found: Sequence[Row], expected: Sequence[Row], ties: Sequence[int], tolerance: float = 0
) -> int | None:
    """Give the number of the first found row that does not stand in its run of ties, or None."""
    start = 0
    for length in ties:
        run = slice(start, start + length)
        _, strangers = multiset_difference(found[run], expected[run], tolerance)
        if strangers:
            return next(i for i in range(*run.indices(len(found))) if found[i] in strangers)
        start += length
    return None
