"""Counts which hints a class met, and which misconceptions those hints show, over all lessons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from graders.course.misconceptions import Misconception, misconception_behind
from graders.grading.lesson_grader import LessonGrader
from graders.grading.submissions import GradedSubmission
from graders.kernel.exercise import Exercise
from graders.kernel.report import Report


@dataclass(frozen=True)
class HintCount:
    """A hint, and the students whose answer to `exercise` met it; `attempts` is how many answered at all.

    `lesson` is the id of the lesson, and `misconception` that of what the hint shows, empty if none is known.
    """

    lesson: str
    exercise: Exercise
    hint: str
    students: tuple[str, ...]
    attempts: int
    misconception: str = ""


@dataclass(frozen=True)
class MisconceptionCount:
    """A misconception with the hints that showed it, lesson by lesson, each in the order of its exercises."""

    misconception: Misconception
    hints: tuple[HintCount, ...]

    @property
    def students(self) -> int:
        """How many students showed it; one who showed it twice counts once."""
        return len({student for hint in self.hints for student in hint.students})

    @property
    def by_exercise(self) -> list[list[HintCount]]:
        """The hints of each exercise that showed it."""
        groups = groupby(self.hints, key=lambda hint: (hint.lesson, hint.exercise.name))
        return [list(hints) for _, hints in groups]


def count_hints(read: Iterable[GradedSubmission], grader: LessonGrader) -> list[HintCount]:
    """The hints met in one lesson, in the order of its exercises; a student counts once for each hint."""
    met: dict[tuple[str, str], list[str]] = {}
    attempts: Counter[str] = Counter()
    for graded, name, report in reports_in(read, grader.autograded):
        attempts[name] += report.status != "not attempted"
        for hint in dict.fromkeys(report.hints):
            met.setdefault((name, hint), []).append(graded.submission.student)
    return [
        HintCount(
            grader.lesson.id,
            grader.exercises[name],
            hint,
            tuple(students),
            attempts[name],
            misconception_behind(grader.lesson.tasks[name], hint),
        )
        for (name, hint), students in met.items()
    ]


def most_frequent(hints: Iterable[HintCount]) -> list[HintCount]:
    """`hints`, most students first, and then in the order of the exercises."""
    return sorted(hints, key=lambda one: (-len(one.students), one.exercise.number, one.hint))


def group_by_misconception(
    hints: Iterable[HintCount], catalogue: Mapping[str, Misconception]
) -> list[MisconceptionCount]:
    """The misconceptions that `hints` show, most students first, and then in the order of the `catalogue`."""
    groups: dict[str, list[HintCount]] = {name: [] for name in catalogue}
    for hint in hints:
        if hint.misconception in catalogue:
            groups[hint.misconception].append(hint)
    counts = [MisconceptionCount(catalogue[name], tuple(group)) for name, group in groups.items() if group]
    return sorted(counts, key=lambda one: -one.students)


def reports_in(
    read: Iterable[GradedSubmission], names: Iterable[str]
) -> Iterator[tuple[GradedSubmission, str, Report]]:
    """Every report on the exercises `names`, exercise by exercise, with the submission it belongs to."""
    return ((graded, name, graded.reports[name]) for name in names for graded in read if name in graded.reports)
