"""Grades a folder of submissions: marks, a table of grades, feedback pages and the gradebook."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graders.build.course import Course
from graders.grading.class_judging import ClassJudging
from graders.grading.class_report import write_class_report
from graders.grading.feedback import write_feedback
from graders.grading.files import write_whole
from graders.grading.gradebook import Marks
from graders.grading.judging import UNSAFE
from graders.grading.rebuild import rebuilt
from graders.grading.spreadsheets import plain
from graders.grading.store import Store
from graders.grading.submissions import Examiner, Marked, Submission, find_submissions
from graders.grading.workers import Workers, cores
from graders.kernel.exercise import Exercise

if TYPE_CHECKING:
    from graders.grading.scheduler import Cluster

COLUMNS = ("student", "lesson", "exercise", "score", "max_score", "status")


@dataclass(frozen=True)
class Results:
    """Where the results of a run lie, all below one folder."""

    out: Path

    @property
    def grades(self) -> Path:
        """The table of grades, one row for each student and exercise."""
        return self.out / "grades.csv"

    @property
    def store(self) -> Path:
        """The reports on every answer judged so far."""
        return self.out / "results.db"

    @property
    def gradebook(self) -> str:
        """The URL of the gradebook that belongs to these results."""
        return f"sqlite:///{(self.out / 'gradebook.db').as_posix()}"


def grade(
    course: Course,
    seed: str,
    submitted: Path,
    out: Path,
    gradebook: str = "",
    tell: Callable[[Marked, int, int], None] = lambda marked, done, total: None,
    *,
    jobs: int = 0,
    scheduler: str = "",
    unsafe: bool = False,
) -> list[Marked]:
    """Grade every submission below `submitted` into `out`; `tell` is called after each with what was found.

    `out` gets `grades.csv`, `class.html`, `feedback/<student>/<lesson>.html`, `autograded/…` for formgrader,
    `results.db` with every answer judged so far and, unless `gradebook` names another, `gradebook.db`. Answers are
    judged in `jobs` processes (as many as there are cores) or on the dask cluster at `scheduler`. A run that was
    stopped at any moment is finished by running it again. A student's Python runs behind the best wall that holds
    here (where none does, those answers are left to a person), or, if `unsafe`, without one, which is written on
    every such mark.
    """
    began = time.monotonic()
    results = Results(out.resolve())
    out.mkdir(parents=True, exist_ok=True)
    examiner = Examiner(course, seed, unsafe)
    found = [examiner.read(submission) for submission in find_submissions(submitted)]
    with (
        Marks(course, gradebook or results.gradebook) as marks,
        Store(results.store) as store,
        _judges(jobs, scheduler) as judges,
    ):
        for done, marked in enumerate(ClassJudging(examiner, found).run(store, judges), start=1):
            _keep(results, examiner, marks, marked)
            tell(marked, done, len(found))
    write_grades(results.grades, found, examiner)
    write_class_report(results.out / "class.html", found, examiner.known, time.monotonic() - began)
    return found


def _judges(jobs: int, scheduler: str) -> Workers | Cluster:
    if not scheduler:
        return Workers(jobs or cores())
    from graders.grading.scheduler import Cluster

    return Cluster(scheduler)


def _keep(results: Results, examiner: Examiner, marks: Marks, marked: Marked) -> None:
    marker = examiner.known(marked.submission.lesson)
    if marked.submission.lesson:
        write_feedback(results.out / "feedback", marked, marker)
    if marker:
        notebook = rebuilt(marker, marked.answers.texts, marked.reports, marked.answers.outputs)
        text = json.dumps(notebook, ensure_ascii=False, sort_keys=True) + "\n"
        write_whole(_autograded(results.out, marked.submission), text)
        marks.know_assignment(marker)
        marks.enter(marker, marked)


def _autograded(out: Path, submission: Submission) -> Path:
    return out / "autograded" / submission.student / submission.lesson / f"{submission.lesson}.ipynb"


def write_grades(path: Path, found: list[Marked], examiner: Examiner) -> None:
    """Write the table of grades; a submission that could not be read is one row with its reason."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for marked in found:
        writer.writerows(_rows(marked, examiner))
    write_whole(path, table.getvalue())


def _rows(marked: Marked, examiner: Examiner) -> list[tuple]:
    who = (plain(marked.submission.student), plain(marked.submission.lesson))
    marker = examiner.known(marked.submission.lesson)
    if marked.reason or marker is None:
        points = sum(exercise.points for exercise in marker.exercises.values()) if marker else ""
        return [(*who, "", "", _number(points), f"unreadable: {marked.reason}")]
    return [(*who, name, *_mark(marked, marker.exercises[name])) for name in marker.exercises]


def _mark(marked: Marked, exercise: Exercise) -> tuple[str, str, str]:
    """The score, the most that can be earned, and the status of one exercise."""
    report = marked.reports.get(exercise.name)
    if report is None:
        blank = exercise.blank(marked.answers.texts.get(exercise.name, ""))
        return "", _number(exercise.points), "not attempted" if blank else "read by a person"
    status = f"{report.status}, unsafe" if UNSAFE in report.remarks else report.status
    return _number(report.decided), _number(exercise.points), status


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
