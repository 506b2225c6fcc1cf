"""Claims on steps put in order: a delivery is taken in, doubles go, and one UNIQUE index stays."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.indexing.workload import read_index_names
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_lab
from graders.labs.lab import Row

SCHEMA = """
CREATE TABLE copies (
    copy_id INTEGER PRIMARY KEY,
    barcode INTEGER NOT NULL,
    title   TEXT NOT NULL
);
CREATE TABLE delivery (
    barcode INTEGER NOT NULL,
    title   TEXT NOT NULL
);
"""
COPIES, DELIVERED, BARCODES = 450, 150, 500
MAX_STEPS = 100_000
OLDEST = "SELECT min(copy_id), barcode FROM copies GROUP BY barcode ORDER BY barcode"
ALL = "SELECT copy_id, barcode FROM copies ORDER BY barcode, copy_id"
STATISTICS = "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl = 'copies' ORDER BY idx"


@lab_for("clean-the-barcodes")
def delivery(seed: int) -> Lab:
    """Copies and a delivery, in both of which some barcodes stand twice."""
    rng = random.Random(seed)
    copies = [(number, rng.randint(1, BARCODES), "Dune") for number in range(1, COPIES + 1)]
    delivered = [(rng.randint(1, BARCODES), "Emma") for _ in range(DELIVERED)]
    return open_lab("SQLite", SCHEMA, {"copies": copies, "delivery": delivered})


@dataclass(frozen=True)
class Delivery:
    """What the steps left behind."""

    steps: int
    """How many of SQLite's steps they took together."""
    copies: list[Row]
    """The number and the barcode of each copy."""
    right: list[Row]
    indexes: list[str]
    statistics: list[Row]
    """What the statistics say of the copies and their indexes."""
    true_statistics: list[Row]
    refuses_doubles: bool


@experiment("clean-the-barcodes", condition="SQLite runs your steps in this order")
def run_steps(attempt: Attempt) -> Delivery:
    """Run the steps, and look at the copies, their indexes and their statistics."""
    with delivery(attempt.seed) as lab:
        right = _take_in_by_hand(lab)
        steps = _run(lab, attempt.answer)
        copies, indexes = lab.execute(ALL).rows, read_index_names(lab)
        statistics = lab.execute(STATISTICS).rows if "sqlite_stat1" in _all_tables(lab) else []
        lab.run("ANALYZE")
        return Delivery(steps, copies, right, indexes, statistics, lab.execute(STATISTICS).rows, _refuses_doubles(lab))


def _run(lab: Lab, script: str) -> int:
    """Run the steps and give the number of SQLite's steps that they took together."""
    taken = 0
    for statement in lab.statements(script):
        try:
            taken += lab.count_steps(statement)
        except EngineError as error:
            hint = "What is true of the barcodes at that moment?" if "UNIQUE" in statement else ""
            words = f"`{statement.split('(')[0].strip()[:60]}`: SQLite says: {error.sentence}"
            raise Mismatch("steps that run one after another", words, hint=hint) from None
    return taken


def _take_in_by_hand(lab: Lab) -> list[Row]:
    """The oldest copy of each barcode, delivered or not."""
    rows = {table: lab.execute(f"SELECT * FROM {table}").rows for table in ("copies", "delivery")}
    with open_lab("SQLite", SCHEMA, rows) as copy:
        copy.run("INSERT INTO copies (barcode, title) SELECT barcode, title FROM delivery")
        return copy.execute(OLDEST).rows


def _all_tables(lab: Lab) -> list[str]:
    return [name for (name,) in lab.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").rows]


def _refuses_doubles(lab: Lab) -> bool:
    barcode = lab.execute("SELECT min(barcode) FROM copies").rows[0][0]
    (outcome,) = lab.outcomes([f"INSERT INTO copies (barcode, title) VALUES ({barcode}, 'Dune')"])
    return isinstance(outcome, EngineError)


@claim(run_steps)
def every_barcode_once(left: Delivery) -> None:
    """after them each barcode stands once, delivered or not, with its oldest copy"""
    if left.copies != left.right:
        doubled = len(left.copies) - len({barcode for _, barcode in left.copies})
        raise Mismatch(
            f"{len(left.right)} copies, each with a barcode of its own",
            f"{len(left.copies)} copies, {doubled} of them with a barcode that an older one has",
            hint="Which step takes doubles out, and what came into the table after it?"
            if doubled
            else "Has everything been taken in that is to be there?",
        )


@claim(run_steps)
def one_index_keeps_it_so(left: Delivery) -> None:
    """a second copy of a barcode is refused, and one index is left"""
    if left.refuses_doubles and len(left.indexes) == 1:
        return
    if left.refuses_doubles:
        other = next(name for name in left.indexes if name != "copies_by_barcode")
        hint = f"What is `{other}` still good for, beside an index on the same column?"
        raise Mismatch("one index", f"{len(left.indexes)}: {', '.join(left.indexes)}", hint=hint)
    hint = "Two copies of one barcode have different numbers. Which of your indexes minds that?" if left.indexes else ""
    raise Mismatch("the second copy refused", "it was accepted", hint=hint)


@claim(run_steps, weight=0.5, after=one_index_keeps_it_so)
def statistics_are_fresh(left: Delivery) -> None:
    """the statistics know the table and its index as they are at the end"""
    if left.statistics != left.true_statistics:
        columns = ("table", "index", "rows")
        tables = [Table("what the statistics say", columns, left.statistics)] if left.statistics else []
        hint = "ANALYZE writes down what is there at that moment. What comes after it?" if left.statistics else ""
        found = "older ones" if left.statistics else "none"
        raise Mismatch("statistics of the last moment", found, hint=hint, tables=tables)


@claim(run_steps, weight=0.5, after=every_barcode_once)
def takes_few_steps(left: Delivery) -> None:
    """all of it takes at most 100,000 steps of SQLite"""
    if left.steps > MAX_STEPS:
        hint = "For each copy the DELETE asks for an older one. How many copies does it read to find out?"
        raise Mismatch(f"at most {MAX_STEPS:,} steps", f"{left.steps:,}", hint=hint)
