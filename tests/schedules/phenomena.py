"""Names the anomaly in a history: the patterns by which isolation levels are defined.

Source: Berenson, Bernstein, Gray, Melton, O'Neil, O'Neil: A Critique of ANSI SQL Isolation Levels, SIGMOD 1995,
sections 2.2 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

from graders.techniques.schedules.schedule import History, Operation, transactions

NAMES = (
    *("dirty write", "dirty read", "lost update", "non-repeatable read"),
    *("read skew", "write skew", "phantom"),
)


@dataclass(frozen=True)
class Anomaly:
    """An anomaly by its name, and the operations that make it, in their order."""

    name: str
    operations: tuple[Operation, ...]

    def __str__(self) -> str:
        return f"{self.name}: {' … '.join(map(str, self.operations))}"


def anomalies_in(operations: History) -> list[Anomaly]:
    """The anomalies of a history, at most one of each name.

    A lost update is not called a non-repeatable read as well, and a read skew is told from one by its two items.
    """
    found = {name: next(PATTERNS[name](tuple(operations)), None) for name in NAMES}
    return [Anomaly(name, tuple(made)) for name, made in found.items() if made]


def _pairs(operations: History) -> Iterator[tuple[str, str]]:
    return permutations(transactions(operations), 2)


def _places(operations: History, who: str, kind: str) -> list[int]:
    return [i for i, op in enumerate(operations) if op.transaction == who and op.kind == kind]


def _ends(operations: History, who: str) -> int:
    """Where a transaction ends: the place of its commit or abort, after everything if it has none."""
    return min(_places(operations, who, "c") + _places(operations, who, "a"), default=len(operations))


def _commits(operations: History, who: str) -> int | None:
    """Where a transaction commits: after everything if the history does not say how it ends, None if it aborts."""
    return None if _places(operations, who, "a") else _ends(operations, who)


def _dirty(kind: str) -> Callable[[History], Iterator[list[Operation]]]:
    """A pattern w1(x) … r2(x) or w2(x), before the first transaction ends."""

    def found(operations: History) -> Iterator[list[Operation]]:
        for one, two in _pairs(operations):
            for i in _places(operations, one, "w"):
                for j in _places(operations, two, kind):
                    if i < j < _ends(operations, one) and operations[i].item == operations[j].item:
                        yield [operations[i], operations[j]]

    return found


def _lost_update(operations: History) -> Iterator[list[Operation]]:
    """r1(x) … w2(x) … w1(x), and both commit."""
    for one, two in _pairs(operations):
        if None in (_commits(operations, one), _commits(operations, two)):
            continue
        for i in _places(operations, one, "r"):
            for j in _places(operations, two, "w"):
                for k in _places(operations, one, "w"):
                    if i < j < k and len({operations[at].item for at in (i, j, k)}) == 1:
                        yield [operations[at] for at in (i, j, k)]


def _read_again(operations: History) -> Iterator[tuple[Operation, int, Operation, str]]:
    """A transaction reads, another writes and commits, the first reads: read, place of the write, read, the other."""
    for one, two in _pairs(operations):
        commits = _commits(operations, two)
        for i in _places(operations, one, "r"):
            for j in _places(operations, two, "w"):
                for k in _places(operations, one, "r"):
                    if commits is not None and i < j < commits < k:
                        yield operations[i], j, operations[k], two


def _non_repeatable_read(operations: History) -> Iterator[list[Operation]]:
    """r1(x) … w2(x) … c2 … r1(x)."""
    for first, j, again, _ in _read_again(operations):
        if first.item == operations[j].item == again.item:
            yield [first, operations[j], again]


def _phantom(operations: History) -> Iterator[list[Operation]]:
    """r1(P) … w2(y in P) … c2 … r1(P)."""
    for first, j, again, _ in _read_again(operations):
        if first.item == operations[j].condition == again.item:
            yield [first, operations[j], again]


def _read_skew(operations: History) -> Iterator[list[Operation]]:
    """r1(x) … w2(x), w2(y) … c2 … r1(y)."""
    for first, j, later, two in _read_again(operations):
        others = [operations[k] for k in _places(operations, two, "w")]
        if operations[j].item == first.item != later.item:
            yield from ([first, operations[j], other, later] for other in others if other.item == later.item)


def _write_skew(operations: History) -> Iterator[list[Operation]]:
    """Each of two reads what the other then writes, they write different items, and both commit."""
    for one, two in _pairs(operations):
        if None in (_commits(operations, one), _commits(operations, two)):
            continue
        for first in _overwritten(operations, one, two):
            for second in _overwritten(operations, two, one):
                if operations[first[1]].item != operations[second[1]].item:
                    yield [operations[at] for at in sorted({*first, *second})]


def _overwritten(operations: History, reader: str, writer: str) -> Iterator[tuple[int, int]]:
    """The places of a read and of the other's later write of it, where the reader did not see the writer's end."""
    for i in _places(operations, reader, "r"):
        for j in _places(operations, writer, "w"):
            if i < j and operations[i].item in operations[j].touches:
                yield i, j


PATTERNS: dict[str, Callable[[History], Iterator[list[Operation]]]] = {
    "dirty write": _dirty("w"),
    "dirty read": _dirty("r"),
    "lost update": _lost_update,
    "non-repeatable read": _non_repeatable_read,
    "read skew": _read_skew,
    "write skew": _write_skew,
    "phantom": _phantom,
}
