"""Finds what a student has written into cells of their own, beside the cell that was released for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from graders.course.notebook_cells import Cell


@dataclass(frozen=True)
class StudentCells:
    """The cells of a notebook beside those of the `released` one; without that, no cell is known as a student's own."""

    cells: Sequence[Cell]
    released: Sequence[Cell]

    @cached_property
    def _ids(self) -> set[str]:
        return {name for cell in self.released for name in (cell.id, cell.grade_id) if name}

    @cached_property
    def _texts(self) -> set[str]:
        return {cell.text.strip() for cell in self.released}

    def is_own(self, place: int) -> bool:
        """Whether the student has put a text of their own there, and no magic, into a cell that was not released."""
        cell, text = self.cells[place], self.cells[place].text.strip()
        known = {cell.id, cell.grade_id} & self._ids or text in self._texts
        return bool(self.released) and not known and not text.startswith("%")

    def walk(self, place: int, step: int, passing: frozenset[int] = frozenset()) -> Iterator[int]:
        """The places of the student's own cells from `place` on, up to the next other cell but those of `passing`."""
        place += step
        while 0 <= place < len(self.cells) and (place in passing or self.is_own(place)):
            if place not in passing:
                yield place
            place += step

    def places_of(self, cell: Cell) -> list[int]:
        """Where the released `cell` is: by its id or, where ids were lost, by how its text begins."""
        start = cell.text.strip()
        return [
            place
            for place, one in enumerate(self.cells)
            if (cell.id and one.id == cell.id) or (start and one.text.strip().startswith(start))
        ]


def cells_beside(cells: Sequence[Cell], claimed: frozenset[int], exercise: str, released: Sequence[Cell]) -> list[Cell]:
    """The student's own cells around the check cell of `exercise`; those at the places `claimed` are answers."""
    student = StudentCells(cells, released)
    checks = [
        place for place, cell in enumerate(cells) if cell.grade_id == exercise or cell.text == f'check("{exercise}")'
    ]
    found = {place for check in checks for step in (-1, 1) for place in student.walk(check, step, claimed)}
    return [cells[place] for place in sorted(found)]


def prose_cells(
    cells: Sequence[Cell], claimed: frozenset[int], exercise: str, released: Sequence[Cell]
) -> dict[int, str]:
    """Where the answer to a question in prose stands, and the text there: in its own cell, and in those around it.

    `claimed` are the places of cells that say they answer it. What was written below the question, in the question's
    own cell, is found too.
    """
    student = StudentCells(cells, released)
    marked = {place for place, cell in enumerate(cells) if exercise in (cell.grade_id, cell.id)} | claimed
    hole = next((cell.text for cell in released if cell.grade_id == exercise), None)
    passing = frozenset(place for place, cell in enumerate(cells) if place in marked or cell.text == hole)
    above = _cells_above(exercise, released)
    below = marked | {place for cell in above for place in student.places_of(cell)}
    own = {one for place in marked for one in student.walk(place, -1, passing)}
    own |= {one for place in below for one in student.walk(place, 1, passing)}
    found = {place: cells[place].text for place in marked | own}
    found |= {place: text for cell in above[:1] for place, text in _written_below(student, cell)}
    return dict(sorted(found.items()))


def _cells_above(exercise: str, released: Sequence[Cell]) -> list[Cell]:
    """The question in prose and what else stands above its answer cell, as released; a text met twice tells nothing."""
    place = next((place for place, cell in enumerate(released) if cell.grade_id == exercise), 0)
    texts = [cell.text for cell in released]
    return [cell for cell in released[max(place - 2, 0) : place] if texts.count(cell.text) == 1]


def _written_below(student: StudentCells, question: Cell) -> Iterator[tuple[int, str]]:
    start = question.text.strip()
    for place in student.places_of(question):
        text = student.cells[place].text.strip()
        if text.startswith(start) and text != start:
            yield place, text.removeprefix(start).strip()
