"""Claims on steps put in order: a delivery is taken in, doubles go, and one UNIQUE index stays."""

from __future__ import annotations

import random

from graders import Mismatch, claim, lab_for
from graders.checks.indexing.work import own_indexes
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_lab

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
MOST_STEPS = 100_000
OLDEST = "SELECT min(copy_id), barcode FROM copies GROUP BY barcode ORDER BY barcode"
ALL = "SELECT copy_id, barcode FROM copies ORDER BY barcode, copy_id"
STATISTICS = "SELECT tbl, idx, stat FROM sqlite_stat1 WHERE tbl = 'copies' ORDER BY idx"


@lab_for("indexing-14")
def delivery(seed: int) -> Lab:
    """Copies and a delivery, in both of which some barcodes stand twice."""
    rng = random.Random(seed)
    copies = [(number, rng.randint(1, BARCODES), "Dune") for number in range(1, COPIES + 1)]
    delivered = [(rng.randint(1, BARCODES), "Emma") for _ in range(DELIVERED)]
    return open_lab("SQLite", SCHEMA, {"copies": copies, "delivery": delivered})


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


@claim("indexing-14", worth=0)
def steps_run(lab, answer):
    """SQLite runs your steps in this order"""
    _run(lab, answer)


@claim("indexing-14", worth=1, after=steps_run)
def every_barcode_once(lab, answer):
    """after them each barcode stands once, delivered or not, with its oldest copy"""
    with lab_copy(lab) as other:
        other.run("INSERT INTO copies (barcode, title) SELECT barcode, title FROM delivery")
        asked = other.execute(OLDEST).rows
    _run(lab, answer)
    found = lab.execute(ALL).rows
    if found != asked:
        doubled = len(found) - len({barcode for _, barcode in found})
        raise Mismatch(
            f"{len(asked)} copies, each with a barcode of its own",
            f"{len(found)} copies, {doubled} of them with a barcode that an older one has",
            hint="Which step takes doubles out, and what came into the table after it?"
            if doubled
            else "Has everything been taken in that is to be there?",
        )


def lab_copy(lab: Lab) -> Lab:
    """A lab of its own with the same tables and rows."""
    return open_lab(
        "SQLite", SCHEMA, {table: lab.execute(f"SELECT * FROM {table}").rows for table in ("copies", "delivery")}
    )


@claim("indexing-14", worth=1, after=steps_run)
def one_index_keeps_it_so(lab, answer):
    """a second copy of a barcode is refused, and one index is left"""
    _run(lab, answer)
    left = own_indexes(lab)
    barcode = lab.execute("SELECT min(barcode) FROM copies").rows[0][0]
    try:
        lab.execute(f"INSERT INTO copies (barcode, title) VALUES ({barcode}, 'Dune')")
    except EngineError:
        if len(left) == 1:
            return
        other = next(name for name in left if name != "copies_by_barcode")
        hint = f"What is `{other}` still good for, beside an index on the same column?"
        raise Mismatch("one index", f"{len(left)}: {', '.join(left)}", hint=hint) from None
    hint = "Two copies of one barcode have different numbers. Which of your indexes minds that?" if left else ""
    raise Mismatch("the second copy refused", "it was accepted", hint=hint)


@claim("indexing-14", worth=0.5, after=one_index_keeps_it_so)
def statistics_are_fresh(lab, answer):
    """the statistics know the table and its index as they are at the end"""
    _run(lab, answer)
    known = lab.execute(STATISTICS).rows if "sqlite_stat1" in _all_tables(lab) else []
    lab.run("ANALYZE")
    true = lab.execute(STATISTICS).rows
    if known != true:
        shown = [Table("what the statistics say", ("table", "index", "rows"), known)] if known else []
        hint = "ANALYZE writes down what is there at that moment. What comes after it?" if known else ""
        raise Mismatch("statistics of the last moment", "older ones" if known else "none", hint=hint, tables=shown)


def _all_tables(lab: Lab) -> list[str]:
    return [name for (name,) in lab.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").rows]


@claim("indexing-14", worth=0.5, after=every_barcode_once)
def takes_few_steps(lab, answer):
    """all of it takes at most 100,000 steps of SQLite"""
    taken = _run(lab, answer)
    if taken > MOST_STEPS:
        hint = "For each copy the DELETE asks for an older one. How many copies does it read to find out?"
        raise Mismatch(f"at most {MOST_STEPS:,} steps", f"{taken:,}", hint=hint)
