"""Claims on a repaired executor of migrations: what fails is raised, and undone only as far as it was done."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.migrations.schema_changes import draw_stranger
from graders.kernel.report import Table
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.power_cuts import CrashSweep, sweep_crashes
from graders.techniques.schedules import CallRecord, make_script, run_call

SCHEMA = "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT);"
BACKUP = "CREATE TABLE backup AS SELECT * FROM customers"
ADD_STATUS = "ALTER TABLE customers ADD COLUMN status TEXT"
UPGRADE = (ADD_STATUS, "UPDATE customers SET status = 'active'")
DOWNGRADE = ("ALTER TABLE customers DROP COLUMN status",)


@dataclass(frozen=True)
class Customers:
    """The table of customers, and its backup; no columns where there is no such table."""

    columns: tuple[str, ...]
    rows: list[Row]
    backup: list[Row]


@dataclass(frozen=True)
class Case:
    """A database, and an upgrade of it."""

    words: str
    setup: str = ""
    """What is done before the call, in SQL."""
    upgrade: tuple[str, ...] = UPGRADE


LONG_UPGRADE = (
    "ALTER TABLE customers ADD COLUMN status_0 TEXT",
    *(f"ALTER TABLE customers RENAME COLUMN status_{number} TO status_{number + 1}" for number in range(10)),
    "ALTER TABLE customers RENAME COLUMN status_10 TO status",
    UPGRADE[1],
)
SOUND = (
    Case("a table with rows"),
    Case("an empty table", "DELETE FROM customers;"),
    Case("many statements, of which each needs the one before", upgrade=LONG_UPGRADE),
)
FAILING = (
    Case(
        "the backup fails, and customers had a status before",
        f"{ADD_STATUS}; UPDATE customers SET status = 'vip'; CREATE TABLE backup (of_yesterday);",
    ),
    Case("the upgrade fails at its second statement", upgrade=(ADD_STATUS, "UPDATE no_such_table SET status = 1")),
    Case(
        "one row of several gets a status",
        upgrade=(ADD_STATUS, "UPDATE customers SET name = upper(name), status = 'active' WHERE customer_id = 1"),
    ),
    Case(
        "the last customer gets no status",
        upgrade=(ADD_STATUS, "UPDATE customers SET status = 'new' WHERE customer_id < 3"),
    ),
    Case(
        "the first customer gets no status",
        upgrade=(ADD_STATUS, "UPDATE customers SET status = 'new' WHERE customer_id > 1"),
    ),
    Case("the verification cannot be run", upgrade=(*UPGRADE, "ALTER TABLE customers RENAME TO people")),
)


@dataclass(frozen=True)
class Execution:
    """How a call with one case ended."""

    case: Case
    before: Customers
    record: CallRecord[Customers]


@lab_for("repair-the-executor")
def open_named_customers(seed: int) -> SharedLab:
    """Three customers without a status, in a database for several sessions."""
    rng = random.Random(seed)
    rows: list[Row] = [(number, draw_stranger(rng)) for number in range(1, 4)]
    return open_shared_lab("SQLite", SCHEMA, {"customers": rows})


def _read_customers(lab: SharedLab) -> Customers:
    customers, backup = lab.outcomes(["SELECT * FROM customers ORDER BY 1", "SELECT * FROM backup ORDER BY 1"])
    kept = [] if isinstance(backup, EngineError) else backup.rows
    if isinstance(customers, EngineError):
        return Customers((), [], kept)
    return Customers(tuple(lab.columns("customers")), customers.rows, kept)


def _execute_each(attempt: Attempt, cases: tuple[Case, ...]) -> list[Execution]:
    with open_named_customers(attempt.seed) as lab:
        return [_execute(attempt, lab, case) for case in cases]


def _execute(attempt: Attempt, lab: SharedLab, case: Case) -> Execution:
    lab.rewind()
    lab.run(case.setup)
    before = _read_customers(lab)
    upgrade, downgrade = list(case.upgrade), list(DOWNGRADE)
    return Execution(case, before, run_call(lab, attempt.answer, BACKUP, upgrade, downgrade, read=_read_customers))


@experiment("repair-the-executor")
def execute_sound_upgrades(attempt: Attempt) -> list[Execution]:
    """Execute an upgrade in which nothing fails."""
    return _execute_each(attempt, SOUND)


@claim(execute_sound_upgrades, weight=0.5)
def keeps_a_sound_upgrade(executions: list[Execution]) -> None:
    """an upgrade in which nothing fails stays, on a table with rows and on an empty one, and a backup was made"""
    for execution in executions:
        words, record = execution.case.words, execution.record
        if record.exception:
            raise Mismatch(f"{words}: no exception", record.exception)
        if record.left_open:
            hint = "What is not committed is undone when the connection closes. Where does the transaction end?"
            raise Mismatch("no open transaction at the end", "one that is open", hint=hint)
        if "status" not in record.state.columns:
            hint = "How many rows of an empty table are filled, and how many are wrong? Which number should be 0?"
            raise Mismatch(f"{words}: a column `status` afterwards", "no such column", hint=_unless_filled(words, hint))
        if record.state.rows != [(*row, "active") for row in execution.before.rows]:
            raise Mismatch(f"{words}: every customer is active", "other rows", tables=_tables(record.state))
        if record.state.backup != execution.before.rows:
            hint = "What would you restore if a disk fails tonight? Which argument makes the copy, and when is it run?"
            raise Mismatch(f"{words}: the rows from before the upgrade in `backup`", "other rows, or none", hint=hint)


def _unless_filled(words: str, hint: str) -> str:
    return hint if words == SOUND[1].words else ""


def _tables(customers: Customers) -> list[Table]:
    return [Table("customers", customers.columns, customers.rows)] if customers.columns else []


@experiment("repair-the-executor")
def execute_failing_upgrades(attempt: Attempt) -> list[Execution]:
    """Execute upgrades in which the backup, a statement, or the verification fails."""
    return _execute_each(attempt, FAILING)


@claim(execute_failing_upgrades, after=keeps_a_sound_upgrade)
def raises_what_failed(executions: list[Execution]) -> None:
    """when the backup, the upgrade or the verification fails, the call ends with an exception"""
    for execution in executions:
        if not execution.record.exception:
            hint = "Who starts the new application, if nobody hears of the failure?"
            if execution.case is FAILING[2]:
                hint = "Does one good row prove the others? Which rows would show that the upgrade went wrong?"
            elif execution.case in FAILING[3:5]:
                hint = "One customer of three is left without a status. At which rows does your verification look?"
            raise Mismatch(f"{execution.case.words}: an exception", "none", hint=hint)


@claim(execute_failing_upgrades, after=keeps_a_sound_upgrade)
def undoes_only_what_was_done(executions: list[Execution]) -> None:
    """and `customers` is then as before the call: nothing is left, nothing else is gone, no transaction is open"""
    for execution in executions:
        if execution.record.left_open:
            hint = "The exception got out, and the transaction is still open. Who else can write now?"
            raise Mismatch(f"{execution.case.words}: no open transaction", "one that is open", hint=hint)
        before, after = execution.before, execution.record.state
        if (before.columns, before.rows) == (after.columns, after.rows):
            continue
        found = f"columns {', '.join(after.columns)}" if after.columns else "no such table"
        raise Mismatch(f"{execution.case.words}: customers as before", found, _hint_at(execution), _tables(after))


def _hint_at(execution: Execution) -> str:
    if not execution.record.exception:
        return ""
    if execution.case is FAILING[0]:
        return "The upgrade never ran. Whose column did the downgrade drop?"
    if execution.case is FAILING[1]:
        return "The first statement of the upgrade is still there. What makes several statements one?"
    if DOWNGRADE[0] in execution.record.statements:
        return "A downgrade brings back columns, not rows. What undoes everything, if it has not been committed yet?"
    return ""


def _find_half_upgrade(names: list[Row]) -> Callable[[SharedLab], str]:
    """An invariant: the customers `names` are as before or upgraded."""

    def find(lab: SharedLab) -> str:
        rows = _read_customers(lab).rows
        return "" if rows in (names, [(*row, "active") for row in names]) else f"customers {rows}"

    return find


@experiment("repair-the-executor")
def cut_the_power(attempt: Attempt) -> CrashSweep:
    """Cut the power at every place of an upgrade in which nothing fails."""
    script = make_script(attempt.answer, BACKUP, list(UPGRADE), list(DOWNGRADE))
    with open_named_customers(attempt.seed) as lab:
        return sweep_crashes(lab, script, _find_half_upgrade(_read_customers(lab).rows))


@claim(cut_the_power, weight=0.5, after=keeps_a_sound_upgrade)
def survives_a_power_cut_as_a_whole(sweep: CrashSweep) -> None:
    """a power cut at any place leaves the customers as before, or all of them upgraded"""
    if cut := sweep.first_violation:
        raise Mismatch("the old version or the new one after every power cut", cut.words)
