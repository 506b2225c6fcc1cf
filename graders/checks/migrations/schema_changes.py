"""Claims on migrations written as SQL scripts, judged by the databases that they make."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from functools import lru_cache

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.figures.migrations import draw_schema_difference
from graders.labs import Lab
from graders.techniques.migrations import (
    Change,
    Data,
    Fault,
    Migration,
    MigrationRun,
    read_migration,
    run_migration,
)

FIRST = ("Ada", "Ben", "Carla", "Mei", "Joris")
LAST = ("Okafor", "Sato", "Ruiz", "van der Berg", "O'Brien")
NASTY = ("Prince", "Ludwig van der Berg", None, "Dara O'Brien", "Bo  Li", "")
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
ORDERS = """
CREATE TABLE orders (
    order_id    INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    cents       INTEGER NOT NULL
);
"""


def split_name(name: str | None) -> tuple[str | None, str | None]:
    """The first and the last name of `name`: what is before its first space, and what is behind it, or None."""
    if name is None:
        return None, None
    first, space, last = name.partition(" ")
    return first, last if space else None


def draw_people(rng: random.Random, count: int) -> list[str]:
    """The whole names of `count` people, each of at least two words; the last is a stranger."""
    return [*(f"{rng.choice(FIRST)} {rng.choice(LAST)}" for _ in range(count - 1)), draw_stranger(rng)]


def draw_stranger(rng: random.Random) -> str:
    """A name of two words that is in no list, so that nobody can look its parts up."""
    return " ".join("".join(rng.choices(string.ascii_lowercase, k=6)).title() for _ in range(2))


def raise_fault(fault: Mismatch | None) -> None:
    """Raise the fault, if there is one; where a schema is wrong, with a picture of how it differs."""
    if isinstance(fault, Fault) and fault.schemas:
        raise fault.with_picture(str(draw_schema_difference(*fault.schemas)))
    if fault:
        raise fault


@lru_cache(maxsize=2)
def make_name_split(seed: int) -> Change:
    """The change of `split-the-name`: one column for a name becomes two."""
    rng = random.Random(seed)
    typical, word = draw_people(rng, 110), draw_stranger(rng).split()[0]
    odd = [f"{word} ", f" {word}", f"{word} {word}", f"{word} x {word} x ", " ".join([word] * 20)]
    nasty = [*NASTY, *rng.sample(odd, len(odd))]
    snapshots = {"empty": _customers(()), "typical": _customers(typical), "nasty": _customers(nasty)}
    return Change(WHOLE + ORDERS, SPLIT + ORDERS, snapshots, _split_names)


def _customers(names: Sequence[str | None]) -> Data:
    customers = [(number, name, f"c{number}@example.com") for number, name in enumerate(names, 1)]
    return {"customers": customers, "orders": [(number, number, 100 * number) for number in range(1, len(names) + 1)]}


def _split_names(data: Data) -> Data:
    customers = [(number, *split_name(name), email) for number, name, email in data["customers"]]
    return {"customers": customers, "orders": data["orders"]}


@lab_for("split-the-name")
def open_whole_names(seed: int) -> Lab:
    """The nasty customers, with their names in one column."""
    return make_name_split(seed).open("nasty")


@experiment("split-the-name")
def run_split(attempt: Attempt) -> MigrationRun:
    """Run the migration up and down, and with power cuts."""
    return run_migration(make_name_split(attempt.seed), read_migration(attempt.answer))


@claim(run_split, weight=2)
def splits_every_name(run: MigrationRun) -> None:
    """up gives every customer the two names, and the schema asked for, on an empty, a typical and a nasty snapshot"""
    raise_fault(run.up)


@claim(run_split, after=splits_every_name)
def down_restores_everything(run: MigrationRun) -> None:
    """down gives the old schema and the old rows back, all or nothing, and up runs again"""
    raise_fault(run.down or run.cut_down)


@claim(run_split, after=splits_every_name)
def up_is_all_or_nothing(run: MigrationRun) -> None:
    """a power cut before any statement of up leaves the old version or the new one"""
    raise_fault(run.cut_up)


LOOSE = "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);"
STRICTER = """CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL,
    email TEXT NOT NULL CHECK (email LIKE '%@%'));"""
DEPENDENTS = """
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
NOBODY = "nobody@example.com"


@lru_cache(maxsize=2)
def make_table_rebuild(seed: int) -> Change:
    """The change of `rebuild-the-table`: an e-mail becomes NOT NULL with a CHECK, which SQLite cannot add."""
    rng = random.Random(seed)
    typical = [(number, f"Ada {number}", f"a{number}@example.com") for number in rng.sample(range(1, 900), 110)]
    names = ("Prince", "O'Brien", " Bo  Li ", "")
    unknown, again, *numbers = rng.sample(range(1, 900), 2 + len(names))
    known = [(n, name, f"C{n}@Example.com") for n, name in zip(numbers, names, strict=True)]
    nasty = [(unknown, "Prince", None), (again, "Prince", None), *known]
    snapshots = {"empty": _with_orders([]), "typical": _with_orders(typical), "nasty": _with_orders(nasty)}
    return Change(LOOSE + DEPENDENTS, STRICTER + DEPENDENTS, snapshots, _give_emails)


def _with_orders(customers: list[tuple]) -> Data:
    orders = [(number, row[0]) for number, row in enumerate(customers * 2, 1)]
    return {"customers": customers, "orders": orders, "history": [(2, "old@example.com")][: len(customers)]}


def _give_emails(data: Data) -> Data:
    return {**data, "customers": [(*row[:2], row[2] or NOBODY) for row in data["customers"]]}


@lab_for("rebuild-the-table")
def open_loose_customers(seed: int) -> Lab:
    """The nasty customers, two of them with one name and no e-mail."""
    return make_table_rebuild(seed).open("nasty")


@experiment("order-the-rebuild")
def run_ordered_rebuild(attempt: Attempt) -> MigrationRun:
    """Run the steps in the order that was given, and run them with power cuts."""
    return run_migration(make_table_rebuild(attempt.seed), Migration(attempt.answer))


@claim(run_ordered_rebuild, weight=2)
def order_keeps_everything_else(run: MigrationRun) -> None:
    """your order makes the rule, and keeps every row, index, trigger, view and foreign key"""
    raise_fault(run.up)


@claim(run_ordered_rebuild, after=order_keeps_everything_else)
def order_is_all_or_nothing(run: MigrationRun) -> None:
    """a power cut before any statement of it leaves the old version or the new one"""
    raise_fault(run.cut_up)


@experiment("rebuild-the-table")
def run_rebuild(attempt: Attempt) -> MigrationRun:
    """Run the script, and run it with power cuts."""
    return run_migration(make_table_rebuild(attempt.seed), Migration(attempt.answer))


@claim(run_rebuild, weight=3)
def keeps_everything_else(run: MigrationRun) -> None:
    """your script makes the rule, and keeps every row, index, trigger, view and foreign key"""
    raise_fault(run.up)


@claim(run_rebuild, after=keeps_everything_else)
def rebuild_is_all_or_nothing(run: MigrationRun) -> None:
    """a power cut before any statement of it leaves the old version or the new one"""
    raise_fault(run.cut_up)
