"""Reads the grades of a class out of nbgrader's gradebook, in which a score that is not there is not a zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook

from graders.course.lesson import name_of
from graders.kernel.exercise import Exercise, key_file
from graders.kernel.readable import escape_formula
from graders.kernel.scoring import Outcome

Known = TypeVar("Known")


@dataclass(frozen=True)
class GradedExercise:
    """An exercise in the gradebook, with what its lesson says of it; one that no lesson has is only a name.

    `number` counts the exercises of the notebook from 1; the points of what is `further` are a bonus. A person reads
    `prose`.
    """

    name: str
    max_score: float
    number: int = 0
    title: str = ""
    further: bool = False
    prose: bool = False


def exercise_cells(exercise: Exercise | GradedExercise) -> tuple[str, str, str, str]:
    """For a table: the exercise's number in its notebook, its title, its name, and whether it is further."""
    number = str(exercise.number) if exercise.number else ""
    return number, escape_formula(exercise.title), exercise.name, "yes" if exercise.further else "no"


def format_score(value: float | None) -> str:
    """A score with at most four decimals; nothing where there is none."""
    return "" if value is None else f"{round(value, 4):.12g}"


@dataclass(frozen=True)
class ExerciseScore:
    """One student's score on one exercise; `blank` says that every claim found nothing to judge."""

    exercise: GradedExercise
    auto_score: float | None
    manual_score: float | None
    extra_credit: float
    needs_person: bool
    blank: bool = False

    @property
    def score(self) -> float | None:
        """The points earned: those a person gave before those of the claims; None while nobody has decided."""
        decided = self.auto_score if self.manual_score is None else self.manual_score
        return None if decided is None else decided + self.extra_credit

    @property
    def status(self) -> str:
        """In words; "not marked yet" where a person has still to give a score."""
        if self.score is None:
            return "not marked yet" if self.needs_person else "unreadable"
        if self.needs_person:
            return "needs review"
        if self.manual_score is not None:
            return "marked by a person"
        if self.blank or self.exercise.prose:
            return "not attempted"
        if self.score >= self.exercise.max_score:
            return "right"
        return "partly right" if self.score > 0 else "wrong"


@dataclass
class LessonGrade:
    """One student's submission of one lesson: the scores by exercise, and the points it loses for being late.

    `handed_in` is when, as nbgrader's gradebook holds it: in UTC, without a zone; None where nobody knows.
    """

    penalty: float = 0.0
    handed_in: datetime | None = None
    scores: dict[str, ExerciseScore] = field(default_factory=dict)

    @property
    def score(self) -> float | None:
        """The points of the lesson so far with the bonus, never below 0; None while no exercise has a score."""
        decided = [each.score for each in self.scores.values() if each.score is not None]
        return max(0.0, sum(decided) - self.penalty) if decided else None

    @property
    def bonus(self) -> float:
        """The points so far for what is further."""
        return sum(each.score or 0.0 for each in self.scores.values() if each.exercise.further)

    @property
    def waits(self) -> bool:
        """Whether any score waits for a person."""
        return any(each.needs_person for each in self.scores.values())

    @property
    def is_unreadable(self) -> bool:
        """Whether what was handed in could not be read: nothing has a score, and nobody is asked for one."""
        return not self.waits and all(each.score is None for each in self.scores.values())


@dataclass(frozen=True)
class ClassGrades:
    """Students and lessons (with their exercises by name), and the grades of what was handed in."""

    students: tuple[Student, ...]
    lessons: dict[str, dict[str, GradedExercise]]
    by_submission: dict[tuple[str, str], LessonGrade]

    def points(self, lesson: str) -> float:
        """The points that can be earned on the main path of `lesson`."""
        return sum(exercise.max_score for exercise in self.lessons[lesson].values() if not exercise.further)


def read_grades(gradebook: Gradebook, students: Sequence[str] = (), lessons: Sequence[str] = ()) -> ClassGrades:
    """Read the grades of `students` in `lessons`; of all, if none are named.

    Raise `LookupError` if the gradebook does not know one of them.
    """
    who = _choose({student.id: student for student in gradebook.students}, students, "student")
    which = _choose({lesson.name: _exercises(lesson) for lesson in gradebook.assignments}, lessons, "lesson")
    grades = {key: grade for key, grade in _lesson_grades(gradebook).items() if key[0] in who and key[1] in which}
    _add_scores(gradebook, which, grades)
    return ClassGrades(tuple(who[name] for name in sorted(who)), dict(sorted(which.items())), grades)


def _choose(known: dict[str, Known], wanted: Sequence[str], kind: str) -> dict[str, Known]:
    missing = [name for name in wanted if name not in known]
    if missing:
        raise LookupError(f"the gradebook knows no {kind} {', '.join(missing)}")
    return {name: known[name] for name in wanted or known}


def _exercises(lesson: Assignment) -> dict[str, GradedExercise]:
    """The exercises of `lesson` in the order of its notebook; those that the lesson no longer has come last."""
    cells = [cell for book in lesson.notebooks for cell in (*book.grade_cells, *book.task_cells)]
    points = {cell.name: cell.max_score for cell in sorted(cells, key=lambda cell: cell.name)}
    known = _known_exercises(lesson.name)
    found = [
        GradedExercise(name, points[name], plain["number"], plain["title"], plain["further"], plain["kind"] == "prose")
        for name, plain in known.items()
        if name in points
    ]
    found += [GradedExercise(name, max_score) for name, max_score in points.items() if name not in known]
    return {exercise.name: exercise for exercise in found}


def _known_exercises(lesson_id: str) -> dict[str, dict[str, Any]]:
    """What the key file of the lesson says of its exercises, in their order; nothing if there is no such lesson."""
    try:
        return key_file(name_of(lesson_id))["exercises"]
    except FileNotFoundError:
        return {}


def _lesson_grades(gradebook: Gradebook) -> dict[tuple[str, str], LessonGrade]:
    query = (
        sa.select(
            SubmittedAssignment.student_id,
            Assignment.name,
            sa.func.sum(SubmittedNotebook.late_submission_penalty),
            sa.func.max(SubmittedAssignment.timestamp),
        )
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .group_by(SubmittedAssignment.student_id, Assignment.name)
    )
    return {
        (student, lesson): LessonGrade(penalty or 0.0, handed_in)
        for student, lesson, penalty, handed_in in gradebook.db.execute(query)
    }


def _add_scores(
    gradebook: Gradebook, lessons: dict[str, dict[str, GradedExercise]], grades: dict[tuple[str, str], LessonGrade]
) -> None:
    """Put a score for each exercise into each of `grades`, undecided where the gradebook has none."""
    blank = _blank(gradebook)
    found = {tuple(row[:3]): tuple(row[3:]) for row in gradebook.db.execute(_GRADES)}
    for place, grade in grades.items():
        for name, exercise in lessons[place[1]].items():
            key = (*place, name)
            auto, manual, extra, needs_person = found.get(key, (None, None, None, True))
            grade.scores[name] = ExerciseScore(exercise, auto, manual, extra or 0.0, needs_person, key in blank)


_GRADES = (
    sa.select(
        SubmittedAssignment.student_id,
        Assignment.name,
        BaseCell.name,
        Grade.auto_score,
        Grade.manual_score,
        Grade.extra_credit,
        Grade.needs_manual_grade,
    )
    .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
    .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    .join(BaseCell, Grade.cell_id == BaseCell.id)
)


def _blank(gradebook: Gradebook) -> set[tuple[str, str, str]]:
    """The (student, lesson, exercise) of which the table of claims says that nothing was attempted."""
    if not sa.inspect(gradebook.engine).has_table("course_claim"):
        return set()
    query = sa.text(
        "SELECT student, lesson, exercise FROM course_claim GROUP BY student, lesson, exercise "
        "HAVING min(outcome) = :blank AND max(outcome) = :blank"
    )
    return {tuple(row) for row in gradebook.db.execute(query, {"blank": Outcome.BLANK.value})}
