"""Histories in the notation of textbooks, "r1(x) w2(x) c1 c2", and which of their operations conflict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

OPERATION = re.compile(r"([rw])(\w+?)\((\w+)(?:\s+in\s+(\w+))?\)|([ca])(\w+)")
KINDS = {"r": "reads", "w": "writes", "c": "commits", "a": "aborts"}


@dataclass(frozen=True)
class Operation:
    """One operation of a transaction: it reads ("r") or writes ("w") an item, commits ("c") or aborts ("a").

    A write of an item that meets a condition P, "w1(y in P)", also conflicts with reads of all that meet it, "r2(P)".
    """

    kind: str
    transaction: str
    item: str = ""
    condition: str = ""

    def __str__(self) -> str:
        where = f"({self.item}{f' in {self.condition}' if self.condition else ''})" if self.item else ""
        return f"{self.kind}{self.transaction}{where}"


History = Sequence[Operation]


def history(text: str) -> tuple[Operation, ...]:
    """Read a history such as "r1(x) w2(y in P) c1 a2"; raise `ValueError` at what is no operation."""
    found, place = [], 0
    for match in OPERATION.finditer(text):
        if text[place : match.start()].strip(" ,;\n"):
            break
        kind, who, item, condition, end, ending = match.groups()
        found.append(Operation(end, ending) if end else Operation(kind, who, item, condition or ""))
        place = match.end()
    if text[place:].strip(" ,;\n"):
        raise ValueError(f"no operation: {text[place:].strip()!r}")
    return tuple(found)


def transactions(operations: Iterable[Operation]) -> list[str]:
    """The transactions of a history, in the order in which they begin."""
    return list(dict.fromkeys(operation.transaction for operation in operations))


def touches(operation: Operation) -> set[str]:
    """What a read or write touches: its item and, for a write, the condition that the item meets."""
    return {operation.item, operation.condition} - {""}


def conflict(first: Operation, second: Operation) -> bool:
    """Whether two operations conflict: different transactions, a common item, and one of them writes.

    Two writes that only meet the same condition do not: neither reads it.
    """
    if first.transaction == second.transaction or "w" not in (first.kind, second.kind):
        return False
    if first.kind == second.kind:
        return first.item == second.item
    return bool(touches(first) & touches(second))


def conflicts(operations: History) -> Iterator[tuple[Operation, Operation]]:
    """The pairs of conflicting operations, each in its order, of the transactions that do not abort."""
    aborted = {operation.transaction for operation in operations if operation.kind == "a"}
    kept = [operation for operation in operations if operation.transaction not in aborted]
    return (pair for pair in combinations(kept, 2) if conflict(*pair))
