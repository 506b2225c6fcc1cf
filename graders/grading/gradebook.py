"""Writes marks into nbgrader's gradebook, and the verdict on each claim into a table of our own beside it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import sqlalchemy as sa
from nbgrader.api import Gradebook, MissingEntry

from graders.build.notebook import source_notebook, write_notebook
from graders.build.release import release
from graders.course.course import Course
from graders.grading.gradebook_tables import claims, create_gradebook, entered
from graders.grading.marker import Marker
from graders.grading.plain_reports import report_text
from graders.grading.submission_rows import SubmissionRows
from graders.grading.submissions import Marked
from graders.kernel.report import Report


class Marks:
    """One open gradebook; use it in a `with`. `url` is any database URL that nbgrader accepts."""

    def __init__(self, course: Course, url: str):
        self.course = course
        self.url = url
        create_gradebook(url)
        self.gradebook = Gradebook(url)
        self._rows: dict[str, SubmissionRows] = {}

    def __enter__(self) -> Marks:
        return self

    def __exit__(self, *_) -> None:
        self.gradebook.close()

    def know_assignment(self, marker: Marker) -> None:
        """Make sure that the gradebook knows the lesson, as nbgrader's `generate_assignment` writes it there."""
        if marker.lesson.id in self._rows:
            return
        # A transaction that broke before us would refuse every statement.
        self.gradebook.db.rollback()
        if not self._knows(marker):
            with tempfile.TemporaryDirectory(prefix="release-") as scratch:
                source = Path(scratch) / "source"
                name = f"{marker.lesson.id}/{marker.lesson.id}.ipynb"
                write_notebook(source_notebook(marker.lesson), source / name)
                release(self.course.root, source, Path(scratch) / "release", marker.lesson.id, self.url)
        self._rows[marker.lesson.id] = SubmissionRows(self.gradebook, marker.lesson.id)

    def _knows(self, marker: Marker) -> bool:
        """Whether all of the lesson is there; nbgrader enters it cell by cell, and may have been stopped midway."""
        try:
            assignment = self.gradebook.find_assignment(marker.lesson.id)
        except MissingEntry:
            return False
        if self.gradebook.assignment_submissions(marker.lesson.id):
            return True
        known = {cell.name for notebook in assignment.notebooks for cell in notebook.source_cells}
        cells = (cell.metadata.get("nbgrader", {}).get("grade_id") for cell in marker.source().cells)
        return known >= {name for name in cells if name}

    def enter(self, marker: Marker, marked: Marked) -> None:
        """Enter one submission in one transaction; what no claim could judge is left to a person.

        An exercise whose answer and report are those entered last is left as it is, with the marks that a person
        gave it.
        """
        student, lesson = marked.submission.student, marked.submission.lesson
        rows = self._rows[lesson]
        new = {name: _digest(marked, name) for name in marker.exercises}
        with self.gradebook.engine.connect() as connection:
            submission = rows.find(connection, student)
            old = _entered(connection, student, lesson) if submission else {}
            if new == old:
                return
            submission = submission or rows.create(connection, student)
            rows.complete(connection, submission)
            changed = {name: marked.reports.get(name) for name in new if new[name] != old.get(name)}
            _enter_scores(connection, rows, submission, changed)
            _enter_claims(connection, student, lesson, marked.reports)
            _remember(connection, student, lesson, new)
            connection.commit()

    def enter_reports(self, student: str, lesson: str, reports: dict[str, Report]) -> None:
        """Enter scores and claims for a submission that nbgrader itself has just entered, in one transaction."""
        rows = SubmissionRows(self.gradebook, lesson)
        with self.gradebook.engine.begin() as connection:
            everything = dict.fromkeys(rows.grades.values()) | reports
            _enter_scores(connection, rows, rows.find(connection, student), everything)
            _enter_claims(connection, student, lesson, reports)
            _remember(connection, student, lesson, {})


def _enter_scores(
    connection: sa.Connection, rows: SubmissionRows, submission: str, reports: dict[str, Report | None]
) -> None:
    """Enter the scores of `reports`; without a report there is no score, and a person has to look."""
    changes = []
    for name, row in rows.by_exercise(connection, submission).items():
        if name in reports:
            report = reports[name]
            look = report is None or report.status == "needs review" or row.manual_score is not None
            changes.append((row.id, report.confirmed_score if report else None, look))
    rows.score(connection, changes)


def _enter_claims(connection: sa.Connection, student: str, lesson: str, reports: dict[str, Report]) -> None:
    """Replace what is known of the claims on a student's answers to a lesson."""
    connection.execute(claims.delete().where(claims.c.student == student, claims.c.lesson == lesson))
    rows = [
        {
            "student": student,
            "lesson": lesson,
            "exercise": name,
            "claim": verdict.claim,
            "sentence": verdict.sentence,
            "outcome": verdict.outcome.value,
            "worth": verdict.worth,
            "hint": verdict.hint,
        }
        for name, report in reports.items()
        for verdict in report.verdicts
    ]
    if rows:
        connection.execute(claims.insert(), rows)


def _digest(marked: Marked, exercise: str) -> str:
    """Equal for the same answer with the same report; nothing that could not be read equals anything that could."""
    report = marked.reports.get(exercise)
    parts = (marked.reason, marked.answers.texts.get(exercise, ""), report_text(report) if report else "")
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _entered(connection: sa.Connection, student: str, lesson: str) -> dict[str, str]:
    where = (entered.c.student == student, entered.c.lesson == lesson)
    return json.loads(connection.scalar(sa.select(entered.c.digests).where(*where)) or "{}")


def _remember(connection: sa.Connection, student: str, lesson: str, digests: dict[str, str]) -> None:
    connection.execute(entered.delete().where(entered.c.student == student, entered.c.lesson == lesson))
    connection.execute(entered.insert(), {"student": student, "lesson": lesson, "digests": json.dumps(digests)})
