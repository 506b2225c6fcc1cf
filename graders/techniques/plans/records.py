"""Records as SQLite stores them: numbers of one to nine bytes, and rows of values.

Source: https://www.sqlite.org/fileformat2.html, section 2.1.
"""

from __future__ import annotations

import struct
from typing import Any

WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
REAL, ZERO, ONE = 7, 8, 9


def read_varint(data: memoryview, at: int) -> tuple[int, int]:
    """Read a number of one to nine bytes; give it and where the next one begins."""
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return _signed(value << 8 | data[at + 8]), at + 9


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def read_record(data: memoryview) -> tuple[Any, ...]:
    """The values of a record; those that do not stand wholly in `data` are left out."""
    end, at = read_varint(data, 0)
    kinds, values, start = [], [], end
    while at < end:
        kind, at = read_varint(data, at)
        kinds.append(kind)
    for kind in kinds:
        width = WIDTHS[kind] if kind < 10 else (kind - 12) // 2
        if start + width > len(data):
            break
        values.append(_value(kind, data[start : start + width]))
        start += width
    return tuple(values)


def _value(kind: int, data: memoryview) -> Any:
    if kind == 0:
        return None
    if kind in (ZERO, ONE):
        return kind - ZERO
    if kind == REAL:
        return struct.unpack(">d", data)[0]
    if kind < ZERO:
        return int.from_bytes(data, "big", signed=True)
    return bytes(data).decode("utf-8", "replace") if kind % 2 else bytes(data)
