"""Claims on a backfill that fills the two parts of a name in batches, and can be stopped at any place."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.migrations.schema_changes import draw_people, split_name
from graders.figures.schedules import draw_schedule
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import Table, raise_if_mismatch
from graders.labs import Lab, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.sandbox import SandboxedFunction
from graders.techniques.crashes import CrashSweep, sweep_crashes
from graders.techniques.migrations import Difference, RowCounter, compare_schemas, read_schema
from graders.techniques.schedules import Exploration, Script, explore, make_script

BOTH = """CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, fullname TEXT, first_name TEXT, last_name TEXT);"""
COLUMNS = ("customer_id", "fullname", "first_name", "last_name")
SIZE = 3
# What an application does while the names of customers 7, 14 and 21 are filled.
RENAME = "UPDATE customers SET fullname = 'Eve Lund', first_name = 'Eve', last_name = 'Lund' WHERE customer_id = 14"


def find_disagreement(lab: Lab) -> str:
    """An invariant: which customer's two names are not those of the whole name, in words, or ""."""
    query = "SELECT customer_id, fullname, first_name, last_name FROM customers ORDER BY customer_id"
    for number, name, first, last in lab.execute(query).rows:
        if (first, last) != split_name(name):
            return f"customer {number} is called {name!r}, and in two parts {first!r} and {last!r}"
    return ""


def _make_customers(names: list[str | None], filled: tuple[int, ...] = ()) -> list[Row]:
    """Customers of whom only those at the places `filled` have their two names; keys with gaps between them."""
    return [
        (number * 7 % 101, name, *(split_name(name) if number in filled else (None, None)))
        for number, name in enumerate(names, 1)
    ]


def _draw_customers(seed: int, count: int) -> list[Row]:
    names = draw_people(random.Random(seed), count)
    return _make_customers([*names, "Prince", None, "Ludwig van der Berg"], filled=(2, 5))


def _open_customers(rows: list[Row]) -> SharedLab:
    return open_shared_lab("SQLite", BOTH, {"customers": rows})


@dataclass(frozen=True)
class BackfillRun:
    """What a backfill did in batches of one size."""

    size: int
    before: list[Row]
    """The customers before it."""
    after: list[Row]
    """The customers after it."""
    difference: Difference
    """What it changed in the schema."""
    max_rows: int
    """The most rows that one transaction wrote."""


BackfillRuns = list[BackfillRun | Mismatch]


@experiment("resumable-backfill")
def run_backfill(attempt: Attempt) -> BackfillRuns:
    """Run the backfill to its end in batches of two sizes, each time from the same customers."""
    rows = _draw_customers(attempt.seed, 11)
    with _open_customers(rows) as lab:
        return [catch_mismatch(partial(_fill, attempt.answer, lab, rows, size)) for size in (SIZE, 1)]


def _fill(backfill: SandboxedFunction, lab: SharedLab, before: list[Row], size: int) -> BackfillRun:
    lab.rewind()
    schema = read_schema(lab)
    with lab.connect() as session:
        counter, call = RowCounter(session), backfill.begin(session, size)
        while request := call.waiting():
            outcome = request.run()
            counter.count()
            call.hand_back(outcome)
        call.value()
        if session.in_transaction():
            hint = (
                "What was not committed is undone when the connection closes. Which batch is the last to be committed?"
            )
            raise Mismatch("no open transaction at the end", "one that is open", hint=hint)
    difference = compare_schemas(schema, read_schema(lab))
    after = [] if difference else lab.run("SELECT * FROM customers").rows
    return BackfillRun(size, before, after, difference, counter.max_rows)


@claim(run_backfill)
def fills_every_row(fillings: BackfillRuns) -> None:
    """every customer without the two names gets them, and nothing else changes"""
    filling = raise_if_mismatch(fillings[0])
    if filling.difference:
        raise Mismatch("the table as it was, with other rows in it", filling.difference.words)
    found = {row[0]: row for row in filling.after}
    for number, name, *_ in filling.before:
        right = (number, name, *split_name(name))
        if found.get(number) != right:
            raise _not_filled(right, found.get(number), len(filling.before))


def _not_filled(right: Row, found: Row | None, count: int) -> Mismatch:
    if found is None:
        missing = Table("customers", COLUMNS, [right], frozenset({0}), "is missing")
        return Mismatch(f"{right}", "no such row", tables=[missing])
    compared = Table("customers", COLUMNS, [found, right], frozenset({0}), "found; below it what was asked")
    hint = "Where is the first space in this name, and what if there is none?"
    if found[2] is None and right[2] is not None:
        hint = f"Of {count} rows some were passed over. Which rows does the next batch skip when filled ones drop out?"
    return Mismatch(f"{right}", f"{found}", hint=hint, tables=[compared])


@claim(run_backfill, after=fills_every_row)
def transactions_stay_small(fillings: BackfillRuns) -> None:
    """no transaction writes more than `size` rows"""
    for filling in map(raise_if_mismatch, fillings):
        if filling.max_rows > filling.size:
            hint = "While a transaction writes, nobody else can. Where does each batch end?"
            raise Mismatch(f"at most {filling.size} rows in one transaction", f"{filling.max_rows}", hint=hint)


@experiment("resumable-backfill")
def crash_backfill(attempt: Attempt) -> CrashSweep:
    """Cut the power at every place of the backfill, and run it once more."""
    script, rows = make_script(attempt.answer, SIZE), _draw_customers(attempt.seed, 4)
    with _open_customers(rows) as lab:
        return sweep_crashes(lab, script, lambda lab: "", rerun=find_disagreement)


@claim(crash_backfill, after=fills_every_row)
def resumes_after_power_cut(sweep: CrashSweep) -> None:
    """after a power cut at any place, a second run completes it"""
    if sweep.first_violation:
        raise Mismatch("every name after a second run", sweep.first_violation.words)


@experiment("resumable-backfill")
def run_beside_application(attempt: Attempt) -> Exploration:
    """Run the backfill in every order with an application that changes a name."""
    rows = _make_customers(["Ada Okafor", "Ben Sato", "Mei Li"])
    scripts: dict[str, Script] = {"backfill": make_script(attempt.answer, 2), "app": RENAME}
    with _open_customers(rows) as lab:
        return explore(lab, scripts, find_disagreement)


@claim(run_beside_application, after=fills_every_row)
def overwrites_no_change(exploration: Exploration) -> None:
    """a name that an application changes in the meantime is not overwritten with the old one"""
    if broken := exploration.counterexample:
        hint = (
            "A name was read, changed by somebody else, and then written from what was read. Can one statement do both?"
        )
        raise Mismatch("names that agree", broken.violation, hint=hint, picture=str(draw_schedule(broken)))
