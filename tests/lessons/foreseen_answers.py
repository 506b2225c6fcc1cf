"""Every answer that the lessons foresee, as parameters for tests."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from graders.build.foreseen import Trial, trials
from graders.build.keys import exercise_of, task_key
from graders.build.release import released_answers
from graders.course.course import Course, read_course
from graders.course.lesson import Lesson
from graders.kernel.claims import load_claims
from graders.kernel.exercise import Exercise
from graders.kernel.judge import OPEN_SEED, JudgeOptions, judge
from graders.kernel.report import Report
from graders.labs import why_no_postgres

COURSE = Course.at(Path(__file__).resolve().parents[2])
LESSONS = {lesson.name: lesson for lesson in read_course(COURSE)}
STARTED = ("javascript", "java")  # Each of their answers starts a program of its own.
SECRET_SEED = 731_205
ROLES = ("solution", "blank", "wrong", "right")


NO_POSTGRES = bool(why_no_postgres()) and not os.environ.get("CI")


def needs_postgres(lesson: Lesson) -> pytest.MarkDecorator:
    """Skips what is about a lesson on PostgreSQL alone where that is missing; in CI it must not be."""
    return pytest.mark.skipif(NO_POSTGRES and lesson.front["engines"] == ["PostgreSQL"], reason=why_no_postgres())


def tasks() -> list:
    """One parameter for each exercise that claims judge: the lesson's name and the exercise's."""
    return [
        pytest.param(
            lesson.name,
            task.name,
            id=f"{lesson.name}:{task.name}",
            marks=[needs_postgres(lesson), *([pytest.mark.slow] if task.kind in STARTED else [])],
        )
        for lesson in LESSONS.values()
        for task in lesson.tasks.values()
        if task.kind != "prose"
    ]


@cache
def trials_of(lesson: str, seed: int) -> dict[str, list[Trial]]:
    """The trials of a lesson by exercise, on data from `seed`."""
    found: dict[str, list[Trial]] = {}
    for trial in trials(LESSONS[lesson], stubs_of(LESSONS[lesson]), seed):
        found.setdefault(trial.exercise.name, []).append(trial)
    return found


@cache
def reports_on(lesson: str, exercise: str, seed: int) -> list[tuple[Trial, Report]]:
    """Every foreseen answer to an exercise, with the report on it on data from `seed`."""
    return [(trial, trial.report(seed)) for trial in trials_of(lesson, seed)[exercise]]


def hints_met(lesson: str) -> set[str]:
    """The hints that the foreseen answers to a lesson's exercises meet on open data."""
    judged = [one for exercise in trials_of(lesson, OPEN_SEED) for one in reports_on(lesson, exercise, OPEN_SEED)]
    return {hint for _, report in judged for hint in report.hints}


def solution_of(lesson: str, exercise: str, seed: int) -> Trial:
    """The trial of the solution to an exercise, on data from `seed`."""
    return next(trial for trial in trials_of(lesson, seed)[exercise] if trial.role == "solution")


def share_earned(trial: Trial, answer: str, seed: int) -> float:
    """The share of the points that `answer` earns in place of the trial's; it must never be our fault."""
    report = Trial(trial.exercise, "right", answer, trial.place, "", trial.solution).report(seed)
    assert report.status != "needs review", report.verdicts
    return report.score / report.points


def judge_answer(lesson: str, exercise: str, text: str, **options: Any) -> Report:
    """The report on `text` as the answer to an exercise, judged with the options of `JudgeOptions`."""
    return judge(_exercise(lesson, exercise), text, JudgeOptions(**options))


@cache
def _exercise(lesson: str, name: str) -> Exercise:
    load_claims(lesson)
    task = LESSONS[lesson].tasks[name]
    return exercise_of(task, "", task_key(task), lesson)


def earns_little(report: Report, share: float = 0.4) -> bool:
    """Whether an answer that was judged, and found wrong, has at most a `share` of the points: what is lazy must."""
    return report.status in ("wrong", "partly right") and report.score <= share * report.points


def stubs_of(lesson: Lesson) -> dict[str, str]:
    """The answer cells of a lesson as they were released."""
    return released_answers(COURSE.notebooks / lesson.id / f"{lesson.id}.ipynb")
