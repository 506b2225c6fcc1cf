"""Claims on migrations in SQL: a name split in two and back again, and a table rebuilt with all that hangs on it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from graders import claim, lab_for
from graders.checks.migrations import alembic as migrations_alembic
from graders.checks.migrations import backfill as migrations_backfill
from graders.checks.migrations import linting as migrations_linting
from graders.checks.migrations import plans as migrations_plans
from graders.checks.migrations import runner as migrations_runner
from graders.checks.migrations import swap as migrations_swap
from graders.checks.migrations import triggers as migrations_triggers
from graders.checks.migrations.names import in_two, people_of
from graders.figures.migration_pictures import draw_difference
from graders.labs import Lab
from graders.techniques.migrations import (
    Change,
    Fault,
    difference,
    read_migration,
    read_schema,
    torn_by_a_cut,
    wrong_after_down,
    wrong_after_up,
)

__all__ = [
    "migrations_alembic",
    "migrations_backfill",
    "migrations_linting",
    "migrations_plans",
    "migrations_runner",
    "migrations_swap",
    "migrations_triggers",
]

REST = """
CREATE TABLE orders (
    order_id    INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    cents       INTEGER NOT NULL
);
"""
WHOLE = """
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY,
    fullname    TEXT,
    email       TEXT NOT NULL UNIQUE
);
CREATE INDEX customers_by_name ON customers (fullname);
"""
SPLIT = """
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY,
    first_name  TEXT,
    last_name   TEXT,
    email       TEXT NOT NULL UNIQUE
);
CREATE INDEX customers_by_name ON customers (last_name, first_name);
"""
NASTY = ("Prince", "Ludwig van der Berg", None, "Dara O'Brien", "Bo  Li", "")


def _customers(names: Sequence[str | None]) -> dict[str, list[tuple]]:
    customers = [(number, name, f"c{number}@example.com") for number, name in enumerate(names, 1)]
    return {"customers": customers, "orders": [(number, number, 100 * number) for number in range(1, len(names) + 1)]}


def _split(data):
    customers = [(number, *in_two(name), email) for number, name, email in data["customers"]]
    return {"customers": customers, "orders": data["orders"]}


def splitting(seed: int) -> Change:
    """The change of exercise 3: one column for a name becomes two."""
    rng = random.Random(seed)
    snapshots = {"empty": _customers(()), "typical": _customers(people_of(rng, 4)), "nasty": _customers(NASTY)}
    return Change(WHOLE + REST, SPLIT + REST, snapshots, _split)


@lab_for("migrations-3")
def customers_in_one(seed: int) -> Lab:
    """The nasty customers, with their names in one column."""
    return splitting(seed).opened("nasty")


def told(fault: Fault | None, change: Change | None = None, script: str = "") -> None:
    """Raise the fault, if there is one; where the schema is wrong, with a picture of how it differs."""
    if fault is None:
        return
    picture = ""
    if (
        change
        and fault.kind.endswith((" lost", " left", " changed"))
        and fault.kind not in ("rows lost", "row changed")
    ):
        with change.opened("empty") as lab:
            lab.run(script)
            asked, found = change.goal["empty"].schema, read_schema(lab)
        picture = str(draw_difference(asked, found)) if difference(asked, found) else ""
    raise fault.mismatch(picture)


@claim("migrations-3", worth=2)
def splits_every_name(script, seed):
    """up gives every customer the two names, and the schema asked for, on an empty, a typical and a nasty snapshot"""
    change, up = splitting(seed), read_migration(script).up
    told(wrong_after_up(change, up), change, up)


@claim("migrations-3", worth=1, after=splits_every_name)
def comes_back(script, seed):
    """down gives the old schema and the old rows back, all or nothing, and up runs again"""
    change, migration = splitting(seed), read_migration(script)
    told(wrong_after_down(change, migration))
    told(torn_by_a_cut(change, migration.down, down=True))


@claim("migrations-3", worth=1, after=splits_every_name)
def up_is_all_or_nothing(script, seed):
    """a power cut before any statement of up leaves the old version or the new one"""
    told(torn_by_a_cut(splitting(seed), read_migration(script).up))


AROUND = """
CREATE TABLE orders (
    order_id    INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id) ON DELETE CASCADE
);
CREATE TABLE history (customer_id INTEGER, old_email TEXT);
CREATE INDEX customers_by_name ON customers (name);
CREATE TRIGGER customers_moved AFTER UPDATE OF email ON customers BEGIN
    INSERT INTO history VALUES (old.customer_id, old.email);
END;
CREATE VIEW mailing AS SELECT name, email FROM customers;
"""
LOOSE = "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);"
STRICTER = """CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL,
    email TEXT NOT NULL CHECK (email LIKE '%@%'));"""
NOBODY = "nobody@example.com"


def rebuilding(seed: int) -> Change:
    """The change of exercise 5: an e-mail becomes NOT NULL and gets a CHECK, which SQLite cannot add to a table."""
    rng = random.Random(seed)
    some = [(number, f"Ada {number}", f"a{number}@example.com") for number in rng.sample(range(1, 90), 3)]
    nasty = [(1, "Prince", None), (2, "O'Brien", "o@example.com"), (7, "Prince", "p@example.com")]

    def data(rows):
        orders = [(number, row[0]) for number, row in enumerate(rows * 2, 1)]
        return {"customers": rows, "orders": orders, "history": [(2, "old@example.com")][: len(rows)]}

    def moved(given):
        return {**given, "customers": [(*row[:2], row[2] or NOBODY) for row in given["customers"]]}

    snapshots = {"empty": data([]), "typical": data(some), "nasty": data(nasty)}
    return Change(LOOSE + AROUND, STRICTER + AROUND, snapshots, moved)


@lab_for("migrations-5")
def customers_without_rule(seed: int) -> Lab:
    """The nasty customers, one of them without an e-mail."""
    return rebuilding(seed).opened("nasty")


@claim("migrations-5", worth=3)
def keeps_everything_else(script, seed):
    """your script makes the rule, and keeps every row, index, trigger, view and foreign key"""
    change = rebuilding(seed)
    told(wrong_after_up(change, script), change, script)


@claim("migrations-5", worth=1, after=keeps_everything_else)
def rebuild_is_all_or_nothing(script, seed):
    """a power cut before any statement of it leaves the old version or the new one"""
    told(torn_by_a_cut(rebuilding(seed), script))
