"""Does docs/secret-seed.md say the truth about which exercises are judged on data that no student has seen?"""

import re

import pytest
from foreseen_answers import COURSE, LESSONS, needs_postgres
from seed_trace import uses_of_seed

PAGE = (COURSE.root / "docs" / "secret-seed.md").read_text(encoding="utf-8")
OPEN = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.M))
KINDS_OF_CODE = ("python", "sql", "parsons")
TASKS = [
    pytest.param(lesson, task, id=f"{lesson.name}-{task.name}", marks=needs_postgres(lesson))
    for lesson in LESSONS.values()
    for task in lesson.tasks.values()
    if task.kind in KINDS_OF_CODE
]


def test_the_page_names_exercises_that_exist():
    """Is each row of the table an exercise whose answers are run?"""
    assert OPEN
    assert {param.values[1].name for param in TASKS} >= OPEN


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "task"), TASKS)
def test_the_seed_is_used_where_the_page_says_so(lesson, task):
    """Is something made of the seed in every exercise but those in the table? Change the table with the exercise."""
    number = 10_000 + list(LESSONS).index(lesson.name) * 100 + task.number
    assert bool(uses_of_seed(lesson, task, number)) == (task.name not in OPEN)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_choices_weigh_little(lesson):
    """Are choices, whose keys can be opened, worth a tenth of the lesson's points, or one point?"""
    choices = sum(task.points for task in lesson.tasks.values() if task.kind == "choice")
    assert choices <= max(1, sum(task.points for task in lesson.tasks.values()) / 10)
