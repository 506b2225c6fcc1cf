"""Claims on the import of a file of orders, in which bad orders are left out and the file goes in as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.transactions.mismatches import cut_mismatch, read_table, require_clean_end
from graders.checks.transactions.order_files import LINE, File, Orders, Shop, format_ids
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.labs import EngineError, SharedLab
from graders.sandbox import Request, SandboxedFunction
from graders.techniques.power_cuts import CrashSweep, sweep_crashes
from graders.techniques.schedules import CallRecord, make_script, run_call

FULL = EngineError("SQLite", "database or disk is full", code="SQLITE_FULL")
MAX_SHRINKING_RUNS = 30


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
    without_undoing: Orders
    """What would be in the shop if nothing of a bad order were undone."""

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


class _Importer:
    """Imports files with an answer, each into the shop as it was at the beginning."""

    def __init__(self, lab: SharedLab, shop: Shop, import_orders: SandboxedFunction):
        self.lab, self.shop, self.import_orders = lab, shop, import_orders
        self._tries = 0

    def run(self, file: File) -> Import:
        self.lab.rewind()
        call = run_call(self.lab, self.import_orders, file, read=_read_orders)
        right, bad = self.shop.after(file)
        return Import(file, call, right, bad, self.shop.after_no_undoing(file))

    def shrink(self, wrong: Import) -> Import:
        """Leave out orders, many at once at first, and then lines, as long as it goes wrong; a few times at most."""
        size = len(wrong.file)
        while size := size // 2:
            for place in reversed(range(0, len(wrong.file), size)):
                wrong = self._try(wrong, wrong.file[:place] + wrong.file[place + size :])
        for place, (order_id, lines) in enumerate(wrong.file):
            for number in reversed(range(len(lines))):
                kept = wrong.file[place][1][:number] + wrong.file[place][1][number + 1 :]
                if kept:
                    wrong = self._try(wrong, [*wrong.file[:place], (order_id, kept), *wrong.file[place + 1 :]])
        return wrong

    def _try(self, wrong: Import, smaller: File) -> Import:
        self._tries += 1
        if self._tries > MAX_SHRINKING_RUNS:
            return wrong
        fewer = self.run(smaller)
        return fewer if fewer.is_wrong else wrong


@experiment("import-the-orders")
def import_files(attempt: Attempt) -> Imports:
    """Import files, each into a fresh shop, up to the first that goes wrong; that one is made smaller."""
    shop, imports = Shop(attempt.seed), []
    with shop.open() as lab:
        importer = _Importer(lab, shop, attempt.answer)
        for file in shop.files():
            imports.append(importer.run(file))
            if imports[-1].is_wrong:
                return Imports(tuple(imports), importer.shrink(imports[-1]))
    return Imports(tuple(imports), None)


def _read_orders(lab: SharedLab) -> Orders:
    return Orders([order_id for (order_id,) in read_table(lab, "orders", LINE[:1])], read_table(lab, "lines", LINE))


@dataclass(frozen=True)
class Interruptions:
    """Imports of good orders that are cut short."""

    file: File
    """The file."""
    sweep: CrashSweep
    """By a power cut at each place."""
    before: Orders
    """What was in the shop."""
    full: CallRecord[Orders] | Mismatch
    """By a disk that is full in the midst of the file."""


@experiment("import-the-orders")
def interrupt_import(attempt: Attempt) -> Interruptions:
    """Cut the power before each statement of an import, and let the disk be full in the midst of one."""
    shop = Shop(attempt.seed)
    file = shop.good_file()
    right, _ = shop.after(file)

    def find_half_a_file(lab: SharedLab) -> str:
        orders = _read_orders(lab)
        new = format_ids(order for order in orders.ids if order not in shop.before.ids)
        words = f"of the file's orders {format_ids(sorted(order for order, _ in file))} there are: {new}"
        return "" if orders in (shop.before, right) else f"{words}; in `lines`: {len(orders.lines)}"

    with shop.open() as lab:
        sweep = sweep_crashes(lab, make_script(attempt.answer, file), find_half_a_file)
        full = catch_mismatch(lambda: _import_to_full_disk(lab, attempt.answer, file))
        return Interruptions(file, sweep, shop.before, full)


def _import_to_full_disk(lab: SharedLab, import_orders: SandboxedFunction, file: File) -> CallRecord[Orders]:
    inserts = 0

    def refuse(request: Request) -> EngineError | None:
        nonlocal inserts
        if not str(request).upper().startswith(("INSERT", "WITH", "REPLACE")):
            return None
        inserts += 1
        return FULL if inserts == len(file) else None

    lab.rewind()
    return run_call(lab, import_orders, file, read=_read_orders, refuse=refuse)


@claim(import_files, weight=1)
def leaves_no_trace_of_bad_orders(imports: Imports) -> None:
    """of a random file, every good order goes in with all its lines, and a bad one leaves no trace"""
    wrong = imports.wrong
    if not wrong:
        return
    if wrong.call.exception:
        broken = wrong.bad and "IntegrityError" in wrong.call.exception
        hint = "An order breaks a rule: the file must still go in without it. What do you catch, and where?"
        expected = f"the file to go in without order {format_ids(wrong.bad)}" if wrong.bad else "the file to go in"
        raise Mismatch(expected, wrong.call.exception, hint if broken else "", tables=[wrong.table])
    tables = [wrong.table, Table("lines after the import", LINE, wrong.call.state.lines)]
    raise Mismatch(str(wrong.right), str(wrong.call.state), _hint_on_orders(wrong), tables=tables)


def _hint_on_orders(wrong: Import) -> str:
    """The hint for a file that left other orders than it should; "" where the mistake is not recognised."""
    found, right = wrong.call.state, wrong.right
    if found == wrong.without_undoing:
        return "What of this order had gone in before the line that was refused?"
    if set(found.ids) < set(right.ids) and "ROLLBACK" in map(str.upper, wrong.call.statements):
        return "A good order is missing. How far back does your ROLLBACK go?"
    return ""


@claim(import_files, weight=0.5, after=leaves_no_trace_of_bad_orders)
def returns_rejected_orders(imports: Imports) -> None:
    """it gives the numbers of the orders that were left out, and leaves no transaction open"""
    for one in imports.imports:
        require_clean_end(one.call)
        ids = one.call.value
        listed = list(ids) if isinstance(ids, (list, tuple, set)) else None
        if listed is None or not _lists_all(listed, one.bad):
            raise Mismatch(f"the list {one.bad}", f"`{ids!r:.80}`", tables=[one.table])


def _lists_all(ids: list[Any], bad: list[int]) -> bool:
    """Whether `ids` are the numbers in `bad`; one that was left out twice may be listed once."""
    plain = all(type(number) is int for number in ids)
    return plain and set(ids) == set(bad) and Counter(ids) <= Counter(bad)


@claim(interrupt_import, weight=1.5, after=leaves_no_trace_of_bad_orders)
def is_all_or_nothing(interruptions: Interruptions) -> None:
    """a power cut at any moment, or a full disk, leaves the whole file imported, or nothing of it"""
    if cut := interruptions.sweep.first_violation:
        there = {row[0] for row in cut.state.get("orders", [])}
        count = len(there & {order for order, _ in interruptions.file})
        hint = (
            "After the power cut the first orders of the file are in and the others are not. What holds them together?"
        )
        some = 0 < count < len(interruptions.file)
        raise cut_mismatch("all good orders of the file, or none", cut, hint=hint if some else "")
    _require_refusal(raise_if_mismatch(interruptions.full), interruptions.before)


def _require_refusal(call: CallRecord[Orders], before: Orders) -> None:
    """Raise `Mismatch` unless the call to which a full disk happened raised an exception and left nothing."""
    if call.exception and call.state == before:
        return
    where = f" at `{call.statements[call.refused[0]]}`" if call.refused else ""
    hint = "A full disk is no fault of the order. Which errors does your `except` take for one?"
    raise Mismatch(
        f"an exception, and nothing of the file, when the disk is full ({FULL.code}){where}",
        f"{call.exception or f'it gave `{call.value!r:.60}`'}; {call.state}",
        hint="" if call.exception else hint,
    )
