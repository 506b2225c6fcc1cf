"""Eight anomalies, each as two transactions in a fixed order, run live to see what an isolation level prevents.

Source: the cases follow Hermitage, https://github.com/ept/hermitage, with its names for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.schedules.running import run_in_order
from graders.techniques.schedules.schedule import Schedule
from graders.techniques.schedules.scripts import Statements

SCHEMA = "CREATE TABLE test (id INTEGER PRIMARY KEY, value INTEGER)"
DATA = {"test": [(1, 10), (2, 20)]}


@dataclass(frozen=True)
class Level:
    """An isolation level: the statement that begins a transaction at it, and the options of its session."""

    name: str
    begin: str = "BEGIN"
    options: tuple[tuple[str, Any], ...] = ()


LEVELS = {
    "SQLite": (
        Level("deferred"),
        Level("immediate", "BEGIN IMMEDIATE"),
        Level("shared cache, read uncommitted", options=(("read_uncommitted", True),)),
    ),
    "DuckDB": (Level("snapshot"),),
    "PostgreSQL": tuple(
        Level(name, options=(("isolation", name.upper()),))
        for name in ("read committed", "repeatable read", "serializable")
    ),
}


@dataclass(frozen=True)
class Case:
    """An anomaly: the statements of T1 and T2 after their BEGIN, whose turn it is, and when it has happened."""

    code: str
    name: str
    one: tuple[str, ...]
    two: tuple[str, ...]
    order: str
    happened: Callable[[Schedule], bool]


def reads(schedule: Schedule, session: str) -> list[tuple[Row, ...]]:
    """What a session read, statement by statement."""
    return [step.rows for step in schedule.moves if step.session == session and step.columns]


def _both_from_the_start(schedule: Schedule) -> bool:
    """Both ended well, and neither saw the other's work."""
    first = {name: reads(schedule, name)[:1] for name in ("T1", "T2")}
    return not schedule.failed and first["T1"] == first["T2"]


def _saw(session: str, value: int) -> Callable[[Schedule], bool]:
    return lambda schedule: any((value,) in rows for rows in reads(schedule, session))


def _mixed(schedule: Schedule) -> bool:
    return {value % 10 for _, value in schedule.state["test"]} == {1, 2}


def _changed_under_way(schedule: Schedule) -> bool:
    found = reads(schedule, "T1")
    return len(found) == 2 and found[0] != found[1]


def _one_old_one_new(schedule: Schedule) -> bool:
    return reads(schedule, "T1") == [((10,),), ((18,),)]


def _put(value: int, at: int) -> str:
    return f"UPDATE test SET value = {value} WHERE id = {at}"


def _get(at: int) -> str:
    return f"SELECT value FROM test WHERE id = {at}"


EVERY = "SELECT id, value FROM test ORDER BY id"
THREES = "SELECT id, value FROM test WHERE value % 3 = 0 ORDER BY id"
CASES = (
    Case("G0", "dirty write", (_put(11, 1), _put(21, 2), "COMMIT"), (_put(12, 1), _put(22, 2), "COMMIT"),
         "12 12 1 1 2 2", _mixed),
    Case("G1a", "aborted read", (_put(101, 1), "ROLLBACK"), (_get(1), "COMMIT"),
         "12 1 2 1 2", _saw("T2", 101)),
    Case("G1b", "intermediate read", (_put(101, 1), _put(11, 1), "COMMIT"), (_get(1), "COMMIT"),
         "12 1 2 1 1 2", _saw("T2", 101)),
    Case("PMP", "phantom", (THREES, THREES, "COMMIT"), ("INSERT INTO test VALUES (3, 30)", "COMMIT"),
         "12 1 2 2 1 1", _changed_under_way),
    Case("P4", "lost update", (_get(1), _put(11, 1), "COMMIT"), (_get(1), _put(15, 1), "COMMIT"),
         "12 1 2 1 2 1 2", _both_from_the_start),
    Case("G-single", "read skew", (_get(1), _get(2), "COMMIT"), (EVERY, _put(12, 1), _put(18, 2), "COMMIT"),
         "12 1 2 2 2 2 1 1", _one_old_one_new),
    Case("G2-item", "write skew", (EVERY, _put(11, 1), "COMMIT"), (EVERY, _put(21, 2), "COMMIT"),
         "12 1 2 1 2 1 2", _both_from_the_start),
    Case("G2", "write skew on a condition", (THREES, "INSERT INTO test VALUES (3, 30)", "COMMIT"),
         (THREES, "INSERT INTO test VALUES (4, 42)", "COMMIT"), "12 1 2 1 2 1 2", _both_from_the_start),
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What became of a case at a level: whether the anomaly happened, or else how it was prevented."""

    case: Case
    level: Level
    schedule: Schedule

    @property
    def happens(self) -> bool:
        """Whether the anomaly happened."""
        return self.case.happened(self.schedule)

    @property
    def how(self) -> str:
        """What prevented it: "refused", "blocked", or "not seen" where nobody was stopped; "" if it happened."""
        if self.happens:
            return ""
        if self.schedule.failed:
            return "refused"
        return "blocked" if self.schedule.waits else "not seen"

    @property
    def words(self) -> str:
        """The finding in words: "happens", "prevented: blocked"."""
        return "happens" if self.happens else f"prevented: {self.how}"


def open_anomaly_lab(engine: str, **options: Any) -> SharedLab:
    """A shared lab on `engine` with the table that the cases are about."""
    return open_shared_lab(engine, SCHEMA, DATA, **options)


def try_anomaly(lab: SharedLab, case: Case, level: Level) -> Finding:
    """Run `case` at `level` on `lab`, which `open_anomaly_lab` opened."""
    scripts = {
        name: Statements(";\n".join((level.begin, *statements)), dict(level.options))
        for name, statements in (("T1", case.one), ("T2", case.two))
    }
    order = [f"T{number}" for number in case.order if number != " "]
    return Finding(case, level, run_in_order(lab, scripts, order))


def isolation_matrix(lab: SharedLab) -> dict[Level, list[Finding]]:
    """Run every case at every level of the lab's engine."""
    return {level: [try_anomaly(lab, case, level) for case in CASES] for level in LEVELS[lab.engine]}
