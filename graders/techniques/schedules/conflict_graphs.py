"""The conflict graph of a history: who must come before whom in every serial order that has the same conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from graders.techniques.schedules.histories import History, Operation, conflicts, transactions

Edge = tuple[str, str]


@dataclass(frozen=True)
class ConflictGraph:
    """Transactions, and edges from one to another that must come later, each with the conflicts that say so."""

    nodes: tuple[str, ...]
    edges: Mapping[Edge, tuple[tuple[Operation, Operation], ...]]

    def _sorter(self) -> TopologicalSorter:
        before = {node: [first for first, second in self.edges if second == node] for node in self.nodes}
        return TopologicalSorter(before)

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


def conflict_graph(operations: History) -> ConflictGraph:
    """The conflict graph of a history, without the transactions that abort.

    Source: Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery in Database Systems, 1987, section 2.3.
    """
    edges: dict[Edge, tuple[tuple[Operation, Operation], ...]] = {}
    for first, second in conflicts(operations):
        edge = (first.transaction, second.transaction)
        edges[edge] = (*edges.get(edge, ()), (first, second))
    aborted = {operation.transaction for operation in operations if operation.kind == "a"}
    return ConflictGraph(tuple(name for name in transactions(operations) if name not in aborted), edges)


def conflict_serialisable(operations: History) -> bool:
    """Whether some serial order has the same conflicts: whether the conflict graph has no cycle."""
    return conflict_graph(operations).serial_order() is not None
