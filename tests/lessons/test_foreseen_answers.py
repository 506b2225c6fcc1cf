"""Does every answer that a lesson foresees come out as the lesson says, on open data and on secret data?"""

import pytest
from foreseen_answers import (
    COURSE,
    LESSONS,
    ROLES,
    SECRET_SEED,
    hints_met,
    needs_postgres,
    reports_on,
    tasks,
    trials_of,
)

from graders.build.foreseen import unreached_hints
from graders.course.course import broken_rules
from graders.kernel.judge import OPEN_SEED


@pytest.mark.parametrize("seed", [OPEN_SEED, SECRET_SEED], ids=["open", "secret"])
@pytest.mark.parametrize(("lesson", "exercise"), tasks())
def test_foreseen_answers_come_out_as_foreseen(lesson, exercise, seed):
    """Solution and right answers: full marks. Blank: nothing. Wrong ones: less, and their own hint."""
    judged = reports_on(lesson, exercise, seed)
    faults = {f"{trial.role} answer in line {trial.place.line}": trial.fault(report) for trial, report in judged}
    assert {name: fault for name, fault in faults.items() if fault} == {}


@pytest.mark.parametrize(("lesson", "exercise"), tasks())
def test_blank_answers_earn_nothing(lesson, exercise):
    """Is the released cell, and an empty one, worth 0 and called "not attempted"?"""
    blank = next(trial for trial in trials_of(lesson, OPEN_SEED)[exercise] if trial.role == "blank")
    for text in (blank.text, "", "\n\n"):
        report = type(blank)(blank.exercise, "blank", text, 0, "", blank.solution).report()
        assert (report.score, report.status) == (0, "not attempted")


@pytest.mark.parametrize(("lesson", "exercise"), tasks())
def test_every_exercise_has_enough_foreseen_answers(lesson, exercise):
    """Are there a solution, a blank, three wrong answers and, where people write freely, two right ones?"""
    roles = [trial.role for trial in trials_of(lesson, OPEN_SEED)[exercise]]
    counts = {role: roles.count(role) for role in ROLES}
    kind = LESSONS[lesson].tasks[exercise].kind
    assert counts["solution"] == counts["blank"] == 1
    assert counts["wrong"] >= (0 if kind == "prediction" else 3)
    assert counts["right"] >= (2 if kind in ("sql", "python") else 0)


@pytest.mark.parametrize("name", LESSONS)
def test_no_lesson_breaks_a_rule(name):
    """Does every objective name its exercises, and every exercise have the foreseen answers and hints it needs?"""
    assert [str(fault) for fault in broken_rules(LESSONS[name])] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(name, marks=needs_postgres(one)) for name, one in LESSONS.items()])
def test_every_hint_is_reached(name):
    """Does a foreseen answer meet each hint that is written in the claims?"""
    assert [str(fault) for fault in unreached_hints(COURSE.claim_files(name), hints_met(name))] == []
