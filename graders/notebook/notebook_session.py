"""The notebook session: the answers run so far in this kernel, and `check`, `hint`, `progress`, `recall` on them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from graders.course.answer_cells import UnreadableNotebook, read_answers, without_magic
from graders.figures.report import ReportDisplay
from graders.kernel.exercise import Exercise, find_exercise, key_file, list_lessons
from graders.kernel.judge import judge
from graders.kernel.report import Report
from graders.notebook.messages import Message, SentenceError, shorten_errors
from graders.notebook.progress import ProgressLog, progress_message, recall_message


@dataclass(frozen=True)
class LastRun:
    """The text of an answer when its cell was last run, and the time of that run (0 if it never was)."""

    text: str = ""
    time: float = 0


class NotebookSession:
    """One for each kernel. Its public methods are what the notebook calls by name."""

    def __init__(self, log: ProgressLog | None = None):
        self.log = log or ProgressLog.for_this_user()
        self.answers: dict[str, LastRun] = {}
        self.hints_given: dict[str, int] = {}

    def store_answer(self, name: str, text: str) -> Exercise:
        """Keep `text` as the answer to the exercise `name`; raise `SentenceError` if there is no such exercise."""
        exercise = get_exercise(name)
        self.answers[name] = LastRun(text, time.time())
        return exercise

    def store_answer_by_cell_id(self, cell: str, cell_id: str | None) -> None:
        """Keep a cell that is run as the answer it was released for, even if its `%%answer` line is gone."""
        name = (cell_id or "").removesuffix("-answer")
        if name != (cell_id or "") and "%%answer" not in cell and find_exercise(name):
            self.answers[name] = LastRun(without_magic(cell), time.time())

    @shorten_errors
    def check(self, name: str = "") -> ReportDisplay | Message:
        """Judge the answer to the exercise `name` as it was last run, and say claim by claim what holds."""
        exercise = get_exercise(name)
        if exercise.kind == "prose":
            return Message(f"{name} is read by a person: there is nothing to check.")
        last_run = self.answers.get(name, LastRun())
        report = judge(exercise, last_run.text)
        self.log.record(report)
        return ReportDisplay(_add_remarks(report, self._remarks(exercise, last_run, report)))

    def _remarks(self, exercise: Exercise, last_run: LastRun, report: Report) -> list[str]:
        if exercise.name not in self.answers:
            return [f"Run the cell that begins with `%%answer {exercise.name}` first."]
        remarks = []
        if differs_on_disk(exercise, last_run):
            remarks.append("The saved notebook holds another answer than the one you ran: run its cell again.")
        if exercise.hints and report.status in ("wrong", "partly right"):
            remarks.append(f'Stuck? `hint("{exercise.name}")` gives the next step.')
        return remarks

    @shorten_errors
    def hint(self, name: str = "") -> Message:
        """Give the next step of the exercise's hint ladder; the last one is repeated."""
        exercise = get_exercise(name)
        if not exercise.hints:
            return Message(f"There are no hints for {name}.")
        step = min(self.hints_given.get(name, 0), len(exercise.hints) - 1)
        self.hints_given[name] = step + 1
        return Message(exercise.hints[step], f"Hint {step + 1} of {len(exercise.hints)} for {name}")

    @shorten_errors
    def progress(self) -> Message:
        """Show what is done in each lesson and overall, as far as it was checked on this computer."""
        return progress_message(self.log)

    @shorten_errors
    def recall(self, lesson: str = "") -> Message:
        """Ask four questions from earlier lessons, first about what went wrong there."""
        return recall_message(lesson, self.log)


def get_exercise(name: str) -> Exercise:
    """The exercise called `name`; raise `SentenceError` in words a student can use if there is none."""
    if not isinstance(name, str) or not name:
        raise SentenceError('Write the name of the exercise in quotes, such as check("open-loans").')
    exercise = find_exercise(name)
    if exercise is None:
        near = get_close_matches(name, [one for lesson in list_lessons() for one in key_file(lesson)["exercises"]], 1)
        guess = f" Is `{near[0]}` meant?" if near else ""
        raise SentenceError(f"There is no exercise `{name}`.{guess} The check cell below each exercise has its name.")
    return exercise


def differs_on_disk(exercise: Exercise, last_run: LastRun) -> bool:
    """Whether the notebook was saved after the answer was run, with another text in the answer cell."""
    path = Path(os.environ.get("JPY_SESSION_NAME", ""))
    try:
        if path.suffix != ".ipynb" or not path.is_file() or path.stat().st_mtime < last_run.time:
            return False
        saved = read_answers(path, [exercise.name]).texts[exercise.name]
    except (OSError, UnreadableNotebook):
        return False
    return bool(saved) and saved.strip() != last_run.text.strip()


def _add_remarks(report: Report, remarks: list[str]) -> Report:
    return replace(report, remarks=(*report.remarks, *remarks))
