"""Do the contents say what is done in each lesson, and where to go on?"""

from datetime import UTC, datetime, timedelta

import pytest

from graders.course.attempts import LoggedAttempt
from graders.kernel.exercise import key_file, list_lessons
from graders.notebook.progress import contents_message

LESSONS = list_lessons()


def attempts(lesson: str, when: int, names=None, score: float = 1) -> list[LoggedAttempt]:
    """An attempt at each exercise of the lesson, or at those named, that earns this share of the points."""
    found = []
    for name, plain in key_file(lesson)["exercises"].items():
        if plain["kind"] != "prose" and (names is None or name in names):
            points = plain["points"]
            time = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=when)
            status = "right" if score == 1 else "wrong"
            found.append(LoggedAttempt(time, lesson, name, points * score, points, status, "digest"))
    return found


def here(entries) -> str:
    return contents_message(entries).title


def title(place: int) -> str:
    return key_file(LESSONS[place])["title"]


def test_a_newcomer_begins_with_the_first_lesson():
    """Is it the first lesson that somebody goes on with who has done nothing?"""
    assert here([]) == f"Go on with: {title(0)}"


def test_one_goes_on_where_one_was():
    """Is it the lesson that was last worked on, even if one before it is not done?"""
    assert here(attempts(LESSONS[1], 1, score=0) + attempts(LESSONS[4], 2, score=0)) == f"Go on with: {title(4)}"


def test_after_a_lesson_comes_the_next_that_is_not_done():
    """Are lessons that are done passed over, and the first ones come back to in the end?"""
    done = attempts(LESSONS[0], 1) + attempts(LESSONS[2], 2) + attempts(LESSONS[1], 3)
    assert here(done) == f"Go on with: {title(3)}"
    others = [attempt for place in range(1, len(LESSONS)) for attempt in attempts(LESSONS[place], place)]
    assert here(others) == f"Go on with: {title(0)}"


def test_everything_done_is_said():
    """Is nobody sent on who has done it all?"""
    everything = [attempt for lesson in LESSONS for attempt in attempts(lesson, 1)]
    message = contents_message(everything)
    assert message.title == "You have done every exercise of every lesson."
    assert "go on here" not in message.text


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_lesson_has_its_link_its_minutes_and_what_is_done(lesson):
    """Does its row lead to its notebook and count its exercises?"""
    name = next(name for name, plain in key_file(lesson)["exercises"].items() if plain["kind"] != "prose")
    html, plain = contents_message(attempts(lesson, 1, [name])).html, key_file(lesson)
    row = next(row for row in html.split("<tr>") if plain["id"] in row)
    assert f"href='{plain['id']}/{plain['id']}.ipynb'" in row
    assert f">{plain['minutes']}<" in row
    assert "1 of " in row
