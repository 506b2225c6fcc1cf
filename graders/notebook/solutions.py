"""`solution()`: after an honest try, a solution and why it is one, in the self-study edition alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from graders.course.answer_cells import read_answers
from graders.course.attempts import LogEntry, attempts_in
from graders.course.notebook_cells import UnreadableNotebook
from graders.course.solutions import FILE, Solution
from graders.figures.report import MORE, prose_html
from graders.kernel.exercise import Exercise
from graders.notebook.messages import Message

ENOUGH_CHECKS = 3
NUMBERS = ("no", "one", "two", "three")
UNWRITTEN = "It is shown after an honest try: write your answer in its cell, and save (Ctrl+S, or Cmd+S on a Mac)."
CLASS_EDITION = "This is the class edition, which holds no solutions: ask whoever teaches your class."
EDITIONS = {
    True: 'This is the self-study edition: after an honest try, `solution("…")` shows a solution of an exercise.',
    False: "This is the class edition: it holds no solutions.",
}
WHY = {"prose": "What a good answer says", "choice": "Why, option by option", "prediction": "Why, option by option"}
PRE = "margin: 0.4em 0; padding: 0.4em 0.8em; overflow-x: auto; border: 1px solid #6b7280; background: none"


def find_solutions(notebook: Path | None) -> Path | None:
    """The file of solutions that belongs to `notebook`, or to the folder that the kernel runs in; None: there is none.

    It lies beside the contents, one folder above a lesson.
    """
    folder = notebook.parent if notebook else Path.cwd()
    return next((path for path in (folder.parent / FILE, folder / FILE) if path.is_file()), None)


@dataclass(frozen=True)
class HonestTry:
    """What has been tried: how many hints are left, how many answers were checked, whether one of them was right."""

    hints_left: int
    checked: int
    is_solved: bool

    def is_enough(self, exercise: Exercise) -> bool:
        """Whether all hints were asked for, enough answers that differ were checked, or one was right."""
        asked = bool(exercise.hints) and not self.hints_left
        return self.is_solved or asked or self.checked >= ENOUGH_CHECKS

    def words_for_the_rest(self, exercise: Exercise) -> str:
        """What is missing, as a sentence."""
        if exercise.kind == "prediction":
            return f'It is shown once your prediction is checked (`check("{exercise.name}")`).'
        checks = NUMBERS[ENOUGH_CHECKS - self.checked]
        more = f"{checks} more answer{'s' * (checks != 'one')}" if self.checked else "three different answers"
        check = f'check {more} (`check("{exercise.name}")`)'
        if not self.hints_left:
            return f"It is shown after an honest try: {check}."
        left = f"{NUMBERS[self.hints_left]} hint{'s are' if self.hints_left > 1 else ' is'} left"
        return f'It is shown after an honest try: {left} (`hint("{exercise.name}")`). Or {check}.'


def honest_try(exercise: Exercise, hints_given: int, entries: Iterable[LogEntry]) -> HonestTry:
    """What was tried on `exercise`, with `hints_given` and with the answers that the log has."""
    attempts = [one for one in attempts_in(entries) if one.name == exercise.name and not one.recall]
    is_solved = any(one.status == "right" for one in attempts)
    return HonestTry(len(exercise.hints) - hints_given, len({one.answer for one in attempts}), is_solved)


def has_prose(exercise: Exercise, notebook: Path | None) -> bool:
    """Whether `notebook`, as it was saved, holds an answer to `exercise`, which no check has seen."""
    with contextlib.suppress(UnreadableNotebook, OSError):
        return notebook is None or not exercise.blank(read_answers(notebook, [exercise]).texts[exercise.name])
    return False


def solution_message(exercise: Exercise, solution: Solution | None) -> Message:
    """`solution` with its reasons; a file that is older than the exercise has none."""
    if solution is None:
        return Message(f"The file {FILE} knows no exercise `{exercise.name}`: it was made for another edition.")
    title, why = f"A solution of {exercise.name}", WHY.get(exercise.kind, "Why")
    text = "\n".join([solution.text, *[f"{why}:"] * bool(solution.because), *solution.because])
    return Message(text, title, _html(exercise, solution, why))


def _html(exercise: Exercise, solution: Solution, why: str) -> str:
    is_prose = exercise.kind == "prose"
    shown = prose_html(solution.text) if is_prose else f"<pre style='{PRE}'>{escape(solution.text)}</pre>"
    lines = "".join(f"<p style='{MORE}'>{prose_html(line)}</p>" for line in solution.because)
    return f"{shown}<p style='margin: 0.4em 0 0.1em'><strong>{why}</strong></p>{lines}" if lines else shown
