"""Claims on a backfill in batches: every row, small transactions, a power cut, and a writer in between."""

from __future__ import annotations

import random

from graders import Mismatch, claim
from graders.checks.migrations.names import TWICE, disagreeing, in_two, people_of
from graders.figures.swim_lanes import draw_schedule
from graders.kernel.report import Table
from graders.labs import SharedLab, open_shared_lab
from graders.techniques.crashes import sweep_crashes
from graders.techniques.migrations import difference, read_schema
from graders.techniques.schedules import explore, make_script

SIZE = 3
MOST_STATEMENTS = 400


def _half_filled(names: list[str | None], done: tuple[int, ...] = ()) -> list[tuple]:
    """Customers of whom only those at the places `done` have their two names; keys with gaps between them."""
    return [
        (number * 7 % 101, name, *(in_two(name) if number in done else (None, None)))
        for number, name in enumerate(names, 1)
    ]


def _lab(rows: list[tuple]) -> SharedLab:
    return open_shared_lab("SQLite", TWICE, {"customers": rows})


def _rows(seed: int, count: int) -> list[tuple]:
    names = people_of(random.Random(seed), count)
    return _half_filled([*names, "Prince", None, "Ludwig van der Berg"], done=(2, 5))


def _largest(backfill, lab: SharedLab, size: int = SIZE) -> tuple[int, int]:
    """Run the function to its end, in batches of `size`.

    Give the largest number of rows that one transaction wrote, and of statements.
    """
    session = lab.connect()
    call = backfill.begin(session, size)
    largest = written = asks = 0
    while asked := call.waiting():
        before = session.total_changes()
        outcome = asked.happen()
        written += session.total_changes() - before
        largest, asks = max(largest, written), asks + 1
        if not session.in_transaction():
            written = 0
        call.hand_back(outcome)
    call.value()
    open_still = session.in_transaction()
    session.close()
    if open_still:
        hint = "What was not committed is undone when the connection closes. Which batch is the last to be committed?"
        raise Mismatch("no open transaction at the end", "one that is open", hint=hint)
    return largest, asks


@claim("migrations-7", worth=1)
def fills_every_row(backfill, seed):
    """every customer without the two names gets them, and nothing else changes"""
    with _lab(rows := _rows(seed, 11)) as lab:
        before = read_schema(lab)
        _largest(backfill, lab)
        if differs := difference(before, read_schema(lab)):
            raise Mismatch("the table as it was, with other rows in it", differs.words)
        found = {row[0]: row for row in lab.run("SELECT * FROM customers").rows}
    for number, name, *_ in rows:
        right = (number, name, *in_two(name))
        if found.get(number) != right:
            raise _not_filled(right, found.get(number), len(rows))


def _not_filled(right: tuple, found: tuple | None, count: int) -> Mismatch:
    columns = ("customer_id", "fullname", "first_name", "last_name")
    table = Table("customers", columns, [found or (), right], frozenset({0}), "found; below it what was asked")
    expected, met = f"{right}", f"{found}"
    if found and found[2] is None and right[2] is not None:
        hint = f"Of {count} rows some were passed over. Which rows does the next batch skip when filled ones drop out?"
        return Mismatch(expected, met, hint=hint, tables=[table])
    hint = "Where is the first space in this name, and what if there is none?"
    return Mismatch(expected, met, hint=hint, tables=[table])


@claim("migrations-7", worth=1, after=fills_every_row)
def small_transactions(backfill, seed):
    """no transaction writes more than `size` rows"""
    for size in (SIZE, 1):
        with _lab(_rows(seed, 11)) as lab:
            largest, _ = _largest(backfill, lab, size)
        if largest > size:
            hint = "While a transaction writes, nobody else can. Where does each batch end?"
            raise Mismatch(f"at most {size} rows in one transaction", f"{largest}", hint=hint)


@claim("migrations-7", worth=1, after=fills_every_row)
def goes_on_after_a_cut(backfill, seed):
    """after a power cut at any place, a second run completes it"""
    script = make_script(backfill, SIZE)
    with _lab(_rows(seed, 4)) as lab:
        cut = sweep_crashes(lab, script, lambda lab: "", rerun=disagreeing).broken
    if cut:
        raise Mismatch("every name after a second run", cut.words)


@claim("migrations-7", worth=1, after=fills_every_row)
def undoes_nobodys_work(backfill):
    """a name that an application changes in the meantime is not overwritten with the old one"""
    rows = _half_filled(["Ada Okafor", "Ben Sato", "Mei Li"])
    changes = (
        "UPDATE customers SET fullname = 'Eve Lund', first_name = 'Eve', last_name = 'Lund' WHERE customer_id = 14"
    )
    with _lab(rows) as lab:
        broken = explore(lab, {"backfill": make_script(backfill, 2), "app": changes}, disagreeing).broken
    if broken:
        hint = (
            "A name was read, changed by somebody else, and then written from what was read. Can one statement do both?"
        )
        raise Mismatch("names that agree", broken.broken, hint=hint, picture=str(draw_schedule(broken)))
