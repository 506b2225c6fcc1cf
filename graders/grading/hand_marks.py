"""Reads from nbgrader's gradebook what a person gave in formgrader, and what nbgrader takes off for being late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Assignment, BaseCell, Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook


@dataclass(frozen=True)
class HandMark:
    """What a person gave in formgrader: a score, or none, a comment, and extra credit."""

    score: float | None = None
    comment: str = ""
    extra: float = 0.0

    def total(self, judged: float | None) -> float | None:
        """The points of an exercise for whose answer the claims give `judged`; None while nobody has decided."""
        decided = judged if self.score is None else self.score
        return None if decided is None else decided + self.extra


def read_hand_marks(connection: sa.Connection, student: str, lesson: str) -> dict[str, HandMark]:
    """The marks and comments that a person gave a student's answers to a lesson, by exercise."""
    where = (Student.id == student, Assignment.name == lesson)
    found = connection.execute(_HAND_SCORES.where(*where))
    scores = {name: (score, extra or 0.0) for name, score, extra in found}
    comments = {name.removesuffix("-answer"): text for name, text in connection.execute(_HAND_COMMENTS.where(*where))}
    marks = {name: (*scores.get(name, (None, 0.0)), comments.get(name, "")) for name in scores | comments}
    return {name: HandMark(score, comment, extra) for name, (score, extra, comment) in marks.items()}


def read_penalty(connection: sa.Connection, student: str, lesson: str) -> float:
    """The points that nbgrader's own policy takes off a student's lesson for being late."""
    query = (
        sa.select(sa.func.sum(SubmittedNotebook.late_submission_penalty))
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(SubmittedAssignment.student_id == student, Assignment.name == lesson)
    )
    return connection.scalar(query) or 0.0


def _of_submissions(table: type[Grade] | type[Comment], *columns: Any) -> sa.Select:
    """The `columns` of grades or comments, with the student and the lesson that they are of."""
    return (
        sa.select(*columns)
        .select_from(table)
        .join(BaseCell, table.cell_id == BaseCell.id)
        .join(SubmittedNotebook, table.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    )


_HAND_SCORES = _of_submissions(Grade, BaseCell.name, Grade.manual_score, Grade.extra_credit).where(
    sa.or_(Grade.manual_score.is_not(None), Grade.extra_credit != 0)
)
_HAND_COMMENTS = _of_submissions(Comment, BaseCell.name, Comment.manual_comment).where(
    Comment.manual_comment.is_not(None)
)
