"""Schedules: as they happen on a real engine, and as textbooks write them, "r1(x) w2(x)", with their conflicts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import combinations, groupby
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


OPERATION = re.compile(r"([rw])(\w+?)\((\w+)(?:\s+in\s+(\w+))?\)|([ca])(\w+)")


@dataclass(frozen=True)
class Operation:
    """One operation of a transaction.

    A write of an item that meets a condition P, "w1(y in P)", also conflicts with reads of all that meet it, "r2(P)".
    """

    kind: str
    """"r": it reads, "w": it writes, "c": it commits, "a": it aborts."""
    transaction: str
    """The transaction's name: "1" in "r1(x)"."""
    item: str = ""
    """What it reads or writes."""
    condition: str = ""
    """The condition that a written item meets."""

    @property
    def touches(self) -> set[str]:
        """What a read or write touches: its item and, for a write, the condition that the item meets."""
        return {self.item, self.condition} - {""}

    def __str__(self) -> str:
        where = f"({self.item}{f' in {self.condition}' if self.condition else ''})" if self.item else ""
        return f"{self.kind}{self.transaction}{where}"


History = Sequence[Operation]
Edge = tuple[str, str]


def parse_history(text: str) -> tuple[Operation, ...]:
    """Read a history such as "r1(x) w2(y in P) c1 a2"; raise `ValueError` at what is no operation."""
    operations, place = [], 0
    for match in OPERATION.finditer(text):
        if text[place : match.start()].strip(" ,;\n"):
            break
        kind, who, item, condition, end, ending = match.groups()
        operations.append(Operation(end, ending) if end else Operation(kind, who, item, condition or ""))
        place = match.end()
    if text[place:].strip(" ,;\n"):
        raise ValueError(f"no operation: {text[place:].strip()!r}")
    return tuple(operations)


def transactions(history: Iterable[Operation]) -> list[str]:
    """The transactions of a history, in the order in which they begin."""
    return list(dict.fromkeys(operation.transaction for operation in history))


def conflict(first: Operation, second: Operation) -> bool:
    """Whether two operations conflict: different transactions, a common item, and one of them writes.

    Two writes that only meet the same condition do not: neither reads it.
    """
    if first.transaction == second.transaction or "w" not in (first.kind, second.kind):
        return False
    if first.kind == second.kind:
        return first.item == second.item
    return bool(first.touches & second.touches)


def conflicts(history: History) -> Iterator[tuple[Operation, Operation]]:
    """The pairs of conflicting operations, each in its order, of the transactions that do not abort."""
    aborted = _aborted(history)
    kept = [operation for operation in history if operation.transaction not in aborted]
    return (pair for pair in combinations(kept, 2) if conflict(*pair))


def _aborted(history: History) -> set[str]:
    return {operation.transaction for operation in history if operation.kind == "a"}


@dataclass(frozen=True)
class ConflictGraph:
    """Which transaction must come before which in every serial order that has the same conflicts."""

    nodes: tuple[str, ...]
    """The transactions."""
    edges: Mapping[Edge, tuple[tuple[Operation, Operation], ...]]
    """From a transaction to one that must come later, with the conflicts that demand it."""

    def _sorter(self) -> TopologicalSorter[str]:
        return TopologicalSorter({node: [first for first, later in self.edges if later == node] for node in self.nodes})

    def serial_order(self) -> tuple[str, ...] | None:
        """A serial order with the same conflicts; None if there is none, for the graph has a cycle."""
        try:
            return tuple(self._sorter().static_order())
        except CycleError:
            return None

    def cycle(self) -> tuple[str, ...]:
        """The transactions of one cycle, in the direction of its edges, the first again at the end; () if none."""
        try:
            self._sorter().prepare()
        except CycleError as error:
            return tuple(error.args[1])
        return ()


def build_conflict_graph(history: History) -> ConflictGraph:
    """The conflict graph of a history, without the transactions that abort.

    build_conflict_graph(parse_history("r1(x) w2(x)")).serial_order() == ("1", "2")
    """
    edges: dict[Edge, tuple[tuple[Operation, Operation], ...]] = {}
    for first, second in conflicts(history):
        edge = (first.transaction, second.transaction)
        edges[edge] = (*edges.get(edge, ()), (first, second))
    aborted = _aborted(history)
    return ConflictGraph(tuple(name for name in transactions(history) if name not in aborted), edges)
