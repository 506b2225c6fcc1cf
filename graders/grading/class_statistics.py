"""Counts what the instructor wants to know of a class: scores, shares, misconceptions, what was odd or broke."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import correlation, mean, median

from graders.grading.lesson_grader import LessonGrader
from graders.grading.submissions import GradedSubmission
from graders.kernel.exercise import Exercise
from graders.kernel.report import Outcome, Report

STATUSES = ("right", "partly right", "wrong", "not attempted", "needs review")
MIN_ANSWERS = 10
WEAK_CORRELATION = 0.2
# The 97.5 % point of the normal distribution: 95 % lie between its negative and itself.
NORMAL_97_5 = 1.96


@dataclass(frozen=True)
class ExerciseStatistics:
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
class BrokenClaim:
    """A claim that broke by our own fault, in the same words for each of `students`."""

    exercise: str
    sentence: str
    found: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class LessonStatistics:
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
    exercises: tuple[ExerciseStatistics, ...]
    misconceptions: tuple[Misconception, ...]
    odd: tuple[tuple[str, tuple[str, ...]], ...]
    broken: tuple[BrokenClaim, ...]

    @property
    def mean(self) -> float:
        """The mean of the scores; an error if there are none."""
        return mean(self.scores)

    @property
    def median(self) -> float:
        """The median of the scores; an error if there are none."""
        return median(self.scores)


@dataclass(frozen=True)
class ClassStatistics:
    """All lessons, in the order of their ids, and every submission without reports, with the reason.

    Of those, `unreadable` are the students' to mend, and `for_review` broke by our own fault.
    """

    students: int
    submissions: int
    lessons: tuple[LessonStatistics, ...]
    unreadable: tuple[tuple[str, str, str], ...]
    for_review: tuple[tuple[str, str, str], ...] = ()


def summarize_class(
    submissions: list[GradedSubmission], find_grader: Callable[[str], LessonGrader | None]
) -> ClassStatistics:
    """Count over `submissions`; `find_grader` gives the grader of a lesson's id, or None if there is no such lesson."""
    ids = sorted({graded.submission.lesson for graded in submissions})
    graders = {lesson: find_grader(lesson) for lesson in ids}
    return ClassStatistics(
        len({graded.submission.student for graded in submissions}),
        len(submissions),
        tuple(_lesson(submissions, lesson, grader) for lesson, grader in graders.items() if grader),
        _without_reports(submissions, our_fault=False),
        _without_reports(submissions, our_fault=True),
    )


def _without_reports(submissions: list[GradedSubmission], our_fault: bool) -> tuple[tuple[str, str, str], ...]:
    unread = (each for each in submissions if each.reason and each.our_fault == our_fault)
    return tuple((graded.submission.student, graded.submission.lesson, graded.reason) for graded in unread)


def _lesson(submissions: list[GradedSubmission], lesson: str, grader: LessonGrader) -> LessonStatistics:
    mine = [graded for graded in submissions if graded.submission.lesson == lesson]
    read = [graded for graded in mine if not graded.reason]
    exercises = [grader.exercises[name] for name in grader.autograded]
    points = math.fsum(exercise.points for exercise in exercises)
    scores = tuple(sorted(_sum(graded, grader.autograded) for graded in read))
    return LessonStatistics(
        id=lesson,
        title=grader.lesson.front["title"],
        unread=sum(bool(graded.reason) and not graded.our_fault for graded in mine),
        for_review=sum(graded.our_fault for graded in mine),
        points=points,
        by_hand=tuple(name for name in grader.exercises if name not in grader.autograded),
        scores=scores,
        exercises=tuple(_exercise(read, exercise, grader.autograded) for exercise in exercises),
        misconceptions=tuple(misconceptions(read, grader.autograded)),
        odd=tuple((graded.submission.student, tuple(graded.answers.odd)) for graded in read if graded.answers.odd),
        broken=tuple(_broken_claims(read, grader.autograded)),
    )


def _sum(graded: GradedSubmission, names: list[str]) -> float:
    """The points beyond doubt on the exercises `names`."""
    reports = [graded.reports[name] for name in names if name in graded.reports]
    return round(math.fsum(report.confirmed_score for report in reports), 2)


def _exercise(read: list[GradedSubmission], exercise: Exercise, names: list[str]) -> ExerciseStatistics:
    counts = Counter(_status(graded, exercise.name) for graded in read)
    rest = [name for name in names if name != exercise.name]
    tried = [graded for graded in read if _status(graded, exercise.name) in STATUSES[:3]]
    return ExerciseStatistics(
        exercise.name,
        exercise.title,
        exercise.points,
        {status: counts[status] for status in STATUSES},
        sum(_fails_without_hint(graded.reports[exercise.name]) for graded in tried),
        discrimination([_sum(graded, [exercise.name]) for graded in tried], [_sum(graded, rest) for graded in tried]),
    )


def _status(graded: GradedSubmission, name: str) -> str:
    """The status of an answer; one that was never judged is a person's to look at."""
    return graded.reports[name].status if name in graded.reports else "needs review"


def _fails_without_hint(report: Report) -> bool:
    return not report.hints and any(verdict.outcome is Outcome.FAILS for verdict in report.verdicts)


def misconceptions(read: Iterable[GradedSubmission], names: list[str]) -> list[Misconception]:
    """The hints met, most students first and then in the order of `names`; a student counts once for each hint."""
    met: dict[tuple[str, str], list[str]] = {}
    attempts: Counter[str] = Counter()
    for graded, name, report in _reports(read, names):
        attempts[name] += report.status != "not attempted"
        for hint in dict.fromkeys(report.hints):
            met.setdefault((name, hint), []).append(graded.submission.student)
    found = [Misconception(name, hint, tuple(who), attempts[name]) for (name, hint), who in met.items()]
    return sorted(found, key=lambda one: (-len(one.students), names.index(one.exercise), one.hint))


def _broken_claims(read: Iterable[GradedSubmission], names: list[str]) -> list[BrokenClaim]:
    met: dict[tuple[str, str, str], list[str]] = {}
    for graded, name, report in _reports(read, names):
        for verdict in report.verdicts:
            if verdict.outcome is Outcome.OUR_FAULT:
                met.setdefault((name, verdict.sentence, verdict.found), []).append(graded.submission.student)
    return [BrokenClaim(*what, tuple(who)) for what, who in met.items()]


def _reports(read: Iterable[GradedSubmission], names: list[str]) -> Iterator[tuple[GradedSubmission, str, Report]]:
    return ((graded, name, graded.reports[name]) for name in names for graded in read if name in graded.reports)


@dataclass(frozen=True)
class Discrimination:
    """How the scores on one exercise go with the scores on the rest of the lesson, over `answers` students.

    `value` is the item-rest correlation, from -1 to 1, or None where `why_not` says why there is none; `low` and
    `high` are the ends of its 95 % confidence interval by Fisher's transformation, a rough one in a small class.
    """

    answers: int
    value: float | None = None
    low: float = -1.0
    high: float = 1.0
    why_not: str = ""

    @property
    def misleads(self) -> bool:
        """Whether those who do well elsewhere do worse here, chance or not."""
        return self.value is not None and self.value < 0

    @property
    def meaning(self) -> str:
        """What the number means, in one sentence."""
        if self.value is None:
            return self.why_not
        if self.high < 0:
            return "Misleads: students who do well elsewhere do worse here, and chance does not explain it."
        if self.misleads:
            return "May mislead: students who do well elsewhere do worse here, but it could be chance."
        if self.value < WEAK_CORRELATION:
            return "Tells little: marks here hardly go with marks elsewhere."
        return "Tells strong from weak: students who do well elsewhere do well here."


def discrimination(own: Sequence[float], rest: Sequence[float]) -> Discrimination:
    """Correlate the scores on an exercise with the same students' scores on the rest of the lesson.

    For scores that are all or nothing this is the point-biserial correlation, corrected for the exercise's own part
    in the sum (Henrysson 1963). Under 10 answers, and where all scores are the same, there is no number.
    """
    count = len(own)
    if count < MIN_ANSWERS:
        return Discrimination(count, why_not=f"Not computed: {count} answers, and under {MIN_ANSWERS} chance decides.")
    # Sums of rounded scores differ in their last bits; such a difference is none.
    own, rest = [round(score, 6) for score in own], [round(score, 6) for score in rest]
    if len(set(own)) == 1:
        return Discrimination(count, why_not="Not computed: everyone who answered has the same mark here.")
    if len(set(rest)) == 1:
        return Discrimination(count, why_not="Not computed: everyone who answered has the same marks elsewhere.")
    value = max(-1.0, min(1.0, correlation(own, rest)))
    return Discrimination(count, value, *_interval(value, count))


def _interval(value: float, count: int) -> tuple[float, float]:
    if abs(value) > 1 - 1e-12:
        return value, value
    reach = NORMAL_97_5 / math.sqrt(count - 3)
    return math.tanh(math.atanh(value) - reach), math.tanh(math.atanh(value) + reach)
