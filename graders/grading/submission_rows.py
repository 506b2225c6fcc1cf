"""The rows that nbgrader keeps for a submission, written without its object layer, which commits at every step."""

from __future__ import annotations

import sqlalchemy as sa
from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook, new_uuid

STUDENT, SUBMISSION, NOTEBOOK, GRADE, COMMENT = (
    each.__table__ for each in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
)


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
