"""Are questions chosen by what was missed and by how long ago it was last right, at intervals that expand?"""

from datetime import UTC, datetime, timedelta

import pytest

from graders.course.attempts import LoggedAttempt
from graders.notebook.recall import QUESTIONS, Question, choose

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
LESSONS = ("c", "b", "a")


def question(lesson, number):
    options = {"a": {"text": "t", "because": "b", "right": True}, "b": {"text": "u", "because": "c"}}
    return Question(f"{lesson}-{number}", lesson, f"exercise-{lesson}-{number}", "What?", options)


BANK = [question(lesson, number) for number in (1, 2, 3) for lesson in LESSONS]


def recalled(name, day, status="right"):
    return LoggedAttempt(START + timedelta(days=day), "d", name, 1, 1, status, f"{day}", recall=True)


def checked(name, day, status="right"):
    lesson = name.split("-")[0]
    return LoggedAttempt(START + timedelta(days=day), lesson, f"exercise-{name}", 1, 1, status, f"{day}")


def names(attempts, day, bank=BANK):
    return [one.name for one in choose(bank, attempts, START + timedelta(days=day))]


def test_without_attempts_every_lesson_has_its_turn():
    """Are the questions of somebody without a log spread over the lessons, whatever day it is?"""
    assert names([], 0) == names([], 90) == ["c-1", "b-1", "a-1", "c-2"]
    assert names([], 0, BANK[:2]) == ["c-1", "b-1"]
    assert names([], 0, []) == []


def test_what_was_missed_comes_first():
    """Does a wrong exercise count like a wrong answer to the question, and one that was right in part too?"""
    attempts = [checked("a-3", 0, "wrong"), recalled("b-2", 0, "wrong"), checked("c-3", 0, "partly right")]
    assert set(names(attempts, 2)[:3]) == {"a-3", "b-2", "c-3"}


def test_a_correction_is_no_recall():
    """Does a question stay missed when the right answer follows the explanation, until it is right a day later?"""
    missed = [recalled("a-3", 0, "wrong"), recalled("a-3", 0.01)]
    assert names(missed, 2)[0] == "a-3"
    assert "a-3" not in names([*missed, recalled("a-3", 1.5)], 2)


def test_needs_review_says_nothing_of_what_is_known():
    """Is our own fault nobody's?"""
    assert names([checked("a-3", 0, "needs review")], 1) == ["a-1", "a-2", "c-1", "b-1"]


@pytest.mark.parametrize(("rights", "interval"), [(1, 3), (2, 7), (3, 21), (4, 60), (5, 60), (6, 60)])
def test_intervals_expand(rights, interval):
    """Does each right answer that was due double or triple the time until the next one, up to 60 days?"""
    waits, day, attempts = (0, 3, 7, 21, 60, 60), 0, []
    for wait in waits[:rights]:
        day += wait
        attempts.append(recalled("a-1", day))
    bank = [question("a", 1), question("b", 1)]
    # A question of a lesson that was not tried comes after what is due, and before what is not.
    assert names(attempts, day + interval - 0.1, bank) == ["b-1", "a-1"]
    assert names(attempts, day + interval, bank) == ["a-1", "b-1"]


def test_right_too_early_moves_nothing():
    """Does the same answer, given every hour, leave the question where it is?"""
    hourly = [recalled("a-1", hour / 24) for hour in range(48)]
    bank = [question("a", 1), question("b", 1)]
    others = [recalled("b-1", 2)]
    assert names([*hourly, *others], 3.1, bank) == ["a-1", "b-1"]


def test_a_wrong_answer_goes_back_to_the_first_box():
    """Is what was known for months, and then wrong, asked at the next occasion?"""
    attempts = [recalled("a-1", day) for day in (0, 3, 10, 31)]
    assert "a-1" not in names(attempts, 60)
    assert names([*attempts, recalled("a-1", 60, "wrong")], 61)[0] == "a-1"


def test_what_was_last_right_longest_ago_is_asked_before_others():
    """Do new questions of lessons that were done come first, then the oldest, then those not yet due?"""
    attempts = [recalled("c-1", 8), recalled("c-2", 20), recalled("b-1", 2), recalled("b-2", 1), recalled("a-1", 0)]
    bank = [one for one in BANK if not one.name.endswith("3")]
    attempts.append(checked("a-9", 0))
    assert names(attempts, 21, bank) == ["a-2", "a-1", "b-2", "b-1"]
    assert names(attempts, 21, [BANK[0], BANK[3], BANK[1]]) == ["b-1", "c-1", "c-2"]


def test_not_only_the_lesson_before():
    """Are at most two of one lesson asked while others are due, however much was missed there?"""
    bank = [question("c", number) for number in range(1, 7)] + [question("b", 1), question("a", 1)]
    attempts = [checked(f"c-{number}", 0, "wrong") for number in range(1, 7)]
    attempts += [checked("b-1", -30), checked("a-1", -40)]
    assert names(attempts, 1, bank) == ["c-1", "c-2", "a-1", "b-1"]
    assert names(attempts, 1, bank[:7]) == ["c-1", "c-2", "b-1", "c-3"]


def test_a_lesson_that_was_not_tried_comes_late():
    """Is nobody asked first about a lesson of which the log knows nothing?"""
    assert names([checked("a-9", 0)], 1) == ["a-1", "a-2", "c-1", "b-1"]
    assert len(names([], 0)) == QUESTIONS
