"""Counts what the instructor wants to know of a class: marks, shares, misconceptions, what was odd or broke."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import mean, median

from graders.grading.histogram import Bar, bars
from graders.grading.item_analysis import Discrimination, discrimination
from graders.grading.marker import Marker
from graders.grading.submissions import Marked
from graders.kernel.exercise import Exercise
from graders.kernel.report import Outcome, Report

STATUSES = ("right", "partly right", "wrong", "not attempted", "needs review")


@dataclass(frozen=True)
class ExerciseFigures:
    """One exercise over the class: how many answers of each status, how many failed without any hint."""

    name: str
    title: str
    points: float
    counts: dict[str, int]
    unhinted: int
    discrimination: Discrimination

    @property
    def answers(self) -> int:
        """The number of submissions counted."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Misconception:
    """A hint, and the students whose answer to `exercise` met it; `attempts` is how many answered at all."""

    exercise: str
    hint: str
    students: tuple[str, ...]
    attempts: int


@dataclass(frozen=True)
class Broken:
    """A claim that broke by our own fault, in the same words for each of `students`."""

    exercise: str
    sentence: str
    found: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class LessonFigures:
    """One lesson over the class; `scores` are the points earned, ascending, one for each submission read.

    `points` is what claims can give; `by_hand` are the exercises that a person reads.
    """

    id: str
    title: str
    unread: int
    for_review: int
    points: float
    by_hand: tuple[str, ...]
    scores: tuple[float, ...]
    bars: tuple[Bar, ...]
    exercises: tuple[ExerciseFigures, ...]
    misconceptions: tuple[Misconception, ...]
    odd: tuple[tuple[str, tuple[str, ...]], ...]
    broken: tuple[Broken, ...]

    @property
    def mean(self) -> float:
        """The mean of the scores; an error if there are none."""
        return mean(self.scores)

    @property
    def median(self) -> float:
        """The median of the scores; an error if there are none."""
        return median(self.scores)


@dataclass(frozen=True)
class ClassFigures:
    """All lessons, in the order of their ids, and every submission without reports, with the reason.

    Of those, `unreadable` are the students' to mend, and `for_review` broke by our own fault.
    """

    students: int
    submissions: int
    lessons: tuple[LessonFigures, ...]
    unreadable: tuple[tuple[str, str, str], ...]
    for_review: tuple[tuple[str, str, str], ...] = ()


def class_figures(found: list[Marked], marker_of: Callable[[str], Marker | None]) -> ClassFigures:
    """Count over `found`; `marker_of` gives the marker of a lesson's id, or None if there is no such lesson."""
    ids = sorted({marked.submission.lesson for marked in found})
    markers = {lesson: marker_of(lesson) for lesson in ids}
    return ClassFigures(
        len({marked.submission.student for marked in found}),
        len(found),
        tuple(_lesson(found, lesson, marker) for lesson, marker in markers.items() if marker),
        _without_reports(found, ours=False),
        _without_reports(found, ours=True),
    )


def _without_reports(found: list[Marked], ours: bool) -> tuple[tuple[str, str, str], ...]:
    unread = (marked for marked in found if marked.reason and marked.ours == ours)
    return tuple((marked.submission.student, marked.submission.lesson, marked.reason) for marked in unread)


def _lesson(found: list[Marked], lesson: str, marker: Marker) -> LessonFigures:
    mine = [marked for marked in found if marked.submission.lesson == lesson]
    read = [marked for marked in mine if not marked.reason]
    exercises = [marker.exercises[name] for name in marker.marked]
    points = math.fsum(exercise.points for exercise in exercises)
    scores = tuple(sorted(_sum(marked, marker.marked) for marked in read))
    return LessonFigures(
        id=lesson,
        title=marker.lesson.front["title"],
        unread=sum(bool(marked.reason) and not marked.ours for marked in mine),
        for_review=sum(marked.ours for marked in mine),
        points=points,
        by_hand=tuple(name for name in marker.exercises if name not in marker.marked),
        scores=scores,
        bars=tuple(bars(scores, points)),
        exercises=tuple(_exercise(read, exercise, marker.marked) for exercise in exercises),
        misconceptions=tuple(misconceptions(read, marker.marked)),
        odd=tuple((marked.submission.student, tuple(marked.answers.odd)) for marked in read if marked.answers.odd),
        broken=tuple(_broken(read, marker.marked)),
    )


def _sum(marked: Marked, names: list[str]) -> float:
    """The points beyond doubt on the exercises `names`."""
    reports = [marked.reports[name] for name in names if name in marked.reports]
    return round(math.fsum(report.confirmed_score for report in reports), 2)


def _exercise(read: list[Marked], exercise: Exercise, names: list[str]) -> ExerciseFigures:
    counts = Counter(_status(marked, exercise.name) for marked in read)
    rest = [name for name in names if name != exercise.name]
    tried = [marked for marked in read if _status(marked, exercise.name) in STATUSES[:3]]
    return ExerciseFigures(
        exercise.name,
        exercise.title,
        exercise.points,
        {status: counts[status] for status in STATUSES},
        sum(_fails_without_hint(marked.reports[exercise.name]) for marked in tried),
        discrimination([_sum(marked, [exercise.name]) for marked in tried], [_sum(marked, rest) for marked in tried]),
    )


def _status(marked: Marked, name: str) -> str:
    """The status of an answer; one that was never judged is a person's to look at."""
    return marked.reports[name].status if name in marked.reports else "needs review"


def _fails_without_hint(report: Report) -> bool:
    return not report.hints and any(verdict.outcome is Outcome.FAILS for verdict in report.verdicts)


def misconceptions(read: Iterable[Marked], names: list[str]) -> list[Misconception]:
    """The hints met, most students first and then in the order of `names`; a student counts once for each hint."""
    met: dict[tuple[str, str], list[str]] = {}
    attempts: Counter[str] = Counter()
    for marked, name, report in _reports(read, names):
        attempts[name] += report.status != "not attempted"
        for hint in dict.fromkeys(report.hints):
            met.setdefault((name, hint), []).append(marked.submission.student)
    found = [Misconception(name, hint, tuple(who), attempts[name]) for (name, hint), who in met.items()]
    return sorted(found, key=lambda one: (-len(one.students), names.index(one.exercise), one.hint))


def _broken(read: Iterable[Marked], names: list[str]) -> list[Broken]:
    met: dict[tuple[str, str, str], list[str]] = {}
    for marked, name, report in _reports(read, names):
        for verdict in report.verdicts:
            if verdict.outcome is Outcome.OUR_FAULT:
                met.setdefault((name, verdict.sentence, verdict.found), []).append(marked.submission.student)
    return [Broken(*what, tuple(who)) for what, who in met.items()]


def _reports(read: Iterable[Marked], names: list[str]) -> Iterator[tuple[Marked, str, Report]]:
    return ((marked, name, marked.reports[name]) for name in names for marked in read if name in marked.reports)
