"""Writes what a class run gives: the share of each submission as soon as it is complete, the tables at the end."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from graders.grading.class_figures import class_figures
from graders.grading.class_report import class_page, write_class_report
from graders.grading.exchange_files import copy_exchange_files
from graders.grading.feedback import write_feedback
from graders.grading.files import write_whole
from graders.grading.gradebook import Marks
from graders.grading.judging import UNSAFE
from graders.grading.rebuild import rebuilt
from graders.grading.spreadsheets import plain
from graders.grading.submissions import Examiner, Marked, shown
from graders.kernel.exercise import Exercise
from graders.kernel.failures import contain_failure

COLUMNS = ("student", "lesson", "exercise", "score", "max_score", "status")
TRIES = 3


@dataclass(frozen=True)
class ResultFiles:
    """Where the results of a run lie, all below one folder."""

    out: Path

    @property
    def grades(self) -> Path:
        """The table of grades, one row for each student and exercise."""
        return self.out / "grades.csv"

    @property
    def class_page(self) -> Path:
        """The page on the class."""
        return self.out / "class.html"

    @property
    def feedback(self) -> Path:
        """The folder of the students' pages."""
        return self.out / "feedback"

    @property
    def store(self) -> Path:
        """The reports on every answer judged so far."""
        return self.out / "results.db"

    @property
    def gradebook(self) -> str:
        """The URL of the gradebook that belongs to these results."""
        return f"sqlite:///{(self.out / 'gradebook.db').as_posix()}"

    def autograded(self, marked: Marked) -> Path:
        """The notebook rebuilt from a submission."""
        student, lesson = marked.submission.student, marked.submission.lesson
        return self.out / "autograded" / student / lesson / f"{lesson}.ipynb"


class ClassResults:
    """The results of a run. What breaks while a submission is written leaves that one for review, everywhere."""

    def __init__(self, files: ResultFiles, examiner: Examiner, marks: Marks):
        self.files = files
        self.examiner = examiner
        self.marks = marks
        self._rows: dict[int, str] = {}

    def add(self, marked: Marked, tell: Callable[[Marked], None]) -> None:
        """Write everything on one submission and `tell` of it; where a step breaks, all again with less of it."""
        steps = {
            "making its rows": self._make_rows,
            "drawing its page": self._draw_page,
            "counting it in the class": self._count,
            "rebuilding its notebook": self._rebuild,
            "entering its marks": self._enter,
            "showing it": tell,
        }
        for _ in range(TRIES - 1):
            if all(_done(marked, *step) for step in steps.items()):
                return
        for step in steps.items():
            _done(marked, *step)

    def _make_rows(self, marked: Marked) -> None:
        self._rows.pop(id(marked), None)
        self._rows[id(marked)] = _csv(_rows(marked, self.examiner))

    def _draw_page(self, marked: Marked) -> None:
        if marked.submission.lesson:
            write_feedback(self.files.feedback, marked, self.examiner.known(marked.submission.lesson))

    def _count(self, marked: Marked) -> None:
        """Draw a class of this submission alone, so that it cannot break the page of the whole class."""
        class_page(class_figures([marked], self.examiner.known))

    def _rebuild(self, marked: Marked) -> None:
        marker = self.examiner.known(marked.submission.lesson)
        if marker:
            notebook = rebuilt(marker, marked.answers.texts, marked.reports, marked.answers.outputs)
            path = self.files.autograded(marked)
            write_whole(path, json.dumps(notebook, ensure_ascii=False, sort_keys=True) + "\n")
            copy_exchange_files(marked.submission, path.parent)

    def _enter(self, marked: Marked) -> None:
        marker = self.examiner.known(marked.submission.lesson)
        if marker:
            self.marks.know_assignment(marker)
            self.marks.enter(marker, marked)

    def write_class(self, found: list[Marked], seconds: float) -> None:
        """Write the table of grades and the page on the class."""
        rows = (self._rows.get(id(marked)) or _csv([_row_for_review(marked)]) for marked in found)
        write_whole(self.files.grades, "".join([_csv([COLUMNS]), *rows]))
        write_class_report(self.files.class_page, found, self.examiner.known, seconds)


def _done(marked: Marked, doing: str, step: Callable[[Marked], None]) -> bool:
    """Take one step with `marked`, or leave it for review."""
    faults: list[str] = []
    with contain_failure(doing, faults.append):
        step(marked)
    for fault in faults:
        marked.leave_for_review(fault)
    return not faults


def _csv(rows: Iterable[Iterable[str]]) -> str:
    table = io.StringIO(newline="")
    csv.writer(table).writerows(rows)
    return table.getvalue()


def _rows(marked: Marked, examiner: Examiner) -> list[tuple[str, ...]]:
    """The rows of one submission in the table of grades: one with the reason if it has no reports."""
    marker = examiner.known(marked.submission.lesson)
    if marked.reason or marker is None:
        points = sum(exercise.points for exercise in marker.exercises.values()) if marker else ""
        return [(*_who(marked), "", "", _number(points), marked.status)]
    return [(*_who(marked), name, *_mark(marked, marker.exercises[name])) for name in marker.exercises]


def _row_for_review(marked: Marked) -> tuple[str, ...]:
    """The row of a submission of which no other could be made."""
    return (*_who(marked), "", "", "", marked.status)


def _who(marked: Marked) -> tuple[str, str]:
    return plain(shown(marked.submission.student)), plain(shown(marked.submission.lesson))


def _mark(marked: Marked, exercise: Exercise) -> tuple[str, str, str]:
    """The score, the most that can be earned, and the status of one exercise."""
    report = marked.reports.get(exercise.name)
    if report is None:
        blank = exercise.blank(marked.answers.texts.get(exercise.name, ""))
        return "", _number(exercise.points), "not attempted" if blank else "read by a person"
    status = f"{report.status}, unsafe" if UNSAFE in report.remarks else report.status
    return _number(report.confirmed_score), _number(exercise.points), status


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
