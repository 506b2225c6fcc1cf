"""Writes scores into nbgrader's gradebook, and the verdict on each claim into a table of our own beside it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import nbgrader
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from nbgrader.api import (
    Base,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)

from graders.build.notebook import source_notebook, write_notebook
from graders.build.release import release
from graders.course.course import Course
from graders.grading.hand_marks import HandMark, read_hand_marks, read_penalty
from graders.grading.judge_requests import report_to_json
from graders.grading.lesson_grader import LessonGrader
from graders.grading.submissions import GradedSubmission, hand_in_time
from graders.kernel.exercise import Exercise
from graders.kernel.report import Report
from graders.term.roster import Person

STUDENT, SUBMISSION, NOTEBOOK, GRADE, COMMENT = (
    each.__table__ for each in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
)
METADATA = sa.MetaData()
CLAIMS = sa.Table(
    "course_claim",
    METADATA,
    *(sa.Column(name, sa.String(128), primary_key=True) for name in ("student", "lesson", "exercise", "claim")),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
)
# For each submission, digests of the answers and reports that were entered last, as JSON by exercise.
ENTERED = sa.Table(
    "course_entered",
    METADATA,
    *(sa.Column(name, sa.String(128), primary_key=True) for name in ("student", "lesson")),
    sa.Column("digests", sa.Text, nullable=False),
)


class GradebookWriter:
    """One open gradebook; use it in a `with`. `url` is any database URL that nbgrader accepts."""

    def __init__(self, course: Course, url: str):
        self.course = course
        self.url = url
        create_gradebook(url)
        self.gradebook = Gradebook(url)
        self._rows: dict[str, SubmissionRows] = {}

    def __enter__(self) -> GradebookWriter:
        return self

    def __exit__(self, *_) -> None:
        self.gradebook.close()

    def ensure_assignment(self, grader: LessonGrader) -> None:
        """Make sure that the gradebook knows the lesson, as nbgrader's `generate_assignment` writes it there."""
        if grader.lesson.id in self._rows:
            return
        # A transaction that broke before us would refuse every statement.
        self.gradebook.db.rollback()
        if not self._is_complete(grader):
            with tempfile.TemporaryDirectory(prefix="release-") as scratch:
                source = Path(scratch) / "source"
                name = f"{grader.lesson.id}/{grader.lesson.id}.ipynb"
                write_notebook(source_notebook(grader.lesson), source / name)
                release(self.course.root, source, Path(scratch) / "release", grader.lesson.id, self.url)
        self._rows[grader.lesson.id] = SubmissionRows(self.gradebook, grader.lesson.id)

    def _is_complete(self, grader: LessonGrader) -> bool:
        """Whether all of the lesson is there; nbgrader enters it cell by cell, and may have been stopped midway."""
        try:
            assignment = self.gradebook.find_assignment(grader.lesson.id)
        except MissingEntry:
            return False
        if self.gradebook.assignment_submissions(grader.lesson.id):
            return True
        known = {cell.name for notebook in assignment.notebooks for cell in notebook.source_cells}
        cells = (cell.metadata.get("nbgrader", {}).get("grade_id") for cell in grader.source().cells)
        return known >= {name for name in cells if name}

    def enter_submission(self, grader: LessonGrader, graded: GradedSubmission) -> None:
        """Enter one submission in one transaction; what no claim could judge is left to a person.

        An exercise whose answer and report are those entered last is left as it is, with the marks that a person
        gave it.
        """
        student, lesson = graded.submission.student, graded.submission.lesson
        rows = self._rows[lesson]
        new = {name: _digest(graded, name) for name in grader.exercises}
        with self.gradebook.engine.connect() as connection:
            submission = rows.find(connection, student)
            old = _entered_digests(connection, student, lesson) if submission else {}
            if new == old:
                rows.set_time(connection, student, hand_in_time(graded.submission))
                connection.commit()
                return
            submission = submission or rows.create(connection, student)
            rows.complete(connection, submission)
            rows.set_time(connection, student, hand_in_time(graded.submission))
            changed = [exercise for name, exercise in grader.exercises.items() if new[name] != old.get(name)]
            _enter_scores(connection, rows, submission, decide(graded, changed))
            _enter_claims(connection, student, lesson, graded.reports)
            _set_entered_digests(connection, student, lesson, new)
            connection.commit()

    def enter_names(self, people: Iterable[Person]) -> None:
        """Give those of `people` whom the gradebook knows without name or number what the roster says."""
        nameless = (STUDENT.c.first_name.is_(None), STUDENT.c.last_name.is_(None))
        with self.gradebook.engine.begin() as connection:
            for person in people:
                known = STUDENT.update().where(STUDENT.c.id == person.student)
                if person.name:
                    first, last = person.first_and_last_name
                    connection.execute(known.where(*nameless).values(first_name=first, last_name=last))
                if person.number:
                    unnumbered = known.where(STUDENT.c.lms_user_id.is_(None))
                    connection.execute(unnumbered.values(lms_user_id=person.number))

    def hand_marks(self, student: str, lesson: str) -> dict[str, HandMark]:
        """The marks and comments that a person gave a student's answers to a lesson, by exercise."""
        with self.gradebook.engine.connect() as connection:
            return read_hand_marks(connection, student, lesson)

    def penalty(self, student: str, lesson: str) -> float:
        """The points that nbgrader itself takes off a student's lesson for being late."""
        with self.gradebook.engine.connect() as connection:
            return read_penalty(connection, student, lesson)

    def enter_graded(self, grader: LessonGrader, graded: GradedSubmission) -> None:
        """Enter scores and claims for a submission that nbgrader itself has just entered, in one transaction."""
        student, lesson = graded.submission.student, graded.submission.lesson
        rows = SubmissionRows(self.gradebook, lesson)
        with self.gradebook.engine.begin() as connection:
            decided = decide(graded, grader.exercises.values())
            _enter_scores(connection, rows, rows.find(connection, student), decided)
            _enter_claims(connection, student, lesson, graded.reports)
            _set_entered_digests(connection, student, lesson, {})


class Decision(NamedTuple):
    """The score of an exercise, or none, and whether a person has to look at the answer."""

    score: float | None
    look: bool


def decide(graded: GradedSubmission, exercises: Iterable[Exercise]) -> dict[str, Decision]:
    """What there is to enter for each of `exercises`, by name.

    A person looks at prose that somebody wrote, and at what broke by our own fault. What cannot be read is the
    student's to repair.
    """
    found = {}
    for exercise in exercises:
        report = graded.reports.get(exercise.name)
        if report:
            found[exercise.name] = Decision(report.confirmed_score, report.status == "needs review")
        elif graded.is_blank_prose(exercise):
            found[exercise.name] = Decision(0.0, False)
        else:
            found[exercise.name] = Decision(None, graded.our_fault or not graded.reason)
    return found


def _enter_scores(
    connection: sa.Connection, rows: SubmissionRows, submission: str, decided: dict[str, Decision]
) -> None:
    """Enter what was `decided`; an answer that a person has marked, and that is another now, is for them to look at."""
    changes = []
    for name, row in rows.by_exercise(connection, submission).items():
        if name in decided:
            score, look = decided[name]
            changes.append((row.id, score, look or row.manual_score is not None))
    rows.score(connection, changes)


def _enter_claims(connection: sa.Connection, student: str, lesson: str, reports: dict[str, Report]) -> None:
    """Replace what is known of the claims on a student's answers to a lesson."""
    connection.execute(CLAIMS.delete().where(CLAIMS.c.student == student, CLAIMS.c.lesson == lesson))
    rows = [
        {
            "student": student,
            "lesson": lesson,
            "exercise": name,
            "claim": verdict.claim,
            "sentence": verdict.sentence,
            "outcome": verdict.outcome.value,
            "weight": verdict.weight,
            "hint": verdict.hint,
        }
        for name, report in reports.items()
        for verdict in report.verdicts
    ]
    if rows:
        connection.execute(CLAIMS.insert(), rows)


def _digest(graded: GradedSubmission, exercise: str) -> str:
    """Equal for the same answer with the same report; nothing that could not be read equals anything that could."""
    report = graded.reports.get(exercise)
    parts = [graded.reason, graded.answers.texts.get(exercise, ""), report_to_json(report) if report else ""]
    parts += graded.answers.unread.get(exercise, [])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _entered_digests(connection: sa.Connection, student: str, lesson: str) -> dict[str, str]:
    where = (ENTERED.c.student == student, ENTERED.c.lesson == lesson)
    return json.loads(connection.scalar(sa.select(ENTERED.c.digests).where(*where)) or "{}")


def _set_entered_digests(connection: sa.Connection, student: str, lesson: str, digests: dict[str, str]) -> None:
    connection.execute(ENTERED.delete().where(ENTERED.c.student == student, ENTERED.c.lesson == lesson))
    connection.execute(ENTERED.insert(), {"student": student, "lesson": lesson, "digests": json.dumps(digests)})


def create_gradebook(url: str) -> None:
    """Make sure that the database at `url` has every table, as nbgrader makes them and marks their version.

    nbgrader makes them one by one, and asks a program for their version in between: a run killed at that moment
    would leave a gradebook that nbgrader takes for complete.
    """
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                # Python's sqlite3 begins no transaction of its own before CREATE TABLE.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            if not sa.inspect(connection).has_table("alembic_version"):
                Base.metadata.create_all(connection)
                connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                connection.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": _newest_version()})
            METADATA.create_all(connection)
            _rename_old_column(connection)
    finally:
        engine.dispose()


def _rename_old_column(connection: sa.Connection) -> None:
    """Bring the table of claims of an older release up to date, which called a claim's weight its worth."""
    if any(column["name"] == "worth" for column in sa.inspect(connection).get_columns(CLAIMS.name)):
        connection.execute(sa.text("ALTER TABLE course_claim RENAME COLUMN worth TO weight"))


def _newest_version() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(Path(nbgrader.__file__).parent / "alembic"))
    return ScriptDirectory.from_config(config).get_current_head()


class SubmissionRows:
    """The submissions of one lesson, which the gradebook must know; every method leaves the commit to its caller."""

    def __init__(self, gradebook: Gradebook, lesson: str):
        assignment = gradebook.find_assignment(lesson)
        (notebook,) = assignment.notebooks
        self.assignment, self.notebook = assignment.id, notebook.id
        self.grades = {cell.id: cell.name for cell in (*notebook.grade_cells, *notebook.task_cells)}
        self.comments = [cell.id for cell in (*notebook.solution_cells, *notebook.task_cells)]
        gradebook.db.rollback()

    def find(self, connection: sa.Connection, student: str) -> str:
        """The id of the student's submitted notebook, or ""."""
        query = (
            sa.select(NOTEBOOK.c.id)
            .join(SUBMISSION, SUBMISSION.c.id == NOTEBOOK.c.assignment_id)
            .where(SUBMISSION.c.assignment_id == self.assignment, SUBMISSION.c.student_id == student)
        )
        return connection.scalar(query) or ""

    def create(self, connection: sa.Connection, student: str) -> str:
        """Enter the student, if unknown, and an empty submission; give the id of its notebook."""
        if connection.scalar(sa.select(STUDENT.c.id).where(STUDENT.c.id == student)) is None:
            connection.execute(STUDENT.insert(), {"id": student})
        where = (SUBMISSION.c.assignment_id == self.assignment, SUBMISSION.c.student_id == student)
        submission, notebook = connection.scalar(sa.select(SUBMISSION.c.id).where(*where)), new_uuid()
        if submission is None:
            submission = new_uuid()
            ids = {"id": submission, "assignment_id": self.assignment, "student_id": student}
            connection.execute(SUBMISSION.insert(), ids)
        ids = {"id": notebook, "assignment_id": submission, "notebook_id": self.notebook}
        connection.execute(NOTEBOOK.insert(), ids)
        return notebook

    def set_time(self, connection: sa.Connection, student: str, handed_in: datetime | None) -> None:
        """Enter when the student's submission was handed in, in UTC without a zone."""
        where = (SUBMISSION.c.assignment_id == self.assignment, SUBMISSION.c.student_id == student)
        connection.execute(SUBMISSION.update().where(*where).values(timestamp=handed_in))

    def complete(self, connection: sa.Connection, notebook: str) -> None:
        """Give every cell of the lesson its grade and its place for comments, where they are missing."""
        for table, cells in ((GRADE, self.grades), (COMMENT, self.comments)):
            known = set(connection.scalars(sa.select(table.c.cell_id).where(table.c.notebook_id == notebook)))
            missing = [{"cell_id": cell, "notebook_id": notebook} for cell in cells if cell not in known]
            if missing:
                connection.execute(table.insert(), missing)

    def by_exercise(self, connection: sa.Connection, notebook: str) -> dict[str, sa.Row]:
        """The grades of a submitted notebook (id, manual_score) by the name of the exercise."""
        query = sa.select(GRADE.c.id, GRADE.c.cell_id, GRADE.c.manual_score).where(GRADE.c.notebook_id == notebook)
        rows = connection.execute(query).all()
        return {self.grades[row.cell_id]: row for row in rows if row.cell_id in self.grades}

    def score(self, connection: sa.Connection, changes: list[tuple[str, float | None, bool]]) -> None:
        """Set (auto_score, needs_manual_grade) of the grades with the given ids."""
        if changes:
            statement = GRADE.update().where(GRADE.c.id == sa.bindparam("grade"))
            rows = [{"grade": i, "auto_score": score, "needs_manual_grade": look} for i, score, look in changes]
            connection.execute(statement, rows)
