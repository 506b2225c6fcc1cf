"""Text and values as every file, page, terminal and gradebook takes them, and not more of them than anybody reads."""

from __future__ import annotations

import datetime
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping, Set
from decimal import Decimal
from typing import Any

MAX_TEXT = 1_000
MAX_CELL = 200
MAX_DEPTH = 20
MAX_BITS = 512
ELLIPSIS = "…"
FORMULA = tuple("=+-@＝＋－＠")
SHORT = (float, datetime.date, datetime.time, datetime.timedelta, uuid.UUID)


def readable(text: Any, limit: int = MAX_TEXT) -> str:
    """`text` with what has no shape written as Python writes it, cut to `limit` characters.

    That is what breaks an encoding, a database or a terminal, or lets text pretend to be other text: halves of
    characters, NUL and other control characters, signs of direction. Line ends, tabs and wide spaces stay. What is
    readable already stays as it is.
    """
    start = truncate(safe_str(text), limit)
    if start.isprintable():
        return start
    return truncate("".join(sign if _has_shape(sign) else escape(sign) for sign in start), limit)


def _has_shape(sign: str) -> bool:
    return sign.isprintable() or sign in "\n\t" or unicodedata.category(sign) == "Zs"


def escape(text: str) -> str:
    """`text` with line ends, tabs, backslashes and all that is not ASCII as Python writes them in a literal."""
    return text.encode("unicode_escape").decode()


def to_one_line(text: str) -> str:
    """`text` with line ends, tabs and characters without a shape made visible."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else escape(sign) for sign in text)


def truncate(text: str, limit: int) -> str:
    """As much of `text` as fits into `limit` characters, the last of them a sign that there is more."""
    return text if len(text) <= limit else text[: limit - len(ELLIPSIS)] + ELLIPSIS


def safe_str(value: Any) -> str:
    """`str(value)`, or the name of its type where that cannot be had: a number too long to write, a broken class."""
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def readable_value(value: Any) -> Any:
    """`value` as a cell of a report holds it: a short plain value, or the readable text that it is shown as."""
    if value is None or isinstance(value, SHORT):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= MAX_BITS else readable(value, MAX_CELL)
    if isinstance(value, Decimal):
        return value if not value.is_snan() and len(str(value)) <= MAX_CELL else readable(value, MAX_CELL)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value[:MAX_CELL])
    return readable(value, MAX_CELL) if isinstance(value, str) else format_value(value, MAX_CELL)


def format_value(value: Any, limit: int = MAX_CELL) -> str:
    """`value` the way SQL people write it, cut to `limit` characters: NULL, true, x'0a', 'O''Brien', [1, {a: 2}]."""
    text = ""
    for piece in _pieces(value, limit, 0):
        text += piece
        if len(text) > limit:
            break
    return truncate(text, limit)


def _pieces(value: Any, limit: int, depth: int) -> Iterator[str]:
    """The text of `value` piece by piece, so that of a giant value only the beginning is written."""
    if not isinstance(value, (list, tuple, Set, Mapping)):
        yield _atom(value, limit)
    elif depth == MAX_DEPTH:
        yield ELLIPSIS
    elif isinstance(value, Mapping):
        yield from _enclosed("{}", (_pair(key, item, limit, depth) for key, item in value.items()))
    else:
        signs, items = ("{}", sorted(value, key=repr)) if isinstance(value, Set) else ("[]", value)
        yield from _enclosed(signs, (_pieces(item, limit, depth + 1) for item in items))


def _atom(value: Any, limit: int) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case str():
            return quote_string(value[: limit + 1])
        case bytes() | bytearray() | memoryview():
            return f"x'{bytes(value[:limit]).hex()}'"
    return to_one_line(truncate(safe_str(value), limit + 1))


def _pair(key: Any, item: Any, limit: int, depth: int) -> Iterator[str]:
    yield f"{to_one_line(truncate(safe_str(key), limit))}: "
    yield from _pieces(item, limit, depth + 1)


def _enclosed(signs: str, items: Iterable[Iterator[str]]) -> Iterator[str]:
    yield signs[0]
    for place, item in enumerate(items):
        yield ", " if place else ""
        yield from item
    yield signs[1]


def quote_string(text: str) -> str:
    """`text` as a literal of SQL, on one line."""
    return "'" + to_one_line(text).replace("'", "''") + "'"


def escape_formula(text: str | None) -> str:
    """`text` for a cell that a spreadsheet must not run: an apostrophe goes before what could begin a formula."""
    text = text or ""
    return f"'{text}" if text.startswith(("\t", "\r", "\n")) or text.lstrip().startswith(FORMULA) else text


def quantity(count: int, noun: str, plural: str = "") -> str:
    """`count` with its noun: 1 row, 2 rows, 1,000 rows; `plural` is given where it is not the noun and an s."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def join_words(words: Iterable[str]) -> str:
    """`words` as a sentence lists them: "a", "a and b", "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def describe_points(score: str, points: str) -> str:
    """The points earned and those to be had, both written out: 0 of 1 point, 1.5 of 2 points."""
    return f"{score} of {points} point{'' if points == '1' else 's'}"


def describe_total(score: float, points: float, bonus: float = 0) -> str:
    """What a lesson earned, with the bonus beside its main path: 18 of 20 points, and 2 for what is further."""
    return describe_points(f"{score:g}", f"{points:g}") + (f", and {bonus:g} for what is further" if bonus else "")
