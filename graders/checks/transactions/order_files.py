"""A shop drawn from a seed, and files of orders for it, in some of which a rule is broken."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row

SCHEMA = """
CREATE TABLE products (sku TEXT PRIMARY KEY);
CREATE TABLE orders (order_id INTEGER PRIMARY KEY);
CREATE TABLE lines (
    order_id INTEGER NOT NULL REFERENCES orders (order_id),
    sku      TEXT NOT NULL REFERENCES products (sku),
    quantity INTEGER NOT NULL CHECK (quantity > 0)
);
"""
SKUS = ("mug", "pen", "map", "child's mug", "cup 2")
# What is no product, though it looks like one.
UNKNOWN_SKUS = ("cup", "Mug", "pen ")
LINE = ("order_id", "sku", "quantity")
SMALL_FILES, LONG_FILE = 12, 40
Order = tuple[int, list[tuple[str, int]]]
File = list[Order]


@dataclass(frozen=True)
class Orders:
    """The orders in a shop."""

    ids: list[Any]
    """The numbers in `orders`."""
    lines: list[Row]
    """The rows of `lines`."""

    def __str__(self) -> str:
        ids = format_ids(self.ids[:12]) + (" …" if len(self.ids) > 12 else "")
        return f"in `orders`: {ids}; in `lines`: {len(self.lines)}"


class Shop:
    """A shop drawn from a seed, with some orders in it, and files of more."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        there = sorted(self.rng.sample(range(1, 10), 2))
        self.before = Orders(there, sorted((order, self.rng.choice(SKUS), 1) for order in there))

    def open(self) -> SharedLab:
        """The shop, opened."""
        data: dict[str, list[Row]] = {
            "products": [(sku,) for sku in SKUS],
            "orders": [(order,) for order in self.before.ids],
            "lines": self.before.lines,
        }
        return open_shared_lab("SQLite", SCHEMA, data)

    def good_file(self) -> File:
        """Orders that break no rule, two of them alike, with a line that comes twice."""
        first, second, third = self.rng.sample(range(10, 90), 3)
        lines = [(self.rng.choice(SKUS), self.rng.randint(1, 9)) for _ in range(2)]
        return [(first, lines), (second, lines), (third, [*lines[:1], *lines[:1]])]

    def files(self) -> list[File]:
        """A file of good orders, short ones in which now and then a rule is broken, and a long one of that kind."""
        short = [self._draw_file(self.rng.randint(1, 5), range(1, 16)) for _ in range(SMALL_FILES)]
        large = LONG_FILE * 100, [(self.rng.choice(SKUS), number) for number in range(1, LONG_FILE)]
        return [self.good_file(), *sorted(short, key=len), [*self._draw_file(LONG_FILE, range(1, 400)), large]]

    def _draw_file(self, count: int, ids: range) -> File:
        counts = [self.rng.randint(1, 3) for _ in range(count)]
        return [(self.rng.choice(ids), [self._draw_line() for _ in range(lines)]) for lines in counts]

    def _draw_line(self) -> tuple[str, int]:
        sku = self.rng.choice(UNKNOWN_SKUS if self.rng.random() < 0.12 else SKUS)
        return sku, self.rng.choice((0, -1)) if self.rng.random() < 0.12 else self.rng.randint(1, 4)

    def after(self, file: File) -> tuple[Orders, list[int]]:
        """What is in the shop after the import of `file`, and the numbers of the orders that are left out."""
        ids, lines, unfit = set(self.before.ids), list(self.before.lines), []
        for order_id, order_lines in file:
            if order_id in ids or not all(map(_is_good, order_lines)):
                unfit.append(order_id)
            else:
                ids.add(order_id)
                lines += [(order_id, *line) for line in order_lines]
        return Orders(sorted(ids), sorted(lines)), unfit

    def after_no_undoing(self, file: File) -> Orders:
        """What is in the shop if of each order all goes in that comes before the first refusal."""
        ids, lines = set(self.before.ids), list(self.before.lines)
        for order_id, order_lines in file:
            if order_id not in ids:
                ids.add(order_id)
                lines += [(order_id, *line) for line in takewhile(_is_good, order_lines)]
        return Orders(sorted(ids), sorted(lines))


def _is_good(line: tuple[str, int]) -> bool:
    sku, quantity = line
    return sku in SKUS and quantity > 0


def format_ids(ids: Iterable[Any]) -> str:
    """Numbers of orders, as a sentence lists them."""
    return ", ".join(map(str, ids)) or "none"
