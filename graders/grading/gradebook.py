"""Writes marks into nbgrader's gradebook, and the verdict on each claim into a table of our own beside it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import sqlalchemy as sa
from nbgrader.api import Gradebook, MissingEntry

from graders.build.course import Course
from graders.build.notebook import source_notebook, write_notebook
from graders.build.release import let_nbgrader_find_alembic, release
from graders.grading.marker import Marker
from graders.grading.submissions import Marked
from graders.report import Outcome, Report

metadata = sa.MetaData()
claims = sa.Table(
    "course_claim",
    metadata,
    *(sa.Column(name, sa.String(128), primary_key=True) for name in ("student", "lesson", "exercise", "claim")),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("worth", sa.Float, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
)


class Marks:
    """One open gradebook; use it in a `with`. `url` is any database URL that nbgrader accepts."""

    def __init__(self, course: Course, url: str):
        self.course = course
        self.url = url
        let_nbgrader_find_alembic()
        self.gradebook = Gradebook(url)
        metadata.create_all(self.gradebook.engine)

    def __enter__(self) -> Marks:
        return self

    def __exit__(self, *_) -> None:
        self.gradebook.close()

    def know_assignment(self, marker: Marker) -> None:
        """Make sure that the gradebook knows the lesson, as nbgrader's `generate_assignment` writes it there."""
        try:
            self.gradebook.find_assignment(marker.lesson.id)
        except MissingEntry:
            with tempfile.TemporaryDirectory(prefix="release-") as scratch:
                source = Path(scratch) / "source"
                name = f"{marker.lesson.id}/{marker.lesson.id}.ipynb"
                write_notebook(source_notebook(marker.lesson), source / name)
                release(self.course.root, source, Path(scratch) / "release", marker.lesson.id, self.url)

    def enter(self, marker: Marker, marked: Marked) -> None:
        """Enter one submission in one transaction; what no claim could judge is left to a person."""
        student, lesson = marked.submission.student, marked.submission.lesson
        self.gradebook.update_or_create_student(student)
        with self.gradebook.db.no_autoflush:
            self.gradebook.update_or_create_submission(lesson, student)
        self.enter_reports(student, lesson, marked.reports)

    def enter_reports(self, student: str, lesson: str, reports: dict[str, Report]) -> None:
        """Enter scores and claims for a submission that the gradebook knows, in one transaction."""
        for notebook in self.gradebook.find_submission(lesson, student).notebooks:
            for grade in notebook.grades:
                _enter_score(grade, reports.get(grade.name))
        enter_claims(self.gradebook.db, student, lesson, reports)
        self.gradebook.db.commit()


def _enter_score(grade, report: Report | None) -> None:
    grade.auto_score = None if report is None else decided_score(report)
    undecided = report is None or report.status == "needs review"
    grade.needs_manual_grade = undecided or grade.manual_score is not None


def decided_score(report: Report) -> float:
    """The points that are beyond doubt: a claim broken by our own fault counts for nothing until a person looks."""
    total = sum(verdict.worth for verdict in report.verdicts)
    held = sum(verdict.worth for verdict in report.verdicts if verdict.outcome is Outcome.HOLDS)
    return round(report.points * held / total, 2) if total else 0.0


def enter_claims(session, student: str, lesson: str, reports: dict[str, Report]) -> None:
    """Replace what is known of the claims on a student's answers to a lesson; commits nothing."""
    session.execute(claims.delete().where(claims.c.student == student, claims.c.lesson == lesson))
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
        session.execute(claims.insert(), rows)
