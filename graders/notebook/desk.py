"""The student's desk: the answers run so far in this kernel, and what `check`, `hint` and the others do with them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from graders.course.answer_cells import UnreadableNotebook, read_answers, without_magic
from graders.figures.report import ShownReport
from graders.kernel.exercise import Exercise, find_exercise, key_file, lessons_known
from graders.kernel.judge import judge
from graders.kernel.report import Report
from graders.notebook.messages import Message, SentenceError, in_one_sentence
from graders.notebook.progress import Diary, progress_message
from graders.notebook.recall import recall_message


@dataclass(frozen=True)
class Written:
    """An answer as it was last run, and when."""

    text: str
    at: float


class Desk:
    """One for each kernel. Its methods are what the notebook calls by name."""

    def __init__(self, diary: Diary | None = None):
        self.diary = diary or Diary.of_this_user()
        self.answers: dict[str, Written] = {}
        self.hints_given: dict[str, int] = {}

    def write(self, name: str, text: str) -> Exercise:
        """Keep `text` as the answer to the exercise `name`; raise `SentenceError` if there is no such exercise."""
        exercise = known_exercise(name)
        self.answers[name] = Written(text, time.time())
        return exercise

    def notice(self, cell: str, cell_id: str | None) -> None:
        """Take a cell that is run for the answer it was released as, even without its `%%answer` line."""
        name = (cell_id or "").removesuffix("-answer")
        if name != (cell_id or "") and "%%answer" not in cell and find_exercise(name):
            self.answers[name] = Written(without_magic(cell), time.time())

    @in_one_sentence
    def check(self, name: str = "") -> ShownReport | Message:
        """Judge the answer to the exercise `name` as it was last run, and say claim by claim what holds."""
        exercise = known_exercise(name)
        if exercise.kind == "prose":
            return Message(f"{name} is read by a person: there is nothing to check.")
        written = self.answers.get(name, Written("", 0))
        report = judge(exercise, written.text)
        self.diary.note(report)
        return ShownReport(_with_remarks(report, self._remarks(exercise, written, report)))

    def _remarks(self, exercise: Exercise, written: Written, report: Report) -> list[str]:
        if exercise.name not in self.answers:
            return [f"Run the cell that begins with `%%answer {exercise.name}` first."]
        remarks = []
        if newer_on_disk(exercise, written):
            remarks.append("The saved notebook holds another answer than the one you ran: run its cell again.")
        if exercise.hints and report.status in ("wrong", "partly right"):
            remarks.append(f'Stuck? `hint("{exercise.name}")` gives the next step.')
        return remarks

    @in_one_sentence
    def hint(self, name: str = "") -> Message:
        """Give the next step of the exercise's hint ladder; the last one is repeated."""
        exercise = known_exercise(name)
        if not exercise.hints:
            return Message(f"There are no hints for {name}.")
        step = min(self.hints_given.get(name, 0), len(exercise.hints) - 1)
        self.hints_given[name] = step + 1
        return Message(exercise.hints[step], f"Hint {step + 1} of {len(exercise.hints)} for {name}")

    @in_one_sentence
    def progress(self) -> Message:
        """Show what is done in each lesson and overall, as far as it was checked on this computer."""
        return progress_message(self.diary)

    @in_one_sentence
    def recall(self, lesson: str = "") -> Message:
        """Ask four questions from earlier lessons, first about what went wrong there."""
        return recall_message(lesson, self.diary)


def known_exercise(name: str) -> Exercise:
    """The exercise called `name`; raise `SentenceError` in words a student can use if there is none."""
    if not isinstance(name, str) or not name:
        raise SentenceError('Write the name of the exercise in quotes, such as check("start-here-2").')
    exercise = find_exercise(name)
    if exercise is None:
        near = get_close_matches(name, [one for lesson in lessons_known() for one in key_file(lesson)["exercises"]], 1)
        guess = f" Is `{near[0]}` meant?" if near else ""
        raise SentenceError(f"There is no exercise `{name}`.{guess} The check cell below each exercise has its name.")
    return exercise


def newer_on_disk(exercise: Exercise, written: Written) -> bool:
    """Whether the notebook was saved after the answer was run, with another text in the answer cell."""
    path = Path(os.environ.get("JPY_SESSION_NAME", ""))
    try:
        if path.suffix != ".ipynb" or not path.is_file() or path.stat().st_mtime < written.at:
            return False
        saved = read_answers(path, [exercise.name]).texts[exercise.name]
    except (OSError, UnreadableNotebook):
        return False
    return bool(saved) and saved.strip() != written.text.strip()


def _with_remarks(report: Report, more: list[str]) -> Report:
    return Report(report.exercise, report.points, report.verdicts, (*report.remarks, *more))
