"""Judges answers once more, because a student asked or a check was repaired, and logs every mark that changed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Gradebook

from graders.course.course import Course
from graders.grading.grade_class import grade_class
from graders.grading.grades import format_score, read_grades
from graders.grading.judge_requests import ReportStore
from graders.grading.lesson_grader import LessonGraders
from graders.grading.results import ResultFiles
from graders.grading.submissions import find_submissions
from graders.kernel.readable import escape_formula
from graders.term.term import Term

LOG = "regrades.csv"
COLUMNS = ("when", "student", "lesson", "exercise", "before", "after", "why")
# The score of each student, lesson and exercise; None where nobody has decided.
Scores = dict[tuple[str, str, str], float | None]


@dataclass(frozen=True)
class Regrade:
    """Which answers are judged once more, and why; what is left empty means all."""

    why: str
    student: str = ""
    lesson: str = ""
    exercise: str = ""

    def concerns(self, student: str, lesson: str, exercise: str) -> bool:
        """Whether this answer is meant."""
        wanted = (self.student, self.lesson, self.exercise)
        return all(one in ("", found) for one, found in zip(wanted, (student, lesson, exercise), strict=True))


@dataclass(frozen=True)
class Change:
    """A mark that changed; None where there was, or is, none."""

    student: str
    lesson: str
    exercise: str
    before: float | None
    after: float | None


def regrade(
    course: Course, seed: str, submitted: Path, out: Path, what: Regrade, gradebook: str = "", term: Term | None = None
) -> list[Change]:
    """Judge the answers of `what` once more, grade as `grade_class` does, and log in `out` which marks changed.

    Marks that a person gave stay. Raise `LookupError` if no answer in `submitted` is meant.
    """
    files = ResultFiles(out.resolve())
    url = gradebook or files.gradebook
    out.mkdir(parents=True, exist_ok=True)
    _forget_reports(LessonGraders(course, seed), submitted, files, what)
    before = _read_scores(url)
    grade_class(course, seed, submitted, out, gradebook, term=term)
    after = _read_scores(url)
    changes = [
        Change(*key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]
    append_to_log(out / LOG, changes, what.why, datetime.now(UTC))
    return changes


def _forget_reports(graders: LessonGraders, submitted: Path, files: ResultFiles, what: Regrade) -> None:
    """Take the reports on the answers of `what` out of the store."""
    digests = {
        request.digest
        for graded in map(graders.read, find_submissions(submitted))
        for name, request in graders.requests(graded).items()
        if what.concerns(graded.submission.student, graded.submission.lesson, name)
    }
    if not digests:
        raise LookupError(f"no answer in {submitted} is meant")
    with ReportStore(files.store) as store:
        store.forget(digests)


def _read_scores(url: str) -> Scores:
    with Gradebook(url) as gradebook:
        grades = read_grades(gradebook)
    return {
        (student, lesson, name): score.score
        for (student, lesson), grade in grades.by_submission.items()
        for name, score in grade.scores.items()
    }


def append_to_log(path: Path, changes: Sequence[Change], why: str, when: datetime) -> None:
    """Add a row to the log at `path` for each of `changes`; rows that are there stay."""
    begun = path.is_file()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if not begun:
            writer.writerow(COLUMNS)
        for one in changes:
            who = (escape_formula(one.student), one.lesson, one.exercise)
            marks = (format_score(one.before), format_score(one.after))
            writer.writerow((f"{when:%Y-%m-%d %H:%M} UTC", *who, *marks, escape_formula(why)))
