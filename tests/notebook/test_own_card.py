"""Does the student's own card hold the answers that were right when they were checked, and no others?"""

import dataclasses
from html import unescape

import nbformat
import pytest
from foreseen_answers import LESSONS

from graders.build.notebook import source_notebook
from graders.kernel.exercise import find_exercise
from graders.kernel.judge import JudgeOptions, judge
from graders.kernel.scoring import Outcome
from graders.notebook import own_card
from graders.notebook.attempt_log import AttemptLog
from graders.notebook.notebook_session import NotebookSession
from graders.notebook.own_card import FILE, read_rows

LESSON = LESSONS["the-card"]
NAMES = list(dict.fromkeys(row.name for row in read_rows()))


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A session in an empty folder, whose log is there too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return NotebookSession(AttemptLog(tmp_path / "attempts.jsonl"))


def record(session, name, text, score):
    """Write down a check of `text` that came to the share `score` of the points."""
    exercise = find_exercise(name)
    report = judge(exercise, "", JudgeOptions())
    judged = Outcome.HOLDS if score == 1 else Outcome.FAILS
    verdicts = tuple(
        dataclasses.replace(one, outcome=judged if one.weight else Outcome.HOLDS) for one in report.verdicts
    )
    session.log.record_check(exercise, text, dataclasses.replace(report, verdicts=verdicts))


def test_twelve_rows_are_asked_for():
    """Has the card twelve rows, each with an exercise, and an experiment in an earlier lesson?"""
    rows = read_rows()
    assert len(rows) == 12
    assert len({row.words for row in rows}) == 12
    assert all(row.lesson_id < LESSON.id for row in rows)


def test_nothing_right_makes_no_page(session, tmp_path):
    """Is nothing written before an answer was right, and said what to do?"""
    session.store_answer("own-page", "def find_user(connection, user_input): return []")
    assert "None of its answers has been right yet" in repr(session.own_card())
    record(session, "own-page", "def find_user(connection, user_input): return []", 0)
    assert "None of its answers has been right yet" in repr(session.own_card())
    assert not (tmp_path / FILE).exists()


def test_what_was_right_is_on_the_page(session, tmp_path):
    """Does the page have the text that was right, its experiment, and what is missing, and no later text?"""
    solution = LESSON.tasks["own-migration"].solution
    session.store_answer("own-migration", solution)
    record(session, "own-migration", solution, 1)
    said = repr(session.own_card())
    page = unescape((tmp_path / FILE).read_text(encoding="utf-8"))
    assert "1 of 12 rows are on it" in said and 'check("own-tables")' in said
    assert solution.strip() in page
    assert "Roll back, or forward?" in page and "12-migrations.ipynb" in page
    assert page.count("✓") == 1 and "many-to-many" in page.split("Not on the card yet")[1]
    session.store_answer("own-migration", "-- migrate:up\nDROP TABLE users;")
    assert "None of its answers has been right yet" in repr(session.own_card())
    assert "DROP TABLE users" not in (tmp_path / FILE).read_text(encoding="utf-8")


def test_a_text_is_shown_as_it_is(session, tmp_path):
    """Is what a student wrote text, whatever it looks like, and is nothing on the page loaded from elsewhere?"""
    text = "-- migrate:up\n-- <script>alert(1)</script> </pre> {{ 7 * 7 }} & 'x'\nSELECT 1;"
    session.store_answer("own-migration", text)
    record(session, "own-migration", text, 1)
    session.own_card()
    page = (tmp_path / FILE).read_text(encoding="utf-8")
    assert "<script" not in page and "{{ 7 * 7 }}" in page and "http" not in page.replace("http-equiv", "")
    assert text in unescape(page)


def test_a_new_kernel_finds_the_saved_notebook(session, tmp_path, monkeypatch):
    """Are the answers in the saved notebook on the page after a restart, all twelve rows of them?"""
    solved = source_notebook(LESSON)
    path = tmp_path / "21-the-card.ipynb"
    path.write_text(nbformat.writes(solved), encoding="utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    for name in NAMES:
        record(session, name, session._texts_of(find_exercise(name), path)[-1], 1)
    later = NotebookSession(session.log)
    assert "12 of 12 rows are on it" in repr(later.own_card())
    page = unescape((tmp_path / FILE).read_text(encoding="utf-8"))
    assert page.count("✓") == 12 and "Not on the card yet" not in page
    assert all(LESSON.tasks[name].solution.strip().splitlines()[-1].strip() in page for name in NAMES)


def test_a_folder_that_cannot_be_written(session, monkeypatch):
    """Is one sentence said where the page cannot be written?"""
    record(session, "own-page", "pass  # right", 1)
    session.store_answer("own-page", "pass  # right")
    monkeypatch.setattr(own_card, "FILE", "no-such-folder/own-card.html")
    assert "could not be written beside this notebook" in repr(session.own_card())
