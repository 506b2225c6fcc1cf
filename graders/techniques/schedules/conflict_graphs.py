"""Histories in the notation of textbooks, "r1(x) w2(x) c1 c2", their conflicts, and the graph of these.

Source: Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery in Database Systems, 1987, chapter 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

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
