"""Anomalies, each as two transactions in a fixed order, run to see what an isolation level prevents.

Source: the cases follow Hermitage, https://github.com/ept/hermitage, with its names for them. "PMP write" and
"G-single write" are what it calls PMP and G-single for write predicates; its cases of three transactions are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.schedules.calls import SQLScript
from graders.techniques.schedules.interleaving import run_in_order
from graders.techniques.schedules.schedule import Schedule

SCHEMA = "CREATE TABLE test (id INTEGER PRIMARY KEY, value INTEGER)"
DATA = {"test": [(1, 10), (2, 20)]}


@dataclass(frozen=True)
class IsolationLevel:
    """An isolation level of an engine."""

    name: str
    """What the engine, or its manual, calls it."""
    begin: str = "BEGIN"
    """The statement that begins a transaction at it."""
    options: tuple[tuple[str, Any], ...] = ()
    """The options of its session, those of `SharedLab.connect`."""


LEVELS = {
    "SQLite": (
        IsolationLevel("deferred"),
        IsolationLevel("immediate", "BEGIN IMMEDIATE"),
        IsolationLevel("shared cache, read uncommitted", options=(("read_uncommitted", True),)),
    ),
    "DuckDB": (IsolationLevel("snapshot"),),
    "PostgreSQL": tuple(
        IsolationLevel(name, options=(("isolation", name.upper()),))
        for name in ("read committed", "repeatable read", "serializable")
    ),
}


@dataclass(frozen=True)
class Anomaly:
    """An anomaly as two transactions, T1 and T2, in an order in which it happens unless something prevents it."""

    code: str
    """What Hermitage and the literature call it: "G1a"."""
    name: str
    """Its name in words: "aborted read"."""
    one: tuple[str, ...]
    """The statements of T1 after its BEGIN."""
    two: tuple[str, ...]
    """The statements of T2 after its BEGIN."""
    order: str
    """Whose turn it is, BEGIN included: "12 1 2"."""
    happened: Callable[[Schedule], bool]
    """Whether it happened in a schedule of the two."""


def _reads(schedule: Schedule, session: str) -> list[tuple[Row, ...]]:
    """What a session read, statement by statement."""
    return [step.rows for step in schedule.executed_steps if step.session == session and step.columns]


def _changes(schedule: Schedule, session: str) -> list[int]:
    """How many rows a session changed, statement by statement."""
    return [step.changed for step in schedule.executed_steps if step.session == session and step.changed >= 0]


def _both_read_the_start(schedule: Schedule) -> bool:
    """Both ended well, and neither saw the other's work."""
    first = {name: _reads(schedule, name)[:1] for name in ("T1", "T2")}
    return not schedule.failures and first["T1"] == first["T2"]


def _reads_value(session: str, value: int) -> Callable[[Schedule], bool]:
    return lambda schedule: any((value,) in rows for rows in _reads(schedule, session))


def _writes_are_mixed(schedule: Schedule) -> bool:
    return {value % 10 for _, value in schedule.state["test"]} == {1, 2}


def _reads_differ(schedule: Schedule) -> bool:
    rows = _reads(schedule, "T1")
    return len(rows) == 2 and rows[0] != rows[1]


def _reads_old_and_new(schedule: Schedule) -> bool:
    return _reads(schedule, "T1") == [((10,),), ((18,),)]


def _each_reads_the_other(schedule: Schedule) -> bool:
    return _reads(schedule, "T1") == [((22,),)] and _reads(schedule, "T2") == [((11,),)]


def _deletes_by_an_old_condition(schedule: Schedule) -> bool:
    """T1 has made 20 of row 1, and yet it is not row 1 that T2 has deleted."""
    return not schedule.failures and schedule.state["test"] != [(2, 30)]


def _deletes_what_has_changed(schedule: Schedule) -> bool:
    """T1 read the old row 1, so it came first; and yet T2 has changed both rows."""
    return not schedule.failures and _changes(schedule, "T2") == [1, 1] and _reads(schedule, "T1") == [((10,),)]


def _write(value: int, at: int) -> str:
    return f"UPDATE test SET value = {value} WHERE id = {at}"


def _read(at: int) -> str:
    return f"SELECT value FROM test WHERE id = {at}"


ALL_ROWS = "SELECT id, value FROM test ORDER BY id"
THREES = "SELECT id, value FROM test WHERE value % 3 = 0 ORDER BY id"
TWENTIES = "DELETE FROM test WHERE value = 20"
ANOMALIES = (
    Anomaly("G0", "dirty write", (_write(11, 1), _write(21, 2), "COMMIT"), (_write(12, 1), _write(22, 2), "COMMIT"),
         "12 12 1 1 2 2", _writes_are_mixed),
    Anomaly("G1a", "aborted read", (_write(101, 1), "ROLLBACK"), (_read(1), "COMMIT"),
         "12 1 2 1 2", _reads_value("T2", 101)),
    Anomaly("G1b", "intermediate read", (_write(101, 1), _write(11, 1), "COMMIT"), (_read(1), "COMMIT"),
         "12 1 2 1 1 2", _reads_value("T2", 101)),
    Anomaly("G1c", "circular information flow", (_write(11, 1), _read(2), "COMMIT"),
         (_write(22, 2), _read(1), "COMMIT"), "12 1 2 1 2 1 2", _each_reads_the_other),
    Anomaly("PMP", "phantom", (THREES, THREES, "COMMIT"), ("INSERT INTO test VALUES (3, 30)", "COMMIT"),
         "12 1 2 2 1 1", _reads_differ),
    Anomaly("PMP write", "phantom in a DELETE", ("UPDATE test SET value = value + 10", "COMMIT"), (TWENTIES, "COMMIT"),
         "12 1 2 1 2", _deletes_by_an_old_condition),
    Anomaly("P4", "lost update", (_read(1), _write(11, 1), "COMMIT"), (_read(1), _write(15, 1), "COMMIT"),
         "12 1 2 1 2 1 2", _both_read_the_start),
    Anomaly("G-single", "read skew", (_read(1), _read(2), "COMMIT"), (ALL_ROWS, _write(12, 1), _write(18, 2), "COMMIT"),
         "12 1 2 2 2 2 1 1", _reads_old_and_new),
    Anomaly("G-single write", "read skew in a DELETE", (_read(1), TWENTIES, "COMMIT"),
         (ALL_ROWS, _write(12, 1), _write(18, 2), "COMMIT"), "12 1 2 2 2 2 1 1", _deletes_what_has_changed),
    Anomaly("G2-item", "write skew", (ALL_ROWS, _write(11, 1), "COMMIT"), (ALL_ROWS, _write(21, 2), "COMMIT"),
         "12 1 2 1 2 1 2", _both_read_the_start),
    Anomaly("G2", "write skew on a condition", (THREES, "INSERT INTO test VALUES (3, 30)", "COMMIT"),
         (THREES, "INSERT INTO test VALUES (4, 42)", "COMMIT"), "12 1 2 1 2 1 2", _both_read_the_start),
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What became of an anomaly at an isolation level."""

    anomaly: Anomaly
    """What was to happen."""
    level: IsolationLevel
    """The level of both transactions."""
    schedule: Schedule
    """What happened."""

    @property
    def happens(self) -> bool:
        """Whether the anomaly happened."""
        return self.anomaly.happened(self.schedule)

    @property
    def prevention(self) -> str:
        """What prevented it: "refused", "blocked", or "not seen" where nobody was stopped; "" if it happened."""
        if self.happens:
            return ""
        if self.schedule.failures:
            return "refused"
        return "blocked" if self.schedule.waits else "not seen"


def open_anomaly_lab(engine: str, **options: Any) -> SharedLab:
    """A shared lab on `engine` with the table that the anomalies are about."""
    return open_shared_lab(engine, SCHEMA, DATA, **options)


def run_anomaly(lab: SharedLab, anomaly: Anomaly, level: IsolationLevel) -> Finding:
    """Run `anomaly` at `level` on `lab`, which `open_anomaly_lab` opened."""
    scripts = {
        name: SQLScript(";\n".join((level.begin, *statements)), dict(level.options))
        for name, statements in (("T1", anomaly.one), ("T2", anomaly.two))
    }
    order = [f"T{number}" for number in anomaly.order if number != " "]
    return Finding(anomaly, level, run_in_order(lab, scripts, order))


def run_anomalies(lab: SharedLab) -> dict[IsolationLevel, list[Finding]]:
    """Run every anomaly at every level of the lab's engine."""
    return {level: [run_anomaly(lab, anomaly, level) for anomaly in ANOMALIES] for level in LEVELS[lab.engine]}
