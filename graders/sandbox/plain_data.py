"""Plain data: what may pass between a sandbox and us, written as JSON and read back exactly."""

from __future__ import annotations

import datetime
import decimal
import uuid
from itertools import chain
from typing import Any

SCALARS: tuple[type[Any], ...] = (type(None), bool, int, float, str)
SCALAR_TYPES = frozenset(SCALARS)
COLLECTIONS = (list, tuple, set, frozenset, dict)
MAX_DEPTH = 40

# Python's numbers of any size hash foreseeably: forged ones with one hash make a set's work grow with its square.
MAX_COLLISIONS = 100
# PostgreSQL's numbers have no more digits before the point.
MAX_EXPONENT = 131_072

# What reading bad data raises, whoever wrote them.
UNREADABLE = (KeyError, ValueError, TypeError, ArithmeticError, AttributeError, IndexError, RecursionError)


class NotPlain(TypeError):
    """A value holds something that is not plain data."""


def encode(value: Any, depth: int = 0) -> Any:
    """Turn plain data into what JSON can hold; raise `NotPlain` naming the type of anything else.

    Plain data are None, booleans, numbers, text, bytes, Decimal, UUID, dates, times and spans of time, and lists,
    tuples, sets and dictionaries of them, nested `MAX_DEPTH` deep at most: what one process can write, every other
    can read, whatever its stack. Subclasses are written as the plain type they stand on, NumPy's values as Python's.
    """
    if type(value) in SCALARS:
        return value
    for kind in SCALARS:
        if isinstance(value, kind):
            return kind(value)
    if not isinstance(value, COLLECTIONS):
        return _encode_atom(value, depth)
    if depth == MAX_DEPTH:
        raise NotPlain(f"{type(value).__name__} nested more than {MAX_DEPTH} deep")
    if _are_rows(value):
        return {"rows": [list(row) for row in value]}
    return _encode_items(value, depth + 1)


def _are_rows(value: Any) -> bool:
    """Whether `value` is a list of tuples of scalars, which needs no tag at each tuple and no look at each value."""
    if type(value) is not list or set(map(type, value)) != {tuple}:
        return False
    return SCALAR_TYPES.issuperset(map(type, chain.from_iterable(value)))


def _encode_items(value: Any, depth: int) -> Any:
    if isinstance(value, list):
        return [encode(item, depth) for item in list.__iter__(value)]
    if isinstance(value, tuple):
        return {"tuple": [encode(item, depth) for item in tuple.__iter__(value)]}
    if isinstance(value, dict):
        return {"dict": [[encode(key, depth), encode(item, depth)] for key, item in dict.items(value)]}
    kind = "set" if isinstance(value, set) else "frozenset"
    return {kind: sorted((encode(item, depth) for item in value), key=repr)}


def _encode_atom(value: Any, depth: int) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, decimal.Decimal):
        return {"decimal": str(value)}
    for kind in ("datetime", "date", "time"):
        if isinstance(value, getattr(datetime, kind)):
            return {kind: value.isoformat()}
    if isinstance(value, datetime.timedelta):
        return {"timedelta": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, uuid.UUID):
        return {"uuid": str(value)}
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return encode(value.tolist(), depth)
    raise NotPlain(type(value).__name__)


def decode(data: Any, depth: int = 0) -> Any:
    """Read back what `encode` wrote; raise `ValueError` if it cannot have written this."""
    if not isinstance(data, (list, dict)):
        return data
    if depth > MAX_DEPTH:
        raise ValueError(f"plain data: nested more than {MAX_DEPTH} deep")
    if isinstance(data, list):
        return [decode(item, depth + 1) for item in data]
    if len(data) != 1:
        raise ValueError("plain data: an object with other than one tag")
    ((tag, content),) = data.items()
    if tag in COLLECTION_READERS:
        return COLLECTION_READERS[tag](content, depth + 1)
    if tag not in READERS:
        raise ValueError(f"plain data: unknown tag {tag!r}")
    return READERS[tag](content)


def _rows(content: Any) -> list[tuple]:
    if type(content) is not list or set(map(type, content)) != {list}:
        raise ValueError("plain data: rows that are none")
    rows = list(map(tuple, content))
    if not _are_rows(rows):
        raise ValueError("plain data: a row with more than scalars in it")
    return rows


def _decimal(content: Any) -> decimal.Decimal:
    """A number that can be compared: a signalling NaN raises wherever it is looked at."""
    if (number := decimal.Decimal(content)).is_snan():
        raise ValueError("plain data: a number that cannot be compared")
    if number.is_finite() and abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError("plain data: a number of too many digits")
    return number


def _distinct(content: Any, depth: int) -> list[Any]:
    """The members of a set, or the keys of a dictionary, that can be told apart by their hashes."""
    members = [decode(item, depth) for item in content]
    if len(members) - len(set(map(hash, members))) > MAX_COLLISIONS:
        raise ValueError("plain data: too many members with one hash")
    return members


def _dictionary(content: Any, depth: int) -> dict[Any, Any]:
    keys = _distinct([key for key, _ in content], depth)
    return dict(zip(keys, (decode(item, depth) for _, item in content), strict=True))


COLLECTION_READERS = {
    "tuple": lambda content, depth: tuple(decode(item, depth) for item in content),
    "set": lambda content, depth: set(_distinct(content, depth)),
    "frozenset": lambda content, depth: frozenset(_distinct(content, depth)),
    "dict": _dictionary,
}
READERS = {
    "rows": _rows,
    "bytes": bytes.fromhex,
    "decimal": _decimal,
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timedelta": lambda content: datetime.timedelta(*content),
    "uuid": uuid.UUID,
}
