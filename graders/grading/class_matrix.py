"""Who handed in what: the students of a class by its lessons, with marks, what is missing, and what came late."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC

from graders.grading.submissions import GradedSubmission, Submission, hand_in_time
from graders.kernel.failures import contain_failure
from graders.term.roster import Person
from graders.term.term import Term

MISSING, REVIEW = "missing", "needs review"


@dataclass(frozen=True)
class MatrixCell:
    """One student's submission of one lesson: the points of its claims, or none where it was not marked, and a note.

    `note` says what is not as it should be, such as "missing" or "2 days late".
    """

    points: float | None = None
    note: str = ""


@dataclass(frozen=True)
class MatrixRow:
    """One student, and a cell for each lesson."""

    student: str
    name: str
    section: str
    cells: tuple[MatrixCell, ...]


def class_matrix(
    submissions: Sequence[GradedSubmission],
    lessons: Sequence[str],
    term: Term | None,
    said_late: Collection[tuple[str, str]] = (),
) -> tuple[MatrixRow, ...]:
    """A row for each student who handed anything in or is on the roster of `term`, by section and folder.

    `said_late` are the students and lessons that the platform calls late, without saying how late.
    """
    by_place = {(graded.submission.student, graded.submission.lesson): graded for graded in submissions}
    people = {student: Person(student) for student, _ in by_place} | (term.people if term else {})
    return tuple(
        MatrixRow(
            person.student,
            person.name,
            person.section,
            tuple(
                _guarded_cell(by_place.get((person.student, lesson)), term, (person.student, lesson) in said_late)
                for lesson in lessons
            ),
        )
        for person in sorted(people.values(), key=lambda person: (person.section, person.student))
    )


def _guarded_cell(graded: GradedSubmission | None, term: Term | None, said_late: bool) -> MatrixCell:
    """The cell; where it cannot be made, one that says so: it must not cost the class its page."""
    with contain_failure("showing it in the class"):
        return _cell(graded, term, said_late)
    return MatrixCell(note=REVIEW)


def _cell(graded: GradedSubmission | None, term: Term | None, said_late: bool) -> MatrixCell:
    if graded is None:
        return MatrixCell(note=MISSING)
    late = _lateness(graded, term) or "late" * said_late
    if graded.reason:
        return MatrixCell(None, ", ".join(filter(None, (REVIEW if graded.our_fault else "unreadable", late))))
    return MatrixCell(round(math.fsum(report.confirmed_score for report in graded.reports.values()), 2), late)


def _lateness(graded: GradedSubmission, term: Term | None) -> str:
    """How late it came, in words; nothing where it was in time or nobody knows."""
    days = days_late(graded.submission, term)
    return f"{days} day{'s' * (days != 1)} late" if days else ""


def days_late(submission: Submission, term: Term | None) -> int:
    """The days begun between when `submission` was due and when it came; 0 where nobody knows."""
    student, lesson = submission.student, submission.lesson
    due = term.due(student, lesson) if term else None
    if term is None or due is None:
        return 0
    stamp = hand_in_time(submission)
    handed_in = term.handed_in(student, lesson) or (stamp and stamp.replace(tzinfo=UTC))
    return term.file.late.days_late(due, handed_in) if handed_in else 0
