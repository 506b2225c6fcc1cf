"""Counts what the instructor wants to know of a class: scores, shares, hints, what was odd or broke."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import correlation, mean, median

from graders.course.misconceptions import Misconception
from graders.grading.answer_groups import AnswerGroup, group_unexplained
from graders.grading.class_matrix import MatrixRow, class_matrix
from graders.grading.class_minutes import LessonPace, measure_pace
from graders.grading.class_misconceptions import (
    HintCount,
    MisconceptionCount,
    count_hints,
    group_by_misconception,
    most_frequent,
    reports_in,
)
from graders.grading.lesson_grader import LessonGrader
from graders.grading.shared_answers import SharedAnswer, find_shared
from graders.grading.submissions import GradedSubmission
from graders.kernel.exercise import Exercise
from graders.kernel.failures import contain_failure
from graders.kernel.report import Report
from graders.kernel.scoring import Outcome
from graders.term.term import Term

STATUSES = ("right", "partly right", "wrong", "not attempted", "needs review")
MIN_ANSWERS = 10
WEAK_CORRELATION = 0.2
# The 97.5 % point of the normal distribution: 95 % lie between its negative and itself.
NORMAL_97_5 = 1.96


@dataclass(frozen=True)
class ExerciseStatistics:
    """One exercise over the class: how many answers of each status, how many failed without any hint."""

    exercise: Exercise
    counts: dict[str, int]
    unhinted: int
    discrimination: Discrimination

    @property
    def answers(self) -> int:
        """The number of submissions counted."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class BrokenClaim:
    """A claim that broke by our own fault, in the same words for each of `students`."""

    exercise: Exercise
    sentence: str
    found: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class LessonStatistics:
    """One lesson over the class; `scores` are the points earned, ascending, one for each submission read.

    `points` is what claims can give on the main path; `by_hand` are the exercises that a person reads. What is further
    is a bonus, and in the scores: `bonus_points` is what claims can give for it, and `bonuses` are those earned,
    ascending. `hints` are those that show no misconception of the catalogue, and `misconceptions` counts the others.
    `unexplained` are groups of wrong answers that met no hint, and `shared` answers that some students have in common.
    `pace` is what the logs say of minutes and attempts, if anybody handed one in.
    """

    id: str
    title: str
    unread: int
    for_review: int
    points: float
    bonus_points: float
    by_hand: tuple[Exercise, ...]
    scores: tuple[float, ...]
    bonuses: tuple[float, ...]
    exercises: tuple[ExerciseStatistics, ...]
    hints: tuple[HintCount, ...]
    misconceptions: int
    odd: tuple[tuple[str, tuple[str, ...]], ...]
    broken: tuple[BrokenClaim, ...]
    unexplained: tuple[AnswerGroup, ...]
    shared: tuple[SharedAnswer, ...]
    pace: LessonPace | None = None

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

    Of those, `unreadable` are the students' to repair, and `for_review` broke by our own fault. `misconceptions` are
    those that hints show, over all lessons.
    """

    students: int
    submissions: int
    lessons: tuple[LessonStatistics, ...]
    unreadable: tuple[tuple[str, str, str], ...]
    for_review: tuple[tuple[str, str, str], ...] = ()
    misconceptions: tuple[MisconceptionCount, ...] = ()
    matrix: tuple[MatrixRow, ...] = ()


def summarize_class(
    submissions: list[GradedSubmission],
    find_grader: Callable[[str], LessonGrader | None],
    catalogue: Mapping[str, Misconception],
    term: Term | None = None,
    said_late: Collection[tuple[str, str]] = (),
) -> ClassStatistics:
    """Count over `submissions`; `find_grader` gives the grader of a lesson's id, or None if there is no such lesson.

    Hints that show a misconception of the `catalogue` are counted together, over all lessons. With a `term`, its roster
    and its dates say who is missing and late; `said_late` are the students and lessons that the platform calls late.
    """
    ids = sorted({graded.submission.lesson for graded in submissions})
    graders = [grader for grader in map(find_grader, ids) if grader]
    hints = {grader.lesson.id: count_hints(_read(submissions, grader.lesson.id), grader) for grader in graders}
    return ClassStatistics(
        len({graded.submission.student for graded in submissions}),
        len(submissions),
        tuple(_lesson(submissions, grader, hints[grader.lesson.id], catalogue) for grader in graders),
        _without_reports(submissions, our_fault=False),
        _without_reports(submissions, our_fault=True),
        tuple(group_by_misconception(chain.from_iterable(hints.values()), catalogue)),
        class_matrix(submissions, [grader.lesson.id for grader in graders], term, said_late),
    )


def _read(submissions: list[GradedSubmission], lesson: str) -> list[GradedSubmission]:
    """The submissions of a lesson that could be read."""
    return [graded for graded in submissions if graded.submission.lesson == lesson and not graded.reason]


def _without_reports(submissions: list[GradedSubmission], our_fault: bool) -> tuple[tuple[str, str, str], ...]:
    unread = (each for each in submissions if each.reason and each.our_fault == our_fault)
    return tuple((graded.submission.student, graded.submission.lesson, graded.reason) for graded in unread)


def _lesson(
    submissions: list[GradedSubmission],
    grader: LessonGrader,
    hints: list[HintCount],
    catalogue: Mapping[str, Misconception],
) -> LessonStatistics:
    lesson = grader.lesson.id
    mine = [graded for graded in submissions if graded.submission.lesson == lesson]
    read = _read(mine, lesson)
    exercises = [grader.exercises[name] for name in grader.autograded]
    main, further = ([one for one in exercises if one.further == wanted] for wanted in (False, True))
    bonuses = (_sum(graded, further) for graded in read)
    others = [hint for hint in hints if hint.misconception not in catalogue]
    return LessonStatistics(
        id=lesson,
        title=grader.lesson.front["title"],
        unread=sum(bool(graded.reason) and not graded.our_fault for graded in mine),
        for_review=sum(graded.our_fault for graded in mine),
        points=math.fsum(exercise.points for exercise in main),
        bonus_points=math.fsum(exercise.points for exercise in further),
        by_hand=tuple(one for name, one in grader.exercises.items() if name not in grader.autograded),
        scores=tuple(sorted(_sum(graded, exercises) for graded in read)),
        bonuses=tuple(sorted(bonus for bonus in bonuses if bonus)),
        exercises=tuple(_exercise(read, exercise, main) for exercise in exercises),
        hints=tuple(most_frequent(others)),
        misconceptions=len({hint.misconception for hint in hints} & set(catalogue)),
        odd=tuple((one.submission.student, tuple(one.answers.remarks)) for one in read if one.answers.remarks),
        broken=tuple(_broken_claims(read, exercises)),
        unexplained=tuple(group_unexplained(read, exercises)),
        shared=tuple(find_shared(read, grader.exercises.values(), _foreseen(grader))),
        pace=_pace(grader, mine),
    )


def _pace(grader: LessonGrader, mine: list[GradedSubmission]) -> LessonPace | None:
    """What the logs beside the submissions say; a log is what a student wrote, and must not cost the class its page."""
    with contain_failure("reading the logs"):
        return next(iter(measure_pace([grader.lesson], (graded.submission for graded in mine))), None)
    return None


def _foreseen(grader: LessonGrader) -> dict[str, list[str]]:
    """The answers that the lesson foresees to each of its exercises."""
    return {
        name: [task.solution, *(answer.text for answer in (*task.right, *task.wrong))]
        for name, task in grader.lesson.tasks.items()
    }


def _sum(graded: GradedSubmission, exercises: Iterable[Exercise]) -> float:
    """The points beyond doubt on `exercises`."""
    reports = (graded.reports[one.name] for one in exercises if one.name in graded.reports)
    return round(math.fsum(report.confirmed_score for report in reports), 2)


def _exercise(read: list[GradedSubmission], exercise: Exercise, main: list[Exercise]) -> ExerciseStatistics:
    """The statistics of `exercise`, whose scores are compared with those on the rest of the `main` path."""
    counts = Counter(_status(graded, exercise.name) for graded in read)
    rest = [one for one in main if one != exercise]
    tried = [graded for graded in read if _status(graded, exercise.name) in STATUSES[:3]]
    return ExerciseStatistics(
        exercise,
        {status: counts[status] for status in STATUSES},
        sum(_fails_without_hint(graded.reports[exercise.name]) for graded in tried),
        discrimination([_sum(graded, [exercise]) for graded in tried], [_sum(graded, rest) for graded in tried]),
    )


def _status(graded: GradedSubmission, name: str) -> str:
    """The status of an answer; one that was never judged is a person's to look at."""
    return graded.reports[name].status if name in graded.reports else "needs review"


def _fails_without_hint(report: Report) -> bool:
    return not report.hints and any(verdict.outcome is Outcome.FAILS for verdict in report.verdicts)


def _broken_claims(read: Iterable[GradedSubmission], exercises: Iterable[Exercise]) -> list[BrokenClaim]:
    by_name = {exercise.name: exercise for exercise in exercises}
    met: dict[tuple[str, str, str], list[str]] = {}
    for graded, name, report in reports_in(read, by_name):
        for verdict in report.verdicts:
            if verdict.outcome is Outcome.OUR_FAULT:
                met.setdefault((name, verdict.sentence, verdict.found), []).append(graded.submission.student)
    return [BrokenClaim(by_name[name], words, found, tuple(who)) for (name, words, found), who in met.items()]


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
