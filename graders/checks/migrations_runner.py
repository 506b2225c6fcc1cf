"""Claims on a runner of migrations: in order, once each, whole or not at all, and never one that was changed."""

from __future__ import annotations

import hashlib

from graders import Mismatch, claim
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.techniques.crashes import sweep_crashes
from graders.techniques.schedules import called, run_in_order

APPLIED = "CREATE TABLE applied (number INTEGER PRIMARY KEY, digest TEXT NOT NULL);"
MIGRATIONS = [
    (
        2,
        [
            "CREATE TABLE orders (order_id INTEGER, customer_id INTEGER)",
            "CREATE INDEX of_customer ON orders (customer_id)",
        ],
    ),
    (1, ["CREATE TABLE customers (customer_id INTEGER)", "INSERT INTO customers VALUES (1)"]),
    (10, ["INSERT INTO orders SELECT 1, customer_id FROM customers", "ALTER TABLE orders ADD COLUMN cents INTEGER"]),
]
BROKEN = (11, ["CREATE TABLE returns (order_id INTEGER)", "INSERT INTO no_such_table VALUES (1)"])
DONE = {
    1: "SELECT count(*) FROM customers",
    2: "SELECT count(*) FROM sqlite_schema WHERE name IN ('orders', 'of_customer')",
    10: """SELECT (SELECT count(*) FROM pragma_table_info('orders') WHERE name = 'cents') + count(*) FROM orders""",
}
WHOLE = {1: 1, 2: 2, 10: 2}


def digest(statements: list[str]) -> str:
    """What the table `applied` keeps of a migration."""
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def _lab(applied: tuple[int, ...] = ()) -> SharedLab:
    """A database at which the migrations `applied` have been done."""
    known = dict(MIGRATIONS)
    schema = APPLIED + "".join(f"{statement};" for number in applied for statement in known[number])
    return open_shared_lab("SQLite", schema, {"applied": [(number, digest(known[number])) for number in applied]})


def _state(lab: SharedLab) -> tuple[list[int], list[str]]:
    """The numbers in `applied`, and the names of all tables and indexes."""
    applied, there = lab.outcomes(
        [
            "SELECT number FROM applied ORDER BY number",
            "SELECT name FROM sqlite_schema WHERE name <> 'applied' ORDER BY name",
        ]
    )
    if isinstance(applied, EngineError):
        raise Mismatch("a table `applied` that can be read", f"SQLite says: {applied.sentence}")
    return [number for (number,) in applied.rows], [name for (name,) in there.rows]


def _rightly_noted(lab: SharedLab) -> None:
    noted = dict(lab.execute("SELECT number, digest FROM applied").rows)
    for number, statements in MIGRATIONS:
        if noted[number] != digest(statements):
            raise Mismatch(f"the digest of migration {number} in `applied`", f"`{noted[number]!r:.80}`")


def _ran(migrate, lab: SharedLab, migrations: list) -> tuple[str, bool]:
    """What the function raised, "" for nothing, and whether it left a transaction open."""
    schedule = run_in_order(lab, {"runner": called(migrate, migrations)}, ())
    return schedule.failed.get("runner", ""), bool(schedule.left_open)


@claim("migrations-9", worth=1)
def applies_what_is_new(migrate):
    """it applies the migrations that are not applied yet, in the order of their numbers, and notes each of them"""
    for done in ((), (1,), (1, 2), (1, 2, 10)):
        with _lab(done) as lab:
            raised, left_open = _ran(migrate, lab, MIGRATIONS)
            if raised:
                _raised(raised, done)
            if left_open:
                hint = "What is not committed is undone when the connection closes. Where does each transaction end?"
                raise Mismatch("no open transaction at the end", "one that is open", hint=hint)
            numbers, names = _state(lab)
            if (numbers, names) != ([1, 2, 10], ["customers", "of_customer", "orders"]):
                raise Mismatch(
                    "migrations 1, 2 and 10 noted and done", f"{numbers} noted; there are {', '.join(names)}"
                )
            _rightly_noted(lab)


def _raised(words: str, done: tuple[int, ...]) -> None:
    if done:
        hint = "Some of the migrations are in `applied` already. Which of them does it run?"
    else:
        hint = "Migration 10 needs the tables of 1 and 2. In which order does it run them?"
    raise Mismatch(f"it to run with {len(done)} migrations applied", words, hint=hint)


def _between(lab: SharedLab) -> str:
    """An invariant: each migration is done as a whole and noted, or neither."""
    numbers, _ = _state(lab)
    for number, look in DONE.items():
        (found,) = lab.outcomes([look])
        done = 0 if isinstance(found, EngineError) else found.rows[0][0]
        if done not in (0, WHOLE[number]):
            return f"half of migration {number} is there"
        if bool(done) != (number in numbers):
            return f"migration {number} is {'done but not noted' if done else 'noted but not done'}"
    return ""


@claim("migrations-9", worth=2, after=applies_what_is_new)
def survives_a_power_cut(migrate):
    """after a power cut at any place each migration is done and noted or neither, and a second run completes them"""
    cut = sweep_crashes(lambda: _lab((1, 2)), called(migrate, MIGRATIONS), _between, rerun=_between).broken
    if not cut:
        return
    if "noted" in cut.broken:
        hint = "The migration and its note were not one transaction. Does `executescript`, or a COMMIT, end it early?"
        raise Mismatch("each migration done and noted, or neither", cut.words, hint=hint)
    hint = "Which statements belong together, so that none of them is kept without the others?"
    raise Mismatch("each migration done and noted, or neither", cut.words, hint=hint)


@claim("migrations-9", worth=1, after=applies_what_is_new)
def stops_at_a_failure(migrate):
    """when a statement is refused it raises the error, and the database is at the version before"""
    with _lab((1, 2)) as lab:
        raised, left_open = _ran(migrate, lab, [*MIGRATIONS, BROKEN])
        numbers, names = _state(lab)
    if not raised:
        hint = "Who starts the new application if nobody hears that the migration failed?"
        raise Mismatch("an exception when migration 11 fails", "none", hint=hint)
    if "returns" in names or numbers != [1, 2, 10] or left_open:
        found = "an open transaction" if left_open else f"{numbers} noted; there are {', '.join(names)}"
        hint = "Migration 11 failed in its second statement. Who takes its first one back?"
        raise Mismatch("migrations 1, 2 and 10, and nothing of 11", found, hint=hint)


@claim("migrations-9", worth=1, after=applies_what_is_new)
def refuses_a_changed_one(migrate):
    """if an applied migration has another digest now, it raises ValueError and applies nothing"""
    changed = [(number, [*statements, "SELECT 1"] if number == 1 else statements) for number, statements in MIGRATIONS]
    with _lab((1,)) as lab:
        raised, _ = _ran(migrate, lab, changed)
        numbers, _ = _state(lab)
    if "ValueError" not in raised:
        hint = "Migration 1 was edited after it had been applied. Where does `applied` keep what it was?"
        raise Mismatch("ValueError", raised or "no exception", hint=hint)
    if numbers != [1]:
        hint = "When is the digest compared: before the first migration is applied, or on the way?"
        raise Mismatch("nothing applied", f"{numbers} in `applied`", hint=hint)
