"""A schedule: the statements of several sessions as they happened on a real engine, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from graders.labs import EngineError, Result
from graders.labs.lab import Row

MAX_ROWS, MAX_CHARACTERS = 8, 40


@dataclass(frozen=True)
class Step:
    """One statement of one session, and what came of it."""

    session: str
    """The name of the script."""
    statement: str
    """The statement with its parameters, as it reads in a log."""
    outcome: str
    """"done", "waits" for a lock, "refused" by the engine, or "deadlock": refused because all sessions waited."""
    columns: tuple[str, ...] = ()
    """The columns that it read; none for a statement that reads nothing."""
    rows: tuple[Row, ...] = ()
    """The first rows that it read."""
    changed: int = -1
    """How many rows it changed; -1 if it is no change."""
    code: str = ""
    """The engine's code for the refusal or the wait."""
    error: str = ""
    """The engine's sentence about the refusal or the wait."""

    @property
    def effect(self) -> str:
        """What came of it, in words: "read 100", "changed 1 row", "waits for a lock", "refused (SQLITE_BUSY)"."""
        if self.outcome == "waits":
            return "waits for a lock"
        if self.outcome == "deadlock":
            return f"refused to end a deadlock ({self.code})"
        if self.outcome == "refused":
            return f"refused ({self.code})"
        if self.columns:
            return f"read {'; '.join(', '.join(map(_format_value, row)) for row in self.rows) or 'no row'}"
        if self.changed >= 0:
            return f"changed {self.changed} row{'s' * (self.changed != 1)}"
        return "done"

    def __str__(self) -> str:
        return f"{self.session}: {self.statement} → {self.effect}"


def _format_value(value: Any) -> str:
    words = "NULL" if value is None else str(value)
    return words if len(words) <= MAX_CHARACTERS else words[:MAX_CHARACTERS] + "…"


def record_step(session: str, statement: str, outcome: Result | EngineError, refusal: str = "refused") -> Step:
    """The step in which `statement` gave `outcome`; `refusal` is the step's outcome where that is an error."""
    if isinstance(outcome, EngineError):
        return Step(session, statement, refusal, code=outcome.code, error=outcome.sentence)
    # DuckDB answers a change with a row that holds its count.
    reads_rows = outcome.columns not in (("Count",), ("Success",))
    rows, columns = (tuple(outcome.rows[:MAX_ROWS]), outcome.columns) if reads_rows else ((), ())
    return Step(session, statement, "done", columns, rows, outcome.changed)


@dataclass(frozen=True)
class Schedule:
    """One run of all scripts, and the state that it left."""

    steps: tuple[Step, ...]
    """Every statement that was run, refused or had to wait, in the order of time."""
    state: dict[str, list[Row]]
    """The rows of each table afterwards; transactions that were left open have been rolled back."""
    failures: Mapping[str, str] = field(default_factory=dict)
    """The scripts that ended early, each with the reason in words."""
    left_open: tuple[str, ...] = ()
    """The scripts that left a transaction open."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What each function gave that came to its end."""
    serial_order: tuple[str, ...] | None = None
    """A serial order of the scripts that leaves the same state; None if there is none, or nobody looked for one."""
    violation: str = ""
    """What is wrong, in words; "" if nothing is."""

    @property
    def executed_steps(self) -> list[Step]:
        """All steps but the waits."""
        return [step for step in self.steps if step.outcome != "waits"]

    @property
    def order(self) -> list[str]:
        """The sessions in the order in which their statements happened."""
        return [step.session for step in self.executed_steps]

    @property
    def switches(self) -> int:
        """How often the turn goes from one session to another."""
        return max(0, len(list(groupby(self.order))) - 1)

    @property
    def waits(self) -> int:
        """How often a session met a lock and waited."""
        return len(self.steps) - len(self.executed_steps)

    @property
    def deadlocks(self) -> int:
        """How often all sessions waited and one was refused."""
        return sum(step.outcome == "deadlock" for step in self.steps)

    def writes_from_stale_read(self, name: str) -> bool:
        """Whether `name` read, another session then changed something, and `name` sent a change after that."""
        has_read = is_stale = False
        for step in self.executed_steps:
            if step.session != name:
                is_stale = is_stale or (has_read and step.changed > 0)
            elif is_stale and step.changed >= 0:
                return True
            has_read = has_read or (step.session == name and bool(step.columns))
        return False

    def is_busy(self, name: str) -> bool:
        """Whether a statement of `name` was refused because of a lock."""
        codes = [step.code for step in self.executed_steps if step.session == name]
        return any(code.startswith("SQLITE_BUSY") for code in codes)

    @property
    def length(self) -> tuple[int, int, int]:
        """What makes one schedule shorter than another: fewer statements, then fewer switches, then fewer waits."""
        return len(self.executed_steps), self.switches, self.waits

    @property
    def words(self) -> str:
        """The whole schedule in words, a line for each step."""
        lines = [f"{number}. {step}" for number, step in enumerate(self.steps, 1)]
        lines += [f"{name} leaves a transaction open." for name in self.left_open]
        return "\n".join([*lines, *([f"✗ {self.violation}"] if self.violation else [])])
