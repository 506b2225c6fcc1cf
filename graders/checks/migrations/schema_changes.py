"""Claims on migrations written as SQL scripts and as a revision of Alembic, judged by the databases they make."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.figures.migrations import draw_schema_difference
from graders.kernel.answers import catch_mismatch, to_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.labs import EngineError, Lab, Result, open_image
from graders.labs.lab import Row
from graders.sandbox import SandboxedFunction
from graders.sandbox.errors import SandboxError
from graders.techniques.migrations import (
    Change,
    Data,
    DatabaseState,
    Fault,
    Migration,
    MigrationRun,
    compare_states,
    read_migration,
    read_state,
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


ALEMBIC_OTHERS = """
CREATE INDEX customers_by_name ON customers (name);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
"""
ALEMBIC_BEFORE = f"""
CREATE TABLE customers (
    customer_id INTEGER NOT NULL PRIMARY KEY,
    name        VARCHAR(80) NOT NULL,
    email       VARCHAR(80)
);
{ALEMBIC_OTHERS}"""
ALEMBIC_AFTER = f"""
CREATE TABLE customers (
    customer_id INTEGER NOT NULL PRIMARY KEY,
    name        VARCHAR(80) NOT NULL,
    email       VARCHAR(254) NOT NULL,
    status      VARCHAR(20) NOT NULL DEFAULT 'active'
);
{ALEMBIC_OTHERS}"""
NO_EMAIL = "nobody@example.com"
OLD_APP = (
    "INSERT INTO customers (customer_id, name, email) VALUES (90, 'Mei', 'm@example.com')",
    "SELECT status FROM customers WHERE customer_id = 90",
)


def _expect_after_upgrade(data: Data) -> Data:
    customers = [(number, name, email or NO_EMAIL, "active") for number, name, email in data["customers"]]
    return {"customers": customers, "alembic_version": [("0002",)]}


def _expect_after_downgrade(data: Data) -> Data:
    """The rows after downgrade: the e-mails that upgrade gave stay."""
    customers = [(number, name, email or NO_EMAIL) for number, name, email in data["customers"]]
    return {"customers": customers, "alembic_version": [("0001",)]}


@lru_cache(maxsize=2)
def make_revision(seed: int) -> tuple[Change, Change]:
    """The changes of `alembic-revision`: up, and from there down again."""
    snapshots = {"filled": _at_first_revision(_draw_mailing_list(seed)), "empty": _at_first_revision([])}
    upgrade = Change(ALEMBIC_BEFORE, ALEMBIC_AFTER, snapshots, _expect_after_upgrade)
    return upgrade, Change(ALEMBIC_BEFORE, ALEMBIC_BEFORE, snapshots, _expect_after_downgrade)


def _at_first_revision(customers: list[Row]) -> Data:
    return {"customers": customers, "alembic_version": [("0001",)]}


def _draw_mailing_list(seed: int) -> list[Row]:
    """Customers with gaps between their numbers, of whom two have no e-mail."""
    rng = random.Random(seed)
    people = [*draw_people(rng, rng.randint(3, 7)), "Dara O'Brien"]
    without = rng.sample(people, 2)
    numbers = sorted(rng.sample(range(1, 90), len(people)))
    return [
        (number, name, None if name in without else f"c{rng.randrange(10**6)}@example.com")
        for number, name in zip(numbers, people, strict=True)
    ]


@dataclass(frozen=True)
class Database:
    """A database that a revision has made of a snapshot."""

    image: bytes
    """Its file."""
    state: DatabaseState
    goal: DatabaseState
    """The state that was asked for."""
    old_app: list[Result | EngineError]
    """What becomes of the old application's statements."""


@dataclass(frozen=True)
class RevisionRun:
    """What a revision makes of each snapshot, by its name; only what was upgraded well is downgraded."""

    upgraded: dict[str, Database | Mismatch]
    downgraded: dict[str, Database | Mismatch]
    upgraded_again: dict[str, Database | Mismatch]


@experiment("alembic-revision")
def run_revision(attempt: Attempt) -> RevisionRun:
    """Upgrade each snapshot and, where that is right, downgrade it and upgrade it again."""
    upgrade, downgrade = make_revision(attempt.seed)
    go_up = partial(_migrate, attempt.answer, "up", upgrade)
    go_down = partial(_migrate, attempt.answer, "down", downgrade)
    up = {name: catch_mismatch(partial(go_up, name, _snapshot_image(upgrade, name))) for name in upgrade.snapshots}
    right = [one for one in up.values() if isinstance(one, Database) and one.state == one.goal]
    if len(right) < len(up):
        return RevisionRun(up, {}, {})
    down, again = {}, {}
    for name, upgraded in zip(up, right, strict=True):
        down[name] = one = catch_mismatch(partial(go_down, name, upgraded.image))
        if isinstance(one, Database):
            again[name] = catch_mismatch(partial(go_up, name, one.image))
    return RevisionRun(up, down, again)


def _snapshot_image(change: Change, snapshot: str) -> bytes:
    with change.open(snapshot) as lab:
        return lab.image()


def _migrate(function: SandboxedFunction, direction: str, change: Change, snapshot: str, image: bytes) -> Database:
    """The database that the function makes of `image`."""
    try:
        file = function(image, direction)
    except SandboxError as error:
        mismatch = to_mismatch(error)
        expected = f"{direction}grade to run on the {snapshot} snapshot"
        raise Mismatch(expected, mismatch.found, hint=_hint_at_exception(mismatch.found)) from None
    if not isinstance(file, bytes) or not file.startswith(b"SQLite format 3"):
        raise Mismatch("`migrate` to give the database back", f"{type(file).__name__}")
    try:
        with open_image(file) as lab:
            return Database(file, read_state(lab), change.goal(snapshot), lab.outcomes(OLD_APP))
    except EngineError as error:
        raise Mismatch("a database that can be read", f"SQLite says: {error}") from None


def _hint_at_exception(exception: str) -> str:
    if "CommandError" in exception:
        return "Alembic goes from revision to revision along one chain. Which one does yours come behind?"
    if "IntegrityError" in exception:
        return "The table has rows. Which value does a column that is NOT NULL get in them, and who says so?"
    if "OperationalError" in exception or "NotImplementedError" in exception:
        return (
            "SQLite cannot change the type of a column in place. Which context manager of Alembic rebuilds the table?"
        )
    return ""


@claim(run_revision, weight=2)
def upgrade_gives_new_schema(run: RevisionRun) -> None:
    """`upgrade head` gives the schema and the rows asked for, on a table with rows and on an empty one"""
    for name, database in run.upgraded.items():
        one = raise_if_mismatch(database)
        _raise_fault(compare_states(one.goal, one.state, f"after upgrade, on the {name} snapshot"))


def _raise_fault(fault: Fault | None) -> None:
    if not fault:
        return
    if fault.kind == "column changed" and "DEFAULT" in fault.found + fault.expected and "status" in fault.expected:
        hint = "`default=` is for Python's objects. Which argument puts the default into the table?"
        raise Mismatch(fault.expected, fault.found, hint=hint)
    if "alembic_version" in fault.expected:
        hint = "Alembic notes the name that a revision gives itself. What is yours called?"
        raise Mismatch(fault.expected, fault.found, hint=hint, tables=fault.tables)
    raise fault


@claim(run_revision, after=upgrade_gives_new_schema)
def old_application_still_writes(run: RevisionRun) -> None:
    """the old application, which knows nothing of `status`, can still add a customer after it"""
    outcomes = raise_if_mismatch(run.upgraded["filled"]).old_app
    rows: list[Row] = []
    for outcome in outcomes:
        if isinstance(outcome, EngineError):
            raise Mismatch("an active customer", f"SQLite says: {outcome}")
        rows = outcome.rows
    if rows != [("active",)]:
        raise Mismatch("an active customer", f"{rows}")


@claim(run_revision, after=upgrade_gives_new_schema)
def downgrade_restores_old_schema(run: RevisionRun) -> None:
    """`downgrade -1` gives the old schema back, keeps every customer, and `upgrade head` runs once more"""
    for name, database in run.downgraded.items():
        one = raise_if_mismatch(database)
        fault = compare_states(one.goal, one.state, f"after downgrade, on the {name} snapshot")
        if fault and fault.schemas:
            hint = "Downgrade takes back every change of upgrade. Which one is left?"
            raise Mismatch(fault.expected, fault.found, hint=hint)
        _raise_fault(fault)
        raise_if_mismatch(run.upgraded_again[name])
