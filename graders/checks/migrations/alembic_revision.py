"""Claims on a revision of Alembic, up and down, judged by the databases that it makes and the applications on them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache, partial

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.migrations.schema_changes import draw_people
from graders.kernel.answers import catch_mismatch, to_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.labs import EngineError, Result, open_image
from graders.labs.lab import Row
from graders.sandbox import SandboxedFunction
from graders.sandbox.errors import SandboxError
from graders.techniques.migrations import Change, Data, DatabaseState, Fault, compare_states, read_state

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
