"""Counts one submission as the exports count it, for the page that its student gets back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graders.grading.grades import ClassGrades, ExerciseScore, GradedExercise, LessonGrade
from graders.grading.submissions import Submission, hand_in_time
from graders.grading.term_marks import apply_term, time_of
from graders.kernel.exercise import Exercise
from graders.term.lateness import describe_lateness
from graders.term.term import Term


@dataclass(frozen=True)
class CountedLesson:
    """The exercises that count, of which some are a bonus, and what the submission comes to.

    `lost` are the points that it loses for being late, and `mark` what is left, None while nothing has a score;
    `lateness` says why in words, "" where nobody knows when it was handed in or was due.
    """

    exercises: dict[str, Exercise]
    lost: float = 0.0
    mark: float | None = None
    lateness: str = ""


def count_lesson(
    submission: Submission,
    exercises: Iterable[Exercise],
    earned: Mapping[str, float | None],
    term: Term | None = None,
    penalty: float = 0.0,
) -> CountedLesson:
    """Count the points `earned` in `exercises`, as the course file of `term` says if there is one.

    `penalty` is what nbgrader takes off in its gradebook, where the course file says nothing of the date.
    """
    known = {exercise.name: exercise for exercise in exercises}
    student, lesson = submission.student, submission.lesson
    grades = _class_of_one(submission, known, earned, penalty)
    counted = apply_term(grades, term) if term else grades
    grade = counted.by_submission[student, lesson]
    when = time_of(grade, term, student, lesson) if term else None
    return CountedLesson(
        {name: replace(known[name], further=one.further) for name, one in counted.lessons[lesson].items()},
        grade.penalty,
        grade.score,
        describe_lateness(term, student, lesson, when) if term else "",
    )


def _class_of_one(
    submission: Submission, exercises: Mapping[str, Exercise], earned: Mapping[str, float | None], penalty: float
) -> ClassGrades:
    """The grades of a class in which nobody else has handed in, and nothing else."""
    graded = {
        name: GradedExercise(name, one.points, one.number, one.title, one.further, one.kind == "prose")
        for name, one in exercises.items()
    }
    scores = {name: ExerciseScore(one, earned.get(name), None, 0.0, False) for name, one in graded.items()}
    grade = LessonGrade(penalty, hand_in_time(submission), scores)
    return ClassGrades((), {submission.lesson: graded}, {(submission.student, submission.lesson): grade})
