"""The chase: does joining the parts of a relation give the relation back?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graders.techniques.dependencies.covers import fds_within
from graders.techniques.dependencies.fd import FD, Attributes, attribute_set, in_order, written

Tableau = tuple[tuple[int, ...], ...]
DISTINGUISHED = 0


def symbol(cell: int) -> str:
    """Write a cell of a tableau: "a" is the distinguished symbol of its column, "b2" the one of row 2."""
    return "a" if cell == DISTINGUISHED else f"b{cell}"


@dataclass(frozen=True)
class ChaseStep:
    """One dependency applied to the rows that agree on its left side."""

    fd: FD
    rows: tuple[int, ...]
    """The numbers of those rows, from 0."""
    changed: frozenset[tuple[int, int]]
    """The places (row, column) of the cells that changed, from 0."""
    before: Tableau
    """The tableau before the step."""
    after: Tableau
    """The tableau after it."""


@dataclass(frozen=True)
class Chase:
    """A chase from its first tableau on: one row for each part, one column for each attribute."""

    columns: tuple[str, ...]
    """The attributes, in the order of the columns."""
    parts: tuple[Attributes, ...]
    """The parts, in the order of the rows."""
    start: Tableau
    """The tableau before the first step."""
    steps: tuple[ChaseStep, ...]
    """The steps that changed something, in order."""

    @property
    def final(self) -> Tableau:
        """The tableau after the last step."""
        return self.steps[-1].after if self.steps else self.start

    @property
    def complete_row(self) -> int | None:
        """The number of a row that has only distinguished symbols, from 0; None if there is no such row."""
        return _complete_row(self.final)

    @property
    def lossless(self) -> bool:
        """Whether the join of the parts is always the relation itself, with no row invented."""
        return self.complete_row is not None


def chase(attributes: str | Iterable[str], decomposition: Iterable[str | Iterable[str]], fds: Iterable[FD]) -> Chase:
    """Chase the tableau of `decomposition` until one row is complete or no dependency changes anything.

    Columns stand in the order of `attributes`. Raises `ValueError` unless the parts cover the attributes and
    nothing else. Source: Aho, Beeri & Ullman, The theory of joins in relational databases, 1979.
    """
    columns = in_order(attributes)
    parts = parts_of(columns, decomposition)
    fds = fds_within(columns, fds)
    start = tuple(
        tuple(DISTINGUISHED if name in part else number for name in columns) for number, part in enumerate(parts, 1)
    )
    steps: list[ChaseStep] = []
    tableau = start
    while _complete_row(tableau) is None and (step := _next_step(tableau, columns, fds)):
        steps.append(step)
        tableau = step.after
    return Chase(columns, parts, start, tuple(steps))


def parts_of(attributes: str | Iterable[str], decomposition: Iterable[str | Iterable[str]]) -> tuple[Attributes, ...]:
    """Give the parts as sets; raise `ValueError` unless together they are exactly `attributes`."""
    parts, whole = tuple(attribute_set(part) for part in decomposition), attribute_set(attributes)
    covered = frozenset().union(*parts)
    if whole - covered:
        raise ValueError(f"the parts leave out {written(whole - covered)}")
    if covered - whole:
        raise ValueError(f"the relation {written(whole)} has no attribute {written(covered - whole)}")
    return parts


def _complete_row(tableau: Tableau) -> int | None:
    return next((number for number, row in enumerate(tableau) if not any(row)), None)


def _next_step(tableau: Tableau, columns: tuple[str, ...], fds: Sequence[FD]) -> ChaseStep | None:
    """The first dependency, and the first rows that agree on its left side, that change something."""
    for fd in fds:
        places = [columns.index(name) for name in sorted(fd.right)]
        for rows in _agreeing(tableau, [columns.index(name) for name in fd.left]):
            after = _made_equal(tableau, rows, places)
            if after != tableau:
                return ChaseStep(fd, rows, _differences(tableau, after), tableau, after)
    return None


def _agreeing(tableau: Tableau, places: list[int]) -> list[tuple[int, ...]]:
    """The groups of rows that have the same symbols in the columns `places`."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, row in enumerate(tableau):
        groups.setdefault(tuple(row[place] for place in places), []).append(number)
    return [tuple(rows) for rows in groups.values() if len(rows) > 1]


def _made_equal(tableau: Tableau, rows: Sequence[int], places: list[int]) -> Tableau:
    """Give `rows` one symbol in each of `places`, the distinguished one if they can; all copies follow."""
    renamed = {}
    for place in places:
        symbols = {tableau[row][place] for row in rows}
        renamed.update({(place, cell): min(symbols) for cell in symbols})
    return tuple(tuple(renamed.get((place, cell), cell) for place, cell in enumerate(row)) for row in tableau)


def _differences(before: Tableau, after: Tableau) -> frozenset[tuple[int, int]]:
    width = range(len(before[0]))
    return frozenset((row, col) for row in range(len(before)) for col in width if before[row][col] != after[row][col])
