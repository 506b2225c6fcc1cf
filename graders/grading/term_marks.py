"""Marks as the course file counts them: what is late loses points, what is left out gives none, and a final mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graders.grading.grades import ClassGrades, ExerciseScore, GradedExercise, LessonGrade
from graders.term.roster import Person
from graders.term.term import LessonPlan, Term

HANDED_IN, UNREADABLE, MISSING = "handed in", "could not be read", "missing"
NOT_DUE, NEVER_DUE = "not due yet", "not handed in, and never due"
WAITING = "waits for a person"


def apply_term(grades: ClassGrades, term: Term) -> ClassGrades:
    """`grades` as the course file counts them: lessons and exercises that count, and penalties for what is late."""
    lessons = {name: _counted(exercises, term.plan(name)) for name, exercises in grades.lessons.items()}
    by_submission = {
        (student, lesson): _apply_to(grade, lessons[lesson], term, student, lesson)
        for (student, lesson), grade in grades.by_submission.items()
    }
    return ClassGrades(grades.students, lessons, by_submission)


def _counted(exercises: dict[str, GradedExercise], plan: LessonPlan) -> dict[str, GradedExercise]:
    """The exercises that give points; what is optional gives extra credit."""
    kept = {name: one for name, one in exercises.items() if name not in plan.left_out}
    kept = {name: replace(one, further=one.further or name in plan.optional) for name, one in kept.items()}
    return {name: one for name, one in kept.items() if plan.further or not exercises[name].further}


def _apply_to(
    grade: LessonGrade, exercises: dict[str, GradedExercise], term: Term, student: str, lesson: str
) -> LessonGrade:
    scores = {
        name: replace(score, exercise=exercises[name]) for name, score in grade.scores.items() if name in exercises
    }
    due, handed_in = term.due(student, lesson), time_of(grade, term, student, lesson)
    if due is None or handed_in is None:
        return LessonGrade(grade.penalty, grade.handed_in, scores)
    return LessonGrade(term.file.late.share_lost(due, handed_in) * _earned(scores), grade.handed_in, scores)


def time_of(grade: LessonGrade | None, term: Term, student: str, lesson: str) -> datetime | None:
    """When the lesson was handed in: as the course file says, or else the gradebook; None where nobody knows."""
    said = term.handed_in(student, lesson)
    if said is None and grade is not None and grade.handed_in is not None:
        return grade.handed_in.replace(tzinfo=UTC)
    return said


def _earned(scores: dict[str, ExerciseScore]) -> float:
    return sum(score.score or 0.0 for score in scores.values())


@dataclass(frozen=True)
class LessonMark:
    """What one student earned in one lesson, of how many points, after `lost` points for being late.

    `status` says whether it was handed in, and `days` how many days late; `waits` that a person has still to mark it.
    """

    points: float
    earned: float = 0.0
    lost: float = 0.0
    status: str = HANDED_IN
    days: int = 0
    waits: bool = False

    @property
    def is_counted(self) -> bool:
        """Whether the lesson counts for this student's final mark by now."""
        return self.status in (HANDED_IN, UNREADABLE, MISSING)

    @property
    def words(self) -> str:
        """The status for people."""
        late = f", {self.days} day{'s' * (self.days != 1)} late" if self.days else ""
        return (WAITING if self.waits else self.status) + late


@dataclass(frozen=True)
class FinalMark:
    """One student's marks by lesson and what they come to; `percent` is None while nothing counts yet."""

    person: Person
    lessons: dict[str, LessonMark]
    percent: float | None

    @property
    def is_final(self) -> bool:
        """Whether no lesson is still to come or waits for a person."""
        return not any(mark.waits or mark.status == NOT_DUE for mark in self.lessons.values())


def final_marks(grades: ClassGrades, term: Term, at: datetime) -> list[FinalMark]:
    """The final mark of each student of the roster and of the gradebook, as of `at`, from grades as read.

    The mark is the mean of the lessons' shares of their points, each with its weight, in per cent. A lesson that was
    due before `at` and not handed in, or that could not be read, counts as 0; one that is not due yet does not count.
    Extra credit is added to a lesson's points and can lift its share above 1.
    """
    counted = apply_term(grades, term)
    names = [name for name in counted.lessons if term.plan(name).counts]
    return [_final_mark(person, names, counted, term, at) for person in _people(grades, term)]


def _people(grades: ClassGrades, term: Term) -> Iterator[Person]:
    known = {student.id: student for student in grades.students}
    for name in sorted(known.keys() | term.people.keys()):
        if name in term.people:
            yield term.people[name]
        else:
            student = known[name]
            yield Person(name, " ".join(filter(None, (student.first_name, student.last_name))))


def _final_mark(person: Person, lessons: list[str], grades: ClassGrades, term: Term, at: datetime) -> FinalMark:
    marks = {lesson: _lesson_mark(person.student, lesson, grades, term, at) for lesson in lessons}
    shares = {name: mark.earned / mark.points for name, mark in marks.items() if mark.is_counted and mark.points}
    weights = {name: _weight(term.plan(name), marks[name]) for name in shares}
    whole = sum(weights.values())
    percent = 100 * sum(weights[name] * share for name, share in shares.items()) / whole if whole else None
    return FinalMark(person, marks, percent)


def lessons_without_weight(grades: ClassGrades, term: Term) -> list[str]:
    """The lessons that count and have no weight, where others have one: points and weights do not go together."""
    plans = {name: term.plan(name) for name in grades.lessons if term.plan(name).counts}
    without = [name for name, plan in plans.items() if plan.weight is None]
    return without if len(without) < len(plans) else []


def _weight(plan: LessonPlan, mark: LessonMark) -> float:
    return mark.points if plan.weight is None else plan.weight


def _lesson_mark(student: str, lesson: str, grades: ClassGrades, term: Term, at: datetime) -> LessonMark:
    points, due = grades.points(lesson), term.due(student, lesson)
    grade = grades.by_submission.get((student, lesson))
    if grade is None:
        return LessonMark(points, status=_absence(due, at))
    handed_in = time_of(grade, term, student, lesson)
    days = term.file.late.days_late(due, handed_in) if due and handed_in else 0
    status = UNREADABLE if grade.is_unreadable else HANDED_IN
    return LessonMark(points, grade.score or 0.0, grade.penalty, status, days, grade.waits)


def _absence(due: datetime | None, at: datetime) -> str:
    """What it is called that nothing was handed in."""
    if due is None:
        return NEVER_DUE
    return MISSING if due <= at else NOT_DUE
