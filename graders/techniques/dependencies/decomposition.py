"""Relations taken apart: what the parts can check, and the chase, which finds lossy joins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graders.techniques.dependencies.fd import (
    FD,
    Attributes,
    Rule,
    Universe,
    attribute_set,
    closure_mask,
    format_set,
    list_attributes,
)
from graders.techniques.dependencies.normal_forms import restrict_fds


def lost_dependencies(fds: Iterable[FD], decomposition: Iterable[str | Iterable[str]]) -> list[FD]:
    """Name the dependencies of `fds` that do not follow from what the parts can check by themselves.

    Needs no projection of the dependencies, so the work is polynomial.
    Source: Beeri & Honeyman, Preserving functional dependencies, 1981; Ullman, vol. 1, ch. 7.
    """
    fds, parts = list(fds), [attribute_set(part) for part in decomposition]
    universe = Universe(frozenset().union(*parts), fds)
    rules, masks = universe.rules(fds), [universe.mask(part) for part in parts]
    return [fd for fd, (left, right) in zip(fds, rules, strict=True) if right & ~local_closure(left, masks, rules)]


def local_closure(reached: int, parts: list[int], rules: list[Rule]) -> int:
    """Give what `reached` determines when each step must happen inside one of `parts`."""
    before = None
    while reached != before:
        before = reached
        for part in parts:
            reached |= closure_mask(reached & part, rules) & part
    return reached


Tableau = tuple[tuple[int, ...], ...]
DISTINGUISHED = 0


def format_symbol(cell: int) -> str:
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
    columns = list_attributes(attributes)
    parts = read_parts(columns, decomposition)
    fds = restrict_fds(fds, columns)
    start = tuple(
        tuple(DISTINGUISHED if name in part else number for name in columns) for number, part in enumerate(parts, 1)
    )
    steps: list[ChaseStep] = []
    tableau = start
    while _complete_row(tableau) is None and (step := _next_step(tableau, columns, fds)):
        steps.append(step)
        tableau = step.after
    return Chase(columns, parts, start, tuple(steps))


def read_parts(attributes: str | Iterable[str], decomposition: Iterable[str | Iterable[str]]) -> tuple[Attributes, ...]:
    """Give the parts as sets; raise `ValueError` unless together they are exactly `attributes`."""
    parts, whole = tuple(attribute_set(part) for part in decomposition), attribute_set(attributes)
    covered = frozenset().union(*parts)
    if whole - covered:
        raise ValueError(f"the parts leave out {format_set(whole - covered)}")
    if covered - whole:
        raise ValueError(f"the relation {format_set(whole)} has no attribute {format_set(covered - whole)}")
    return parts


def _complete_row(tableau: Tableau) -> int | None:
    return next((number for number, row in enumerate(tableau) if not any(row)), None)


def _next_step(tableau: Tableau, columns: tuple[str, ...], fds: Sequence[FD]) -> ChaseStep | None:
    """The first dependency, and the first rows that agree on its left side, that change something."""
    for fd in fds:
        places = [columns.index(name) for name in sorted(fd.right)]
        for rows in _group_agreeing_rows(tableau, [columns.index(name) for name in fd.left]):
            after = _equate(tableau, rows, places)
            if after != tableau:
                return ChaseStep(fd, rows, _find_changes(tableau, after), tableau, after)
    return None


def _group_agreeing_rows(tableau: Tableau, places: list[int]) -> list[tuple[int, ...]]:
    """The groups of rows that have the same symbols in the columns `places`."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, row in enumerate(tableau):
        groups.setdefault(tuple(row[place] for place in places), []).append(number)
    return [tuple(rows) for rows in groups.values() if len(rows) > 1]


def _equate(tableau: Tableau, rows: Sequence[int], places: list[int]) -> Tableau:
    """Give `rows` one symbol in each of `places`, the distinguished one if they can; all copies follow."""
    renamed = {}
    for place in places:
        symbols = {tableau[row][place] for row in rows}
        renamed.update({(place, cell): min(symbols) for cell in symbols})
    return tuple(tuple(renamed.get((place, cell), cell) for place, cell in enumerate(row)) for row in tableau)


def _find_changes(before: Tableau, after: Tableau) -> frozenset[tuple[int, int]]:
    width = range(len(before[0]))
    return frozenset((row, col) for row in range(len(before)) for col in width if before[row][col] != after[row][col])
