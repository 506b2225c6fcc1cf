"""Whether two results say the same, and in words how they differ."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from graders.kernel.report import Mismatch
from graders.labs import Result

Row = tuple[Any, ...]
NOT_A_NUMBER = ("not a number",)
DIGITS, FLOAT_NOISE = 12, 1e-11
# Beyond it there is no float, and a whole number is longer than its use.
MAX_EXPONENT = 308
# Where the numbers of rows differ, pairs that are nearly equal only change how many are said to be wrong.
MAX_PAIRS = 10_000
# Two of these are the same or not, and what is the same has been taken away before pairs are looked for.
WITHOUT_NOISE = {int, bool, str, bytes, type(None)}


def normalize(value: Any) -> Any:
    """Give a hashable stand-in for `value` that is equal for two values that say the same.

    The kind of a number does not count: 2, 2.0, Decimal("2.00") are one value, and so are true and 1, which
    SQLite does not tell apart. A NaN equals a NaN. Midnight of a day is that day. A text never equals a
    number. Floats are compared to 12 digits, because a sum taken in another order differs in the last ones.
    """
    if value is None or type(value) in (str, int):
        return value
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, (float, Decimal)):
        return _normal_number(value)
    if isinstance(value, datetime.datetime):
        midnight = value.tzinfo is None and value.time() == datetime.time()
        return value.date() if midnight else value
    if isinstance(value, (list, tuple)):
        return tuple(map(normalize, value))
    if isinstance(value, dict):
        return tuple((normalize(name), normalize(part)) for name, part in value.items())
    return _hashable(value)


def _hashable(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return frozenset(map(normalize, value))
    try:
        hash(value)
    except TypeError:
        return type(value).__name__, repr(value)
    return value


def row_key(row: Any) -> str:
    """A text that is equal for rows that say the same. No answer can foresee its hash, as it can that of numbers."""
    return repr(normalize(row))


def _normal_number(value: float | Decimal) -> Any:
    if math.isnan(value):
        return NOT_A_NUMBER
    if math.isinf(value):
        return float(value)
    if isinstance(value, Decimal) and value.adjusted() > MAX_EXPONENT:
        # As a whole number it could have a billion digits.
        return value
    if value == int(value):
        return int(value)
    return float(f"{float(value):.{DIGITS}g}")


def is_close(one: Any, other: Any) -> bool:
    """Whether two values are the same, but for the noise of a float."""
    one, other = normalize(one), normalize(other)
    if one == other or not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
        return one == other
    try:
        return float in (type(one), type(other)) and math.isclose(one, other, rel_tol=FLOAT_NOISE)
    except OverflowError:
        return False


def format_value(value: Any) -> str:
    """Write `value` as it would stand in SQL: NULL, 'O''Brien', 2.5."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, (datetime.date, datetime.time)):
        return f"'{value}'"
    return str(value)


def format_row(row: Row) -> str:
    """Write `row` in parentheses, cut off where it grows long."""
    words = ", ".join(format_value(value) for value in row)
    return f"({words[:120]}…)" if len(words) > 120 else f"({words})"


def describe_columns(names: Sequence[str], unnamed: str = '""') -> str:
    """Columns as a phrase, with `unnamed` in place of an empty name."""
    many = "1 column" if len(names) == 1 else f"{len(names):,} columns"
    return f"{many}: {', '.join(name or unnamed for name in names)}" if names else many


def require_columns(found: Result, columns: Sequence[str], of: str, *, names: bool = True) -> None:
    """Raise `Mismatch` if the table or view `of` gives other `columns`; without `names`, another number of them."""
    same = len(found.columns) == len(columns)
    if names and same:
        same = [name.casefold() for name in found.columns] == [name.casefold() for name in columns]
    if not same:
        raise Mismatch(f"{describe_columns(columns)} in `{of}`", describe_columns(found.columns))


@dataclass(frozen=True)
class ResultDifference:
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

    def describe(self) -> str:
        """What is wrong with the rows, to complete "found …"; no expected row is given away."""
        if self.rows_differ:
            example = f", such as {format_row(self.unwanted[0])}" if self.unwanted else ""
            kind = ": text stands where a number is asked for, or the reverse" if self.only_kind_differs else ""
            return ", ".join(self._counts()) + example + kind
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

    @property
    def only_kind_differs(self) -> bool:
        """Whether every row would be right if texts of digits were numbers."""
        return bool(self.missing) and _as_text(self.missing) == _as_text(self.unwanted)


def _as_text(rows: Sequence[Row]) -> Counter:
    return Counter(tuple(None if value is None else str(normalize(value)) for value in row) for row in rows)


def compare(found: Result, expected: Result, *, ties: Sequence[int] = (), names: bool = True) -> ResultDifference:
    """Compare two results as multisets of rows; compare their order too if `ties` is given.

    `ties` cuts the expected rows into runs that are equal in the sort columns, by their lengths: within a run
    any order is right. An empty name in `expected.columns` may be called anything. Columns that are right but
    for their order are put in order before the rows are compared, so that one mistake is counted once.
    """
    phrase, swapped = _column_names(found.columns, expected.columns, names)
    rows = reorder(found, expected.columns) if swapped else found.rows
    missing, unwanted = multiset_difference(rows, expected.rows)
    same_rows = not (missing or unwanted)
    position = find_out_of_order(rows, expected.rows, ties) if same_rows else None
    return ResultDifference(missing, unwanted, phrase, swapped, position)


def _column_names(found: Sequence[str], expected: Sequence[str], names: bool) -> tuple[str, bool]:
    if len(found) != len(expected):
        return describe_columns(found), False
    if not names or all(e.casefold() in ("", f.casefold()) for f, e in zip(found, expected, strict=True)):
        return "", False
    lowered = [name.casefold() for name in expected]
    swapped = len(set(lowered)) == len(lowered) and sorted(lowered) == sorted(f.casefold() for f in found)
    return ", ".join(found), swapped


def reorder(found: Result, columns: Sequence[str]) -> list[Row]:
    """The rows of `found` with their values in the order of `columns`, found by name."""
    lowered = [name.casefold() for name in found.columns]
    positions = [lowered.index(name.casefold()) for name in columns]
    return [tuple(row[position] for position in positions) for row in found.rows]


def multiset_difference(found: Sequence[Row], expected: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Give the expected rows that are missing and the found rows that are too many, duplicates counted."""
    if found == expected:
        return (), ()
    missing = _subtract(expected, Counter(map(row_key, found)))
    unwanted = _subtract(found, Counter(map(row_key, expected)))
    if len(found) != len(expected) and len(missing) * len(unwanted) > MAX_PAIRS:
        return tuple(missing), tuple(unwanted)
    return _without_close_pairs(missing, unwanted)


def _subtract(rows: Sequence[Row], others: Counter) -> list[Row]:
    left = []
    for row in rows:
        if others[key := row_key(row)]:
            others[key] -= 1
        else:
            left.append(row)
    return left


def _without_close_pairs(missing: list[Row], unwanted: list[Row]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Drop the pairs that differ by the noise of a float only."""
    if all(type(value) in WITHOUT_NOISE for row in (*missing, *unwanted) for value in row):
        return tuple(missing), tuple(unwanted)
    left = []
    for row in missing:
        partner = next((i for i, other in enumerate(unwanted) if _close_rows(row, other)), None)
        if partner is None:
            left.append(row)
        else:
            unwanted = unwanted[:partner] + unwanted[partner + 1 :]
    return tuple(left), tuple(unwanted)


def _close_rows(one: Row, other: Row) -> bool:
    return len(one) == len(other) and all(map(is_close, one, other))


def find_out_of_order(found: Sequence[Row], expected: Sequence[Row], ties: Sequence[int]) -> int | None:
    """Give the number of the first found row that does not stand in its run of ties, or None."""
    start = 0
    for length in ties:
        run = slice(start, start + length)
        _, strangers = multiset_difference(found[run], expected[run])
        if strangers:
            return next(i for i in range(*run.indices(len(found))) if found[i] in strangers)
        start += length
    return None
