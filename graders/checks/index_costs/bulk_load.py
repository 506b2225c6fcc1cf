"""Claims on steps put in order: a delivery is loaded, duplicates go, and one UNIQUE index stays."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.index_costs.step_counts import read_index_names
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
COPIES, DELIVERED, MAX_BARCODE = 450, 150, 500
MAX_STEPS = 100_000
OLDEST = "SELECT min(copy_id), barcode FROM copies GROUP BY barcode ORDER BY barcode"
ALL = "SELECT copy_id, barcode FROM copies ORDER BY barcode, copy_id"
STATISTICS = "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl = 'copies' ORDER BY idx"


@lab_for("clean-the-barcodes")
def open_delivery(seed: int) -> Lab:
    """Copies and a delivery, in both of which some barcodes occur twice."""
    rng = random.Random(seed)
    copies = [(number, rng.randint(1, MAX_BARCODE), "Dune") for number in range(1, COPIES + 1)]
    delivered = [(rng.randint(1, MAX_BARCODE), "Emma") for _ in range(DELIVERED)]
    return open_lab("SQLite", SCHEMA, {"copies": copies, "delivery": delivered})


@dataclass(frozen=True)
class LoadResult:
    """What there is after the steps."""

    steps: int
    """How many of SQLite's steps they took together."""
    copies: list[Row]
    """The number and the barcode of each copy."""
    expected: list[Row]
    indexes: list[str]
    statistics: list[Row]
    """What the statistics say of the copies and their indexes."""
    true_statistics: list[Row]
    rejects_duplicates: bool


@experiment("clean-the-barcodes", condition="SQLite runs your steps in this order")
def load_delivery(attempt: Attempt) -> LoadResult:
    """Run the steps, and look at the copies, their indexes and their statistics."""
    with open_delivery(attempt.seed) as lab:
        expected = _compute_expected_copies(lab)
        steps = _run(lab, attempt.answer)
        copies, indexes = lab.execute(ALL).rows, read_index_names(lab)
        statistics = lab.execute(STATISTICS).rows if "sqlite_stat1" in _all_tables(lab) else []
        lab.run("ANALYZE")
        return LoadResult(
            steps, copies, expected, indexes, statistics, lab.execute(STATISTICS).rows, _rejects_duplicates(lab)
        )


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


def _compute_expected_copies(lab: Lab) -> list[Row]:
    """The oldest copy of each barcode, delivered or not."""
    rows = {table: lab.execute(f"SELECT * FROM {table}").rows for table in ("copies", "delivery")}
    with open_lab("SQLite", SCHEMA, rows) as copy:
        copy.run("INSERT INTO copies (barcode, title) SELECT barcode, title FROM delivery")
        return copy.execute(OLDEST).rows


def _all_tables(lab: Lab) -> list[str]:
    return [name for (name,) in lab.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").rows]


def _rejects_duplicates(lab: Lab) -> bool:
    barcode = lab.execute("SELECT min(barcode) FROM copies").rows[0][0]
    (outcome,) = lab.outcomes([f"INSERT INTO copies (barcode, title) VALUES ({barcode}, 'Dune')"])
    return isinstance(outcome, EngineError)


@claim(load_delivery)
def every_barcode_is_unique(result: LoadResult) -> None:
    """in the end each barcode occurs once, delivered or not, with its oldest copy"""
    if result.copies != result.expected:
        doubled = len(result.copies) - len({barcode for _, barcode in result.copies})
        raise Mismatch(
            f"{len(result.expected)} copies, each with a barcode of its own",
            f"{len(result.copies)} copies, {doubled} of them with a barcode that an older one has",
            hint="Which step deletes duplicates, and what came into the table after it?"
            if doubled
            else "Are the books of the delivery among the copies?",
        )


@claim(load_delivery)
def one_index_enforces_uniqueness(result: LoadResult) -> None:
    """a second copy of a barcode is refused, and one index is left"""
    if result.rejects_duplicates and len(result.indexes) == 1:
        return
    if result.rejects_duplicates:
        other = next(name for name in result.indexes if name != "copies_by_barcode")
        hint = f"What is `{other}` still good for, beside an index on the same column?"
        raise Mismatch("one index", f"{len(result.indexes)}: {', '.join(result.indexes)}", hint=hint)
    hint = (
        "Two copies of one barcode have different numbers. Which of your indexes would refuse the second?"
        if result.indexes
        else ""
    )
    raise Mismatch("the second copy refused", "it was accepted", hint=hint)


@claim(load_delivery, weight=0.5, after=one_index_enforces_uniqueness)
def statistics_are_up_to_date(result: LoadResult) -> None:
    """the statistics are those of the table and its index at the end"""
    if result.statistics != result.true_statistics:
        columns = ("table", "index", "rows")
        tables = [Table("what the statistics say", columns, result.statistics)] if result.statistics else []
        hint = "ANALYZE writes down what is there at that moment. What comes after it?" if result.statistics else ""
        found = "older ones" if result.statistics else "none"
        raise Mismatch("statistics of the end", found, hint=hint, tables=tables)


@claim(load_delivery, weight=0.5, after=every_barcode_is_unique)
def takes_few_steps(result: LoadResult) -> None:
    """all of it takes at most 100,000 steps of SQLite"""
    if result.steps > MAX_STEPS:
        hint = "For each copy the DELETE asks for an older one. How many copies does it read to find out?"
        raise Mismatch(f"at most {MAX_STEPS:,} steps", f"{result.steps:,}", hint=hint)
