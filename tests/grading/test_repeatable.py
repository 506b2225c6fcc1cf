"""Does the same seed give the same report, to the letter, where claims draw passwords and canaries?"""

import pytest

from graders.course.course import read_course
from graders.kernel.claims import OPEN_SEED, rng_for

DRAWING = ["10-injection", "11-orm-safety"]


@pytest.mark.parametrize("lesson_id", DRAWING)
def test_a_report_repeats(course, lesson_grader, lesson_id):
    """Is what a wrong answer is told the same in a second grading?"""
    lesson = next(lesson for lesson in read_course(course) if lesson.id == lesson_id)
    grader = lesson_grader(lesson_id)
    wrong = {
        task.name: task.wrong[0].text for task in lesson.tasks.values() if task.kind in ("python", "sql", "parsons")
    }
    assert len(wrong) >= 5
    for name, text in wrong.items():
        assert grader.judge(name, text) == grader.judge(name, text), name


def test_the_open_seed_draws_anew():
    """Does what everybody knows tell nobody what is drawn, while a secret seed repeats, for the same answer alone?"""
    answers = ((OPEN_SEED, "a"), (OPEN_SEED, "a"), (7, "a"), (7, "a"), (7, "b"), (7, "\ud800"))
    drawn = [rng_for(seed, text).getrandbits(64) for seed, text in answers]
    assert drawn[0] != drawn[1]
    assert drawn[2] == drawn[3]
    assert len(set(drawn[3:])) == 3
