"""The b-trees of a SQLite database, read page by page from its file, and which pages a search or a scan reads.

Source: https://www.sqlite.org/fileformat2.html, sections 1.6 (b-tree pages) and 2.1 (records).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from graders.labs import SQLiteLab

Key = tuple[Any, ...]
INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE = 5, 10, 13
FILE_HEADER = 100
WIDTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
REAL, ZERO, ONE = 7, 8, 9


@dataclass(frozen=True)
class Page:
    """One page of a b-tree: its keys in order and, if it is no leaf, its children, one more than keys.

    A key of a table is its rowid alone; one of an index holds the columns and, last, the rowid. In a table, the keys
    of an inner page only tell the way; in an index they are entries as well.
    """

    number: int
    leaf: bool
    keys: tuple[Key, ...]
    children: tuple[int, ...] = ()


@dataclass(frozen=True)
class Visit:
    """What was read: the numbers of pages, level by level from the root, and how many entries match."""

    levels: tuple[tuple[int, ...], ...]
    entries: int

    @property
    def pages(self) -> int:
        """How many pages were read."""
        return sum(map(len, self.levels))


class BTree:
    """The b-tree with the root page `root` in the database file `image`, whose text is UTF-8.

    `descending` are the positions of the columns that are stored downwards.
    """

    def __init__(self, image: bytes, root: int, descending: Sequence[int] = ()):
        self.image = memoryview(image)
        self.root = root
        self.descending = frozenset(descending)
        size = int.from_bytes(self.image[16:18], "big")
        self.page_size = 65536 if size == 1 else size
        self.usable = self.page_size - self.image[20]
        self._pages: dict[int, Page] = {}

    def page(self, number: int) -> Page:
        """Read the page called `number`, which counts from 1."""
        if number not in self._pages:
            self._pages[number] = self._read(number)
        return self._pages[number]

    def count(self, number: int) -> int:
        """How many keys the page called `number` has."""
        data, head = self._bytes(number)
        return _number(data, head + 3, 2)

    def _bytes(self, number: int) -> tuple[memoryview, int]:
        """The page called `number`, and where its own header begins."""
        start = (number - 1) * self.page_size
        return self.image[start : start + self.page_size], FILE_HEADER if number == 1 else 0

    def _read(self, number: int) -> Page:
        data, head = self._bytes(number)
        kind, count = data[head], self.count(number)
        leaf = kind in (LEAF_INDEX, LEAF_TABLE)
        first = head + (8 if leaf else 12)
        cells = [_number(data, first + 2 * position, 2) for position in range(count)]
        keys = tuple(self._key(data, cell + (0 if leaf else 4), kind) for cell in cells)
        if leaf:
            return Page(number, True, keys)
        return Page(number, False, keys, (*(_number(data, cell, 4) for cell in cells), _number(data, head + 8, 4)))

    def _key(self, data: memoryview, at: int, kind: int) -> Key:
        if kind == INTERIOR_TABLE:
            return (read_varint(data, at)[0],)
        length, at = read_varint(data, at)
        if kind == LEAF_TABLE:
            return (read_varint(data, at)[0],)
        return read_record(data[at : at + self._stored_here(length)])

    def _stored_here(self, length: int) -> int:
        """How many bytes of an index entry stand on the page itself; the rest is on pages of its own."""
        most = (self.usable - 12) * 64 // 255 - 23
        if length <= most:
            return length
        least = (self.usable - 12) * 32 // 255 - 23
        some = least + (length - least) % (self.usable - 4)
        return some if some <= most else least

    def levels(self) -> list[list[int]]:
        """The numbers of all pages, level by level from the root, each from left to right."""
        levels = [[self.root]]
        while not self.page(levels[-1][0]).leaf:
            levels.append([child for number in levels[-1] for child in self.page(number).children])
        return levels

    @property
    def is_table(self) -> bool:
        """Whether this is the tree of a table with rowids."""
        data, head = self._bytes(self.root)
        return data[head] in (INTERIOR_TABLE, LEAF_TABLE)

    def scan(self) -> Visit:
        """What reading every entry reads."""
        levels = self.levels()
        counted = levels[-1:] if self.is_table else levels
        entries = sum(self.count(number) for level in counted for number in level)
        return Visit(tuple(map(tuple, levels)), entries)

    def search(self, low: Key = (), high: Key = ()) -> Visit:
        """What finding all entries from `low` to `high` reads, both included; each may be the beginning of a key."""
        below, above = self._sortable(low), self._sortable(high)
        levels: list[tuple[int, ...]] = [(self.root,)]
        entries = 0
        while levels[-1]:
            pages = [self.page(number) for number in levels[-1]]
            if pages[0].leaf or not self.is_table:
                entries += sum(self._within(key, below, above) for page in pages for key in page.keys)
            levels.append(tuple(child for page in pages for child in self._between(page, below, above)))
        return Visit(tuple(levels[:-1]), entries)

    def _between(self, page: Page, below: list, above: list) -> Iterator[int]:
        """The children of a page that may hold entries from `below` to `above`."""
        last = len(page.keys)
        for position, child in enumerate(page.children):
            ends_before = position < last and self._sortable(page.keys[position])[: len(below)] < below
            begins_after = position > 0 and self._sortable(page.keys[position - 1])[: len(above)] > above
            if not ends_before and not begins_after:
                yield child

    def _within(self, key: Key, below: list, above: list) -> bool:
        sortable = self._sortable(key)
        return below <= sortable[: len(below)] and sortable[: len(above)] <= above

    def matching(self, page: Page, low: Key, high: Key) -> list[Key]:
        """The keys of `page` from `low` to `high`."""
        below, above = self._sortable(low), self._sortable(high)
        return [key for key in page.keys if self._within(key, below, above)]

    def _sortable(self, key: Key) -> list:
        return [_Down(_ranked(v)) if position in self.descending else _ranked(v) for position, v in enumerate(key)]


@total_ordering
class _Down:
    """A value that sorts downwards."""

    def __init__(self, value: tuple):
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Down) and self.value == other.value

    def __lt__(self, other: _Down) -> bool:
        return other.value < self.value


def _ranked(value: Any) -> tuple:
    """A value as SQLite sorts it: NULL, numbers, text by its bytes, blobs."""
    if value is None:
        return 0, 0
    if isinstance(value, (int, float)):
        return 1, value
    return (2, value.encode()) if isinstance(value, str) else (3, bytes(value))


def _number(data: memoryview, at: int, length: int) -> int:
    return int.from_bytes(data[at : at + length], "big")


def open_b_tree(lab: SQLiteLab, name: str) -> BTree:
    """The b-tree of the table or index `name` of `lab`; raise `LookupError` if there is none."""
    found = lab.execute(
        "SELECT rootpage FROM sqlite_schema WHERE lower(name) = lower(?) AND rootpage > 0", (name,)
    ).rows
    if not found:
        raise LookupError(f"there is no table and no index called {name}")
    down = lab.execute('SELECT seqno FROM pragma_index_xinfo(?) WHERE "key" AND "desc"', (name,)).rows
    return BTree(lab.image(), found[0][0], [position for (position,) in down])


def read_varint(data: memoryview, at: int) -> tuple[int, int]:
    """Read a number of one to nine bytes; give it and where the next one begins."""
    value = 0
    for position in range(8):
        byte = data[at + position]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + position + 1
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
