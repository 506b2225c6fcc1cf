"""Writes the results of a class: those of each submission as soon as it is graded, the tables at the end."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from graders.grading.class_report import class_page
from graders.grading.class_statistics import summarize_class
from graders.grading.class_tables import class_tables
from graders.grading.feedback import feedback_page, keep_graded
from graders.grading.gradebook import GradebookWriter
from graders.grading.grades import exercise_cells
from graders.grading.judge_requests import UNSAFE
from graders.grading.lesson_grader import LessonGraders
from graders.grading.rebuild import rebuild_notebook
from graders.grading.review import review_row, take_steps
from graders.grading.submissions import GradedSubmission, copy_exchange_files
from graders.kernel.exercise import Exercise
from graders.term.term import Term

COLUMNS = ("student", "lesson", "number", "title", "exercise", "further", "score", "max_score", "status")


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
    def class_tables(self) -> Path:
        """The folder of the figures on that page as tables."""
        return self.out / "class"

    @property
    def store(self) -> Path:
        """The reports on every answer judged so far."""
        return self.out / "results.db"

    @property
    def gradebook(self) -> str:
        """The URL of the gradebook that belongs to these results."""
        return f"sqlite:///{(self.out / 'gradebook.db').as_posix()}"

    def feedback(self, graded: GradedSubmission) -> Path:
        """The page that the student gets back, where nbgrader looks for it."""
        student, lesson = graded.submission.student, graded.submission.lesson
        return self.out / "feedback" / student / lesson / f"{lesson}.html"

    def autograded(self, graded: GradedSubmission) -> Path:
        """The notebook rebuilt from a submission."""
        student, lesson = graded.submission.student, graded.submission.lesson
        return self.out / "autograded" / student / lesson / f"{lesson}.ipynb"


class ClassResults:
    """The results of a run. What breaks while a submission is written leaves that one for review, everywhere."""

    def __init__(
        self, files: ResultFiles, graders: LessonGraders, gradebook: GradebookWriter, term: Term | None = None
    ):
        self.files = files
        self.term = term
        self.graders = graders
        self.gradebook = gradebook
        self._rows: dict[int, str] = {}

    def add(self, graded: GradedSubmission, on_progress: Callable[[GradedSubmission], None]) -> None:
        """Write everything on one submission, then call `on_progress`."""
        steps = {
            "making its rows": self._make_rows,
            "drawing its page": self._draw_page,
            "counting it in the class": self._count,
            "rebuilding its notebook": self._rebuild,
            "entering its scores": self._enter,
            "showing it": on_progress,
        }
        take_steps(graded, steps)

    def _make_rows(self, graded: GradedSubmission) -> None:
        self._rows.pop(id(graded), None)
        self._rows[id(graded)] = _csv(_rows(graded, self.graders))

    def _draw_page(self, graded: GradedSubmission) -> None:
        lesson = graded.submission.lesson
        if lesson:
            place, grader = (graded.submission.student, lesson), self.graders.find(lesson)
            by_hand, penalty = self.gradebook.hand_marks(*place), self.gradebook.penalty(*place)
            path = self.files.feedback(graded)
            write_whole(path, feedback_page(graded, grader, by_hand, self.term, penalty))
            copy_exchange_files(graded.submission, path.parent)
            # An older release has left the page there.
            (path.parents[1] / path.name).unlink(missing_ok=True)

    def _count(self, graded: GradedSubmission) -> None:
        """Draw a class of this submission alone, so that it cannot break the page of the whole class."""
        statistics = summarize_class([graded], self.graders.find, self.graders.catalogue)
        class_page(statistics)
        class_tables(statistics)

    def _rebuild(self, graded: GradedSubmission) -> None:
        grader = self.graders.find(graded.submission.lesson)
        if grader:
            notebook = rebuild_notebook(grader.source(), graded.answers, graded.reports, graded.notes)
            path = self.files.autograded(graded)
            write_whole(path, json.dumps(keep_graded(notebook, graded), ensure_ascii=False, sort_keys=True) + "\n")
            copy_exchange_files(graded.submission, path.parent)

    def _enter(self, graded: GradedSubmission) -> None:
        grader = self.graders.find(graded.submission.lesson)
        if grader:
            self.gradebook.ensure_assignment(grader)
            self.gradebook.enter_submission(grader, graded)

    def write_class(
        self, submissions: list[GradedSubmission], seconds: float, said_late: Collection[tuple[str, str]] = ()
    ) -> None:
        """Write the table of grades, the page on the class, and its figures as tables."""
        rows = (self._rows.get(id(graded)) or _csv([review_row(graded)]) for graded in submissions)
        write_whole(self.files.grades, "".join([_csv([COLUMNS]), *rows]))
        statistics = summarize_class(submissions, self.graders.find, self.graders.catalogue, self.term, said_late)
        write_whole(self.files.class_page, class_page(statistics, seconds))
        for name, table in class_tables(statistics).items():
            write_whole(self.files.class_tables / name, table)


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8; whoever reads it, or kills us, meets the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", errors="replace", newline="")
    beside.replace(path)


def _csv(rows: Iterable[Iterable[str]]) -> str:
    table = io.StringIO(newline="")
    csv.writer(table).writerows(rows)
    return table.getvalue()


def _rows(graded: GradedSubmission, graders: LessonGraders) -> list[tuple[str, ...]]:
    """The rows of one submission in the table of grades: one with the reason if it has no reports."""
    grader = graders.find(graded.submission.lesson)
    exercises = grader.exercises.values() if grader else ()
    if graded.reason or not exercises:
        points = sum(exercise.points for exercise in exercises if not exercise.further)
        return [review_row(graded, f"{points:g}" if exercises else "")]
    cells = graded.submission.cells
    return [(*cells, *exercise_cells(exercise), *_score_cells(graded, exercise)) for exercise in exercises]


def _score_cells(graded: GradedSubmission, exercise: Exercise) -> tuple[str, str, str]:
    """The score, the most that can be earned, and the status of one exercise."""
    report = graded.reports.get(exercise.name)
    if report is None:
        blank = graded.is_blank_prose(exercise)
        return "0" if blank else "", f"{exercise.points:g}", "not attempted" if blank else "read by a person"
    status = f"{report.status}, unsafe" if UNSAFE in report.remarks else report.status
    return f"{report.confirmed_score:g}", f"{exercise.points:g}", status
