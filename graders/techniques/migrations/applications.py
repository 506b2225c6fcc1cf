"""What a version of an application does: how it reads and writes, and what it must find of what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graders.kernel.report import Table
from graders.labs import Result
from graders.labs.lab import Row
from graders.techniques.migrations.timeline import Tick

Statement = tuple[str, Row]


@dataclass(frozen=True)
class App:
    """One version of an application: how it reads all facts, what it must see of one, and how it writes one.

    A fact is a row that begins with its key. `adds` and `changes` give a statement with its parameters.
    """

    name: str
    read: str
    sees: Callable[[Row], Row]
    adds: Callable[[Row], Statement]
    changes: Callable[[Row], Statement]

    def misled(self, facts: Sequence[Row], found: Result) -> Tick | None:
        """What is wrong with what it has `found` of all `facts`, a NULL in the place of a value included."""
        right, there = _first_wrong([self.sees(fact) for fact in facts], found.rows)
        if not (right or there):
            return None
        rows = [row for row in (there, right) if row]
        mark = ("found; below it what was written" if right else "nobody wrote it") if there else "is missing"
        table = Table(f"what the {self.name} application reads", found.columns, rows, frozenset({0}), mark)
        words = f"where {right} was written" if right else "which nobody wrote"
        return Tick("misled", f"it reads {there or 'nothing'} {words}", (table,), lost=there is None)


def _first_wrong(asked: Sequence[Row], found: Sequence[Row]) -> tuple[Row | None, Row | None]:
    """The first row that is not read as it was written, and what is read in its place; two None if all is well."""
    there = {row[0]: row for row in found if row}
    for row in asked:
        if there.get(row[0]) != row:
            return row, there.get(row[0])
    # What is left is of nobody, or comes a second time.
    left = list(found)
    for row in asked:
        left.remove(row)
    return None, next(iter(left), None)
