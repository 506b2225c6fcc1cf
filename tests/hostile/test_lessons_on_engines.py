"""Does no crafted answer to the lessons that run engines get a mark it has not earned, or break a check?"""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from graders.course.course import read_course
from graders.grading.workers import Workers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="isolation needs Linux")
LESSONS = Path(__file__).resolve().parents[1] / "lessons"
MODULES = (
    *(import_module(f"{path.parent.name}.hostile_answers") for path in sorted(LESSONS.glob("*/hostile_answers.py"))),
)
TRIES = [one for module in MODULES for one in module.TRIES]


@pytest.fixture(scope="module")
def lesson_graders(course, lesson_grader):
    """What marks each exercise of the lessons that somebody tries."""
    tried = {one.exercise for one in TRIES}
    prepared = [lesson_grader(lesson.id) for lesson in read_course(course) if tried & set(lesson.tasks)]
    return {name: grader for grader in prepared for name in grader.exercises}


def test_there_are_enough_tries():
    """Is each try of its own name, and are there enough?"""
    assert len({one.name for one in TRIES}) == len(TRIES) >= 300


def test_every_try_gets_what_it_has_earned(lesson_graders):
    """In the best isolation: is nothing left to a person, and has each answer the points that it must get?"""
    units = {one.name: lesson_graders[one.exercise].request(one.exercise, one.text) for one in TRIES}
    with Workers(2) as judges:
        found = dict(judges.judge(list(units.values())))
    wrong = {one.name: told for one in TRIES if (told := _otherwise(one, found[units[one.name]]))}
    assert wrong == {}


def _otherwise(one, report):
    """How the report differs from what it must be; nothing if it does not."""
    status = getattr(report, "status", "lost")
    if status not in ("lost", "needs review") and report.score == one.score:
        return None
    return one.must_not, status, getattr(report, "score", None), [v.found for v in getattr(report, "verdicts", ())]
