"""A schedule as it happened on a real engine: who ran what, what it read or wrote, who waited, what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from graders.labs import EngineError, Result
from graders.labs.lab import Row

MOST_ROWS, MOST_CHARACTERS = 8, 40


@dataclass(frozen=True)
class Step:
    """One statement of one session: what came of it is "done", "waits", "refused" or "deadlock".

    `rows` are the first rows that it read; `changed` is the number of rows that it wrote, -1 if it was no change.
    """

    session: str
    statement: str
    outcome: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    changed: int = -1
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    code: str = ""
    words: str = ""

    def __str__(self) -> str:
        return f"{self.session}: {self.statement} → {told(self)}"


def step_of(session: str, statement: str, outcome: Result | EngineError, refusal: str = "refused") -> Step:
    """The step in which `statement` gave `outcome`; `refusal` says what an error means here."""
    if isinstance(outcome, EngineError):
        return Step(session, statement, refusal, code=outcome.code, words=outcome.sentence)
    counted = outcome.columns in (("Count",), ("Success",))
    rows = () if counted else tuple(outcome.rows[:MOST_ROWS])
    columns = () if counted else outcome.columns
    return Step(session, statement, "done", columns, rows, outcome.changed, reads=outcome.reads, writes=outcome.writes)


def told(step: Step) -> str:
    """What came of a step, in words: "read 100", "changed 1 row", "waits for a lock", "refused (SQLITE_BUSY)"."""
    if step.outcome == "waits":
        return "waits for a lock"
    if step.outcome == "deadlock":
        return f"refused to end a deadlock ({step.code})"
    if step.outcome == "refused":
        return f"refused ({step.code})"
    if step.columns:
        return f"read {'; '.join(', '.join(map(_value, row)) for row in step.rows) or 'no row'}"
    if step.changed >= 0:
        return f"changed {step.changed} row{'s' * (step.changed != 1)}"
    return "done"


def _value(value: Any) -> str:
    words = "NULL" if value is None else str(value)
    return words if len(words) <= MOST_CHARACTERS else words[:MOST_CHARACTERS] + "…"


@dataclass(frozen=True)
class Schedule:
    """One run of all scripts: its steps, how each script ended, the state it left, and what is broken, if anything.

    `failed` names the scripts that ended before their time and why; `left_open` those that left a transaction open
    (it is rolled back before the state is read). `like` is a serial order that leaves the same state, or None.
    """

    steps: tuple[Step, ...]
    state: dict[str, list[Row]]
    failed: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    left_open: tuple[str, ...] = ()
    like: tuple[str, ...] | None = None
    broken: str = ""

    @property
    def moves(self) -> list[Step]:
        """The steps in which something happened: all but the waits."""
        return [step for step in self.steps if step.outcome != "waits"]

    @property
    def order(self) -> list[str]:
        """The sessions in the order in which their statements happened."""
        return [step.session for step in self.moves]

    @property
    def switches(self) -> int:
        """How often the turn goes from one session to another."""
        return max(0, len(list(groupby(self.order))) - 1)

    @property
    def waits(self) -> int:
        """How often a session met a lock and waited."""
        return len(self.steps) - len(self.moves)

    @property
    def deadlocks(self) -> int:
        """How often all sessions waited and one was refused."""
        return sum(step.outcome == "deadlock" for step in self.steps)

    def length(self) -> tuple[int, int, int]:
        """What makes a schedule shorter than another: fewer statements, then fewer switches, then fewer waits."""
        return len(self.moves), self.switches, self.waits

    @property
    def words(self) -> str:
        """The whole schedule in words, one line for each step."""
        lines = [f"{number}. {step}" for number, step in enumerate(self.steps, 1)]
        lines += [f"{name} leaves a transaction open." for name in self.left_open]
        return "\n".join([*lines, *([f"✗ {self.broken}"] if self.broken else [])])
