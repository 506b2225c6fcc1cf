"""Claims on the import of a file of orders, in which bad orders are left out and the file goes in as a whole."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from graders import Mismatch, claim
from graders.checks.transactions.showing import after_this_cut
from graders.kernel.report import Table
from graders.labs import SharedLab, in_order, open_shared_lab
from graders.techniques.crashes import sweep_crashes
from graders.techniques.schedules import called
from graders.techniques.schedules.calls import Ended, ended, must_end_well, rows_of, table_rows

SHOP = """
CREATE TABLE products (sku TEXT PRIMARY KEY);
CREATE TABLE orders (order_id INTEGER PRIMARY KEY);
CREATE TABLE lines (
    order_id INTEGER NOT NULL REFERENCES orders (order_id),
    sku      TEXT NOT NULL REFERENCES products (sku),
    quantity INTEGER NOT NULL CHECK (quantity > 0)
);
"""
LINE = ("order_id", "sku", "quantity")
SKUS = ("mug", "pen", "map")
Order = tuple[int, list[tuple[str, int]]]
Rows = list[tuple]


def shop() -> SharedLab:
    """Three products, and order 1, which is there already."""
    data = {"products": [(sku,) for sku in SKUS], "orders": [(1,)], "lines": [(1, "mug", 1)]}
    return open_shared_lab("SQLite", SHOP, data)


def _file(rng: random.Random) -> list[Order]:
    """Up to five orders with up to three lines; now and then a number, a product or a quantity breaks a rule."""
    return [
        (
            rng.randint(2, 7),
            [(rng.choice((*SKUS, *SKUS, "cup")), rng.choice((1, 2, 3, 4, 0))) for _ in range(rng.randint(1, 3))],
        )
        for _ in range(rng.randint(1, 5))
    ]


@dataclass(frozen=True)
class Imported:
    """The rows of orders and lines after an import, and the numbers left out."""

    orders: Rows
    lines: Rows
    left_out: list[int]


def _right(orders: list[Order]) -> Imported:
    there, lines, refused = {1}, [(1, "mug", 1)], []
    for order_id, asked in orders:
        if order_id in there or any(sku not in SKUS or quantity < 1 for sku, quantity in asked):
            refused.append(order_id)
        else:
            there.add(order_id)
            lines += [(order_id, *line) for line in asked]
    return Imported([(order_id,) for order_id in sorted(there)], sorted(lines), refused)


class _Importer:
    """The student's function on one shop, which goes back to its first rows before each file."""

    def __init__(self, function, lab: SharedLab):
        self.function = function
        self.lab = lab

    def run(self, orders: list[Order]) -> tuple[Ended, Imported]:
        self.lab.rewind()
        call = ended(self.lab, self.function, orders)
        there = table_rows(self.lab, "orders", ("order_id",))
        return call, Imported(there, table_rows(self.lab, "lines", LINE), call.value)

    def goes_wrong(self, orders: list[Order]) -> bool:
        call, found = self.run(orders)
        right = _right(orders)
        return bool(call.raised) or (found.orders, found.lines) != (right.orders, right.lines)


@claim("transactions-7", worth=1)
def leaves_no_trace_of_bad_orders(import_orders, seed):
    """of a random file, every good order goes in with all its lines, and a bad one leaves no trace"""
    with shop() as lab:
        importer = _Importer(import_orders, lab)
        for orders in _files(seed):
            if importer.goes_wrong(orders):
                raise _mismatch(importer, _fewest(importer, orders))


def _files(seed: int) -> list[list[Order]]:
    """A file of good orders, then random ones, short ones first."""
    rng = random.Random(seed)
    good = [(2, [("mug", 1), ("pen", 2)]), (3, [("map", 1)])]
    return [good, *sorted((_file(rng) for _ in range(14)), key=len)]


def _fewest(importer: _Importer, orders: list[Order]) -> list[Order]:
    """Leave out orders, and then lines, as long as it still goes wrong."""
    for place in reversed(range(len(orders))):
        fewer = orders[:place] + orders[place + 1 :]
        if importer.goes_wrong(fewer):
            orders = fewer
    for place, (order_id, lines) in enumerate(orders):
        for line in reversed(lines):
            less = [other for other in lines if other is not line]
            fewer = [*orders[:place], (order_id, less), *orders[place + 1 :]]
            if less and importer.goes_wrong(fewer):
                orders, lines = fewer, less
    return orders


def _mismatch(importer: _Importer, orders: list[Order]) -> Mismatch:
    call, found = importer.run(orders)
    right = _right(orders)
    tables = [_shown(orders, right.left_out)]
    if call.raised:
        return Mismatch(
            f"the file to go in without order {_ids(right.left_out)}",
            call.raised,
            hint="An order breaks a rule: the file must still go in without it. What do you catch, and where?",
            tables=tables,
        )
    tables.append(Table("lines after the import", LINE, found.lines))
    trace = set(found.orders) - set(right.orders) or set(found.lines) - set(right.lines)
    return Mismatch(
        _said(right),
        _said(found),
        hint="What of this order had gone in before the line that was refused?"
        if trace
        else "A good order is missing. How far back does your ROLLBACK go?",
        tables=tables,
    )


def _shown(orders: list[Order], left_out: list[int]) -> Table:
    file = [(order_id, *line) for order_id, lines in orders for line in lines]
    bad = frozenset(place for place, row in enumerate(file) if row[0] in left_out)
    return Table("the file", LINE, file, bad, "of an order that breaks a rule")


def _said(imported: Imported) -> str:
    return f"in `orders`: {_ids(order for (order,) in imported.orders)}; in `lines`: {len(imported.lines)}"


def _ids(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids)) or "none"


@claim("transactions-7", worth=0.5, after=leaves_no_trace_of_bad_orders)
def names_what_was_left_out(import_orders, seed):
    """it gives the numbers of the orders that were left out, and leaves no transaction open"""
    with shop() as lab:
        importer = _Importer(import_orders, lab)
        for orders in _files(seed)[:8]:
            call, found = importer.run(orders)
            must_end_well(call)
            right, given = _right(orders).left_out, found.left_out
            if not isinstance(given, (list, tuple, set)) or in_order(given) != sorted(right):
                raise Mismatch(f"the list {right}", f"`{given!r:.80}`", tables=[_shown(orders, right)])


FILE = [(2, [("mug", 1)]), (4, [("pen", 2)])]


@claim("transactions-7", worth=1.5, after=leaves_no_trace_of_bad_orders)
def is_all_or_nothing(import_orders):
    """a power cut at any moment leaves the whole file imported, or nothing of it"""

    def half(lab: SharedLab) -> str:
        found = [order_id for (order_id,) in rows_of(lab, "SELECT order_id FROM orders ORDER BY 1")]
        return "" if found in ([1], [1, 2, 4]) else f"of the file's orders 2 and 4, only {_ids(found[1:])} is there"

    cut = sweep_crashes(shop, called(import_orders, FILE), half).broken
    if cut:
        hint = (
            "After the power cut the first orders of the file are in and the others are not. What holds them together?"
        )
        raise after_this_cut("all good orders of the file, or none", cut, hint=hint)
