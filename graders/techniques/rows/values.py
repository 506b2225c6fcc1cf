"""When two values of a result are the same, and how a value is written in a sentence."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

Row = tuple[Any, ...]
NOT_A_NUMBER = ("not a number",)
DIGITS = 12
# Beyond it there is no float, and a whole number is longer than its use.
MAX_EXPONENT = 308


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


def text_key(row: Any) -> str:
    """A text that is equal for rows that say the same. No answer can foresee its hash, as it can that of numbers."""
    return repr(normal(row))


def _normal_number(value: float | Decimal) -> Any:
    if math.isnan(value):
        return NOT_A_NUMBER
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() > MAX_EXPONENT:
        return value
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
