"""Finds the answers in a notebook: the text of its answer cells, whatever else has become of the file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from typing import Any

from graders.course.notebook_cells import MOST_CHARACTERS, Cell, read_cells, read_notebook
from graders.kernel.exercise import Exercise
from graders.kernel.readable import truncate
from graders.kernel.report import Report


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


MAGIC = "%%answer "
COMMENTS = ("#", "--", "//")
MOST_UNREAD, MOST_UNREAD_CHARACTERS = 20, 10_000


@dataclass
class Answers:
    """The answer texts of one notebook by exercise, without their magic line, and what was odd about it.

    `odd` says in one sentence for an exercise what was odd about finding its answer, and `notes` what was odd about
    the notebook as a whole. `outputs` is what was saved below each answer, as it stands in the file: anything at all.
    `unread` are texts that may be answers too, which people should see. `claimed` are the exercises that any cell says
    it answers.
    """

    texts: dict[str, str] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)

    @property
    def remarks(self) -> list[str]:
        """All that was odd, a line each."""
        return [*self.notes, *(f"{name}: {words}" for name, words in self.odd.items())]

    def remark_on(self, report: Report) -> Report:
        """`report` with a sentence on what was odd about finding its answer, if anything was."""
        words = self.odd.get(report.exercise, "")
        return report.with_remarks(f"{words[0].upper()}{words[1:]}.") if words else report


def read_answers(path: Path, exercises: Iterable[Exercise], released: Sequence[Cell] = ()) -> Answers:
    """Read the answers to `exercises` from the notebook at `path`; raise `UnreadableNotebook` if it is none."""
    return answers_in(read_notebook(path), exercises, released)


def answers_in(notebook: dict[str, Any], exercises: Iterable[Exercise], released: Sequence[Cell] = ()) -> Answers:
    """The same for a notebook that was read already, as the JSON it is.

    A cell answers the exercise that its `%%answer` line names. One without such a line answers the exercise that its
    id or nbgrader's metadata name, if no cell with such a line holds an answer; and one that cannot be run, if no
    other does. The last answer that is not blank is read, wherever it stands. Prose is all that stands in its cell and
    in cells of the student's own around it: those that the `released` notebook does not have.
    """
    exercises = list(exercises)
    names = {exercise.name for exercise in exercises}
    claims = [claim_of(cell, names) for cell in read_cells(notebook)]
    answers = Answers(claimed=[claim.exercise for claim in claims if claim.exercise])
    for exercise in exercises:
        take = _take_prose if exercise.kind == "prose" else _take_answer
        take(answers, exercise, claims, released)
    return answers


@dataclass(frozen=True)
class Claim:
    """What a cell says it answers: an exercise ("" for none), by its `%%answer` line (`signed`) or by its ids."""

    cell: Cell
    exercise: str
    text: str
    signed: bool

    @property
    def rank(self) -> int:
        """Which claims go before which, the lowest first: what `check` may have judged before what it cannot have."""
        if not self.cell.runs:
            return 3
        return 0 if self.signed else 1 if self.cell.id == f"{self.exercise}-answer" else 2


def claim_of(cell: Cell, exercises: Collection[str]) -> Claim:
    """Which of `exercises` the cell says it answers, and with what text."""
    name, text = split_magic(cell.text)
    text = _writable(text)
    if name in exercises:
        return Claim(cell, name, text, signed=True)
    ids = (cell.grade_id.removesuffix("-answer"), cell.id.removesuffix("-answer"))
    marked = (one for one, given in zip(ids, (cell.grade_id, cell.id), strict=True) if one != given)
    return Claim(cell, next((one for one in marked if one in exercises), ""), text, signed=False)


def split_magic(text: str) -> tuple[str, str]:
    """The exercise that the `%%answer` line of a cell names ("" without one), and the text below that line.

    Other cell magics, comments and blank lines may stand above it. Without such a line the text is all of the cell but
    the magics at its top.
    """
    lines, below = text.splitlines(keepends=True), 0
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if words and words[0] == MAGIC.strip():
            body = "".join(lines[number:])
            return _name(words), dedent(body) if line[0].isspace() else body
        if words and words[0].startswith("%%"):
            below = number
        elif words and not words[0].startswith(COMMENTS):
            break
    return "", "".join(lines[below:])


def _name(words: list[str]) -> str:
    return words[1].strip("\"'`") if len(words) > 1 else ""


def _take_answer(answers: Answers, exercise: Exercise, claims: list[Claim], released: Sequence[Cell]) -> None:
    mine = [claim for claim in claims if claim.exercise == exercise.name]
    written = [claim for claim in mine if not exercise.blank(claim.text)]
    first = min((claim.rank for claim in written), default=None)
    best = [claim for claim in written if claim.rank == first] or mine
    if not mine:
        answers.odd[exercise.name] = "the answer cell is missing"
    answers.texts[exercise.name] = text = best[-1].text if best else ""
    answers.outputs[exercise.name] = best[-1].cell.outputs if best else None
    others = _differing([claim.text for claim in written], text)
    if others:
        which = "the last one with an %%answer line was read" if best[-1].signed else "the last one was read"
        answers.odd[exercise.name] = f"{len(others) + 1} cells answer it, and they differ; {which}"
    elif not written:
        others = _beside(answers, exercise, claims, released)
    _keep(answers, exercise.name, others)


def _beside(answers: Answers, exercise: Exercise, claims: list[Claim], released: Sequence[Cell]) -> list[str]:
    """What stands beside a blank answer, where a student may have written it into another cell."""
    claimed = frozenset(place for place, claim in enumerate(claims) if claim.exercise)
    cells = cells_beside([claim.cell for claim in claims], claimed, exercise.name, released)
    found = [text for text in (_writable(cell.text) for cell in cells) if not exercise.blank(text)]
    if found:
        answers.odd[exercise.name] = "it is blank; what stands in a cell beside it was not read"
    return _differing(found, "")


def _take_prose(answers: Answers, exercise: Exercise, claims: list[Claim], released: Sequence[Cell]) -> None:
    claimed = frozenset(place for place, claim in enumerate(claims) if claim.exercise == exercise.name)
    found = prose_cells([claim.cell for claim in claims], claimed, exercise.name, released)
    parts = [claims[place].text if place in claimed else _writable(text) for place, text in found.items()]
    written = list(dict.fromkeys(part for part in parts if not exercise.blank(part)))
    if any(exercise.name in (claim.cell.grade_id, claim.cell.id) for claim in claims):
        answers.claimed.append(exercise.name)
    if not found:
        answers.odd[exercise.name] = "the answer cell is missing"
    elif len(written) > 1:
        answers.odd[exercise.name] = f"it stands in {len(written)} cells, which were put together"
    answers.texts[exercise.name] = "\n\n".join(written) or (parts or [""])[-1]
    answers.outputs[exercise.name] = None
    _keep(answers, exercise.name, [])


def _differing(texts: Iterable[str], read: str) -> list[str]:
    """Each of `texts` once that is another than `read`, but for white space around it."""
    by_text = {text.strip(): text for text in texts}
    by_text.pop(read.strip(), None)
    return list(by_text.values())


def _keep(answers: Answers, name: str, unread: list[str]) -> None:
    """Keep what was not read for people, and refuse an answer that is too long."""
    if len(answers.texts[name]) > MOST_CHARACTERS:
        answers.odd[name] = f"the answer is longer than {MOST_CHARACTERS:,} characters and was not read"
        answers.texts[name], answers.outputs[name] = "", None
    if unread:
        answers.unread[name] = [truncate(text, MOST_UNREAD_CHARACTERS) for text in unread[-MOST_UNREAD:]]


def _writable(text: str) -> str:
    """`text` with a visible sign for what no file, engine or gradebook takes: NUL and halves of characters."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
