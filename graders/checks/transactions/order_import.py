"""Claims on the import of a file of orders, in which bad orders are left out and the file goes in as a whole."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.transactions.mismatches import cut_mismatch, read_table, require_clean_end
from graders.labs import SharedLab, in_order, open_shared_lab
from graders.labs.lab import Row
from graders.sandbox import SandboxedFunction
from graders.techniques.crashes import CrashSweep, sweep_crashes
from graders.techniques.schedules import CallRecord, make_script, run_call

SHOP = """
CREATE TABLE products (sku TEXT PRIMARY KEY);
CREATE TABLE orders (order_id INTEGER PRIMARY KEY);
CREATE TABLE lines (
    order_id INTEGER NOT NULL REFERENCES orders (order_id),
    sku      TEXT NOT NULL REFERENCES products (sku),
    quantity INTEGER NOT NULL CHECK (quantity > 0)
);
"""
SKUS = ("mug", "pen", "map")
LINE = ("order_id", "sku", "quantity")
MAX_FILES_CHECKED = 8
Order = tuple[int, list[tuple[str, int]]]
File = list[Order]


def _open_shop() -> SharedLab:
    """Three products, and order 1, which is there already."""
    data: dict[str, list[Row]] = {"products": [(sku,) for sku in SKUS], "orders": [(1,)], "lines": [(1, "mug", 1)]}
    return open_shared_lab("SQLite", SHOP, data)


@dataclass(frozen=True)
class Orders:
    """The orders in a shop."""

    ids: list[Any]
    """The numbers in `orders`."""
    lines: list[Row]
    """The rows of `lines`."""

    def __str__(self) -> str:
        return f"in `orders`: {_format_ids(self.ids)}; in `lines`: {len(self.lines)}"


def _read_orders(lab: SharedLab) -> Orders:
    return Orders([order_id for (order_id,) in read_table(lab, "orders", LINE[:1])], read_table(lab, "lines", LINE))


@dataclass(frozen=True)
class Import:
    """What came of a file."""

    file: File
    """The file."""
    call: CallRecord[Orders]
    """The call that imported it into the shop as it was at the beginning."""
    right: Orders
    """What should be in the shop."""
    bad: list[int]
    """The orders that should have been left out."""

    @property
    def is_wrong(self) -> bool:
        """Whether it raised an exception, or left other orders than it should."""
        return bool(self.call.exception) or self.call.state != self.right

    @property
    def table(self) -> Table:
        """The file, to be shown."""
        rows = [(order_id, *line) for order_id, lines in self.file for line in lines]
        marked = frozenset(place for place, row in enumerate(rows) if row[0] in self.bad)
        return Table("the file", LINE, rows, marked, "of an order that breaks a rule")


@dataclass(frozen=True)
class Imports:
    """What came of a file of good orders, and of random ones, short ones first."""

    imports: tuple[Import, ...]
    """The files, up to the first wrong import."""
    wrong: Import | None
    """The smallest file found that is imported wrongly."""


@experiment("import-the-orders")
def import_files(attempt: Attempt) -> Imports:
    """Import files, each into a fresh shop, up to the first that goes wrong; that one is made smaller."""
    imports = []
    with _open_shop() as lab:
        for file in _draw_files(attempt.seed):
            imports.append(_import(lab, attempt.answer, file))
            if imports[-1].is_wrong:
                return Imports(tuple(imports), _shrink(lab, attempt.answer, imports[-1]))
    return Imports(tuple(imports), None)


def _draw_files(seed: int) -> list[File]:
    rng = random.Random(seed)
    good = [(2, [("mug", 1), ("pen", 2)]), (3, [("map", 1)])]
    return [good, *sorted((_draw_file(rng) for _ in range(14)), key=len)]


def _draw_file(rng: random.Random) -> File:
    """Up to five orders with up to three lines; now and then a number, a product or a quantity breaks a rule."""
    return [
        (
            rng.randint(2, 7),
            [(rng.choice((*SKUS, *SKUS, "cup")), rng.choice((1, 2, 3, 4, 0))) for _ in range(rng.randint(1, 3))],
        )
        for _ in range(rng.randint(1, 5))
    ]


def _import(lab: SharedLab, import_orders: SandboxedFunction, file: File) -> Import:
    ids, lines, faulty = {1}, [(1, "mug", 1)], []
    for order_id, order_lines in file:
        if order_id in ids or any(sku not in SKUS or quantity < 1 for sku, quantity in order_lines):
            faulty.append(order_id)
        else:
            ids.add(order_id)
            lines += [(order_id, *line) for line in order_lines]
    lab.rewind()
    return Import(
        file, run_call(lab, import_orders, file, read=_read_orders), Orders(sorted(ids), sorted(lines)), faulty
    )


def _shrink(lab: SharedLab, import_orders: SandboxedFunction, wrong: Import) -> Import:
    """Leave out orders, and then lines, as long as it still goes wrong."""
    for place in reversed(range(len(wrong.file))):
        fewer = _import(lab, import_orders, wrong.file[:place] + wrong.file[place + 1 :])
        wrong = fewer if fewer.is_wrong else wrong
    for place, (order_id, lines) in enumerate(wrong.file):
        for line in reversed(lines):
            kept = [other for other in wrong.file[place][1] if other is not line]
            smaller = [*wrong.file[:place], (order_id, kept), *wrong.file[place + 1 :]]
            if kept and (fewer := _import(lab, import_orders, smaller)).is_wrong:
                wrong = fewer
    return wrong


@experiment("import-the-orders")
def cut_power_in_import(attempt: Attempt) -> CrashSweep:
    """Cut the power before each statement of an import of two good orders."""
    file = [(2, [("mug", 1)]), (4, [("pen", 2)])]

    def find_half_a_file(lab: SharedLab) -> str:
        ids = [order_id for (order_id,) in lab.execute("SELECT order_id FROM orders ORDER BY 1").rows]
        whole = ids in ([1], [1, 2, 4])
        return "" if whole else f"of the file's orders 2 and 4, only {_format_ids(ids[1:])} is there"

    with _open_shop() as lab:
        return sweep_crashes(lab, make_script(attempt.answer, file), find_half_a_file)


@claim(import_files, weight=1)
def leaves_no_trace_of_bad_orders(imports: Imports) -> None:
    """of a random file, every good order goes in with all its lines, and a bad one leaves no trace"""
    wrong = imports.wrong
    if not wrong:
        return
    if wrong.call.exception:
        raise Mismatch(
            f"the file to go in without order {_format_ids(wrong.bad)}",
            wrong.call.exception,
            hint="An order breaks a rule: the file must still go in without it. What do you catch, and where?",
            tables=[wrong.table],
        )
    orders, right = wrong.call.state, wrong.right
    trace = set(orders.ids) - set(right.ids) or set(orders.lines) - set(right.lines)
    raise Mismatch(
        str(right),
        str(orders),
        hint="What of this order had gone in before the line that was refused?"
        if trace
        else "A good order is missing. How far back does your ROLLBACK go?",
        tables=[wrong.table, Table("lines after the import", LINE, orders.lines)],
    )


@claim(import_files, weight=0.5, after=leaves_no_trace_of_bad_orders)
def returns_rejected_orders(imports: Imports) -> None:
    """it gives the numbers of the orders that were left out, and leaves no transaction open"""
    for one in imports.imports[:MAX_FILES_CHECKED]:
        require_clean_end(one.call)
        ids = one.call.value
        if not isinstance(ids, (list, tuple, set)) or in_order(ids) != sorted(one.bad):
            raise Mismatch(f"the list {one.bad}", f"`{ids!r:.80}`", tables=[one.table])


@claim(cut_power_in_import, weight=1.5, after=leaves_no_trace_of_bad_orders)
def is_all_or_nothing(sweep: CrashSweep) -> None:
    """a power cut at any moment leaves the whole file imported, or nothing of it"""
    if sweep.first_violation:
        hint = (
            "After the power cut the first orders of the file are in and the others are not. What holds them together?"
        )
        raise cut_mismatch("all good orders of the file, or none", sweep.first_violation, hint=hint)


def _format_ids(ids: Iterable[Any]) -> str:
    return ", ".join(map(str, ids)) or "none"
