"""Are the questions at the start of a lesson answered in a cell, explained, logged, and the same the next time?"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graders.course.attempts import LoggedAttempt, RecallRound, read_entries
from graders.kernel.exercise import key_file, list_lessons
from graders.notebook import recall
from graders.notebook.attempt_log import AttemptLog

LATER = list_lessons()[3]
BLANK = f"%%recall {LATER}\n1:\n2:\n3:\n4:\n"


@pytest.fixture
def log():
    return AttemptLog(Path(os.environ["DATABASES_BY_EXPERIMENT_HOME"]) / "attempts.jsonl")


@pytest.fixture
def notebook(bare_notebook):
    restart(bare_notebook)
    return bare_notebook


def restart(notebook):
    """Load the extension as a new kernel does."""
    notebook.shell.extension_manager.loaded.discard("graders")
    notebook.shell.magics_manager.registry.pop("AnswerMagic", None)
    assert notebook.run("%load_ext graders").error is None


def questions_of(log):
    """The questions of the last round, as the key files have them."""
    known = {one["name"]: one for lesson in list_lessons() for one in key_file(lesson)["recall"]}
    last = [entry for entry in log.read() if isinstance(entry, RecallRound)][-1]
    return [known[name] for name in last.questions]


def right_letter(question):
    return next(letter for letter, option in question["options"].items() if option.get("right"))


def wrong_letter(question):
    return next(letter for letter, option in question["options"].items() if not option.get("right"))


def test_questions_do_not_tell_what_is_right(notebook, log):
    """Are four questions shown with all their options, and nothing of the answers?"""
    shown = notebook.run(f'recall("{LATER}")')
    assert (shown.error, shown.err) == (None, "")
    for number, question in enumerate(questions_of(log), start=1):
        assert f"{number}. {question['question']}" in repr(shown.value)
        assert all(option["text"] in repr(shown.value) for option in question["options"].values())
        assert not any(option["because"] in shown.value._repr_html_() for option in question["options"].values())


def test_questions_come_from_several_lessons(log):
    """Are not all of them from the lesson before?"""
    recall.begin_round(LATER, log)
    about = {question["about"] for question in questions_of(log)}
    lessons = [lesson for lesson in list_lessons()[:3] if about & key_file(lesson)["exercises"].keys()]
    assert len(lessons) == 3


def test_blank_answers_are_no_error(notebook, log):
    """Does "Run All" end in one sentence that says what to do, and write nothing down?"""
    for cells in ([f'recall("{LATER}")', BLANK], [BLANK]):
        for cell in cells:
            done = notebook.run(cell)
            assert (done.error, done.err) == (None, "")
        (sentence,) = done.shown
        assert sentence == "Nothing is answered yet: write a letter after each number, then run this cell again."
    assert not any(isinstance(entry, LoggedAttempt) for entry in log.read())


def test_every_option_is_explained_and_each_answer_written_down(notebook, log):
    """Are right and wrong answers told apart, on the page and in the log?"""
    notebook.run(f'recall("{LATER}")')
    questions = questions_of(log)
    letters = [right_letter(questions[0]), wrong_letter(questions[1]), right_letter(questions[2]).upper()]
    done = notebook.run(f"%%recall {LATER}\n1: {letters[0]}\n2) {letters[1]}.\n3 {letters[2]}\n# not yet\n4:\n")
    (shown,), (html,) = done.shown, done.html
    assert shown.startswith("2 of 4 right\n")
    assert shown.endswith("Question 4 has no answer yet: write a letter after each number, then run this cell again.")
    assert html.count("(your answer)") == 3
    for question in questions[:3]:
        assert all(option["because"] in shown for option in question["options"].values())
    answers = [entry for entry in log.read() if isinstance(entry, LoggedAttempt)]
    assert [(entry.name, entry.status, entry.score) for entry in answers] == [
        (questions[0]["name"], "right", 1),
        (questions[1]["name"], "wrong", 0),
        (questions[2]["name"], "right", 1),
    ]
    assert all(entry.recall and entry.lesson == LATER for entry in answers)
    assert answers[1].hints == (questions[1]["options"][letters[1]]["because"],)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1: z", "Question 1 has the options a, b, c, and not `z`."),
        ("1: because", "and not `because`."),
        ("5: a", "`5: a` is no answer: begin each line with the number of a question, as in 1: b."),
        ("99999: a", "`99999: a` is no answer"),
        ("a", "`a` is no answer"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(notebook, log, line, says):
    """Is the student told which line, without a traceback, and is nothing written down for it?"""
    done = notebook.run(f"%%recall {LATER}\n{line}\n")
    assert (done.error, done.err) == (None, "")
    assert says in done.shown[0]
    assert not any(isinstance(entry, LoggedAttempt) for entry in log.read())


def test_running_it_again_shows_the_same(notebook, log):
    """Are the questions of a lesson those that its answer cell has answers to, in the next kernel and next year too?"""
    first = repr(notebook.run(f'recall("{LATER}")').value)
    wrong = "".join(f"{number}: {wrong_letter(one)}\n" for number, one in enumerate(questions_of(log), start=1))
    answered = notebook.run(f"%%recall {LATER}\n{wrong}").shown
    restart(notebook)
    assert repr(notebook.run(f'recall("{LATER}")').value) == first
    assert notebook.run(f"%%recall {LATER}\n{wrong}").shown == answered
    assert len([entry for entry in log.read() if isinstance(entry, RecallRound)]) == 1


def test_what_was_missed_is_asked_in_the_next_lesson(log):
    """Do wrong answers come again, and is the lesson's own round left as it was?"""
    (first, *_) = questions = recall.begin_round(LATER, log)
    answers = recall.read_recall_answers(questions, f"1: {next(iter(set('abc') - first.right_letters))}")
    recall.record_recall(LATER, questions, answers, log)
    assert recall.begin_round(list_lessons()[4], log)[0] == first


def test_without_a_lesson_questions_are_chosen_every_day(log, monkeypatch):
    """Does `recall()` alone ask on from day to day, and stay the same within a day?"""
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    monkeypatch.setattr(recall, "read_clock", lambda: now)
    first = recall.begin_round("", log)
    right = "".join(f"{number}: {''.join(one.right_letters)}\n" for number, one in enumerate(first, start=1))
    recall.record_recall("", first, recall.read_recall_answers(first, right), log)
    assert recall.begin_round("", log) == first
    monkeypatch.setattr(recall, "read_clock", lambda: now + timedelta(days=1))
    assert not {one.name for one in first} & {one.name for one in recall.begin_round("", log)}


def test_a_round_that_names_a_question_that_is_gone_is_chosen_anew(log):
    """Does a question that was removed from its lesson stop nobody?"""
    log.append(RecallRound(datetime(2026, 3, 2, tzinfo=UTC), LATER, ("no-such-question",)))
    assert len(recall.begin_round(LATER, log)) == 4


def test_a_log_that_cannot_be_written_asks_the_same_in_one_kernel(notebook, log):
    """Do questions and answers belong together even then?"""
    log.path.mkdir()
    first = repr(notebook.run(f'recall("{LATER}")').value)
    assert "right" in notebook.run(f"%%recall {LATER}\n1: a\n").shown[0]
    assert repr(notebook.run(f'recall("{LATER}")').value) == first


def test_the_first_lesson_has_nothing_to_recall(notebook):
    """Is it said, in both cells?"""
    assert "no earlier lesson" in repr(notebook.run('recall("start-here")').value)
    assert "no earlier lesson" in notebook.run("%%recall start-here\n1: a\n").shown[0]


def test_a_prediction_says_nothing_of_what_is_known():
    """Does an exercise that earns its point by any letter not count for the question about it?"""
    (question,) = [one for one in recall.list_questions("") if one.name == "equals-null"]
    assert question.about == ""


def test_attempts_are_saved_beside_the_notebook(notebook, log, tmp_path, monkeypatch):
    """Does the file hold the lines of the notebook's lesson alone, wherever the lesson's name comes from?"""
    assert "write the name of the lesson" in notebook.run("save_attempts()").out
    notebook.run("%%answer compare-with-null\nb")
    notebook.run('check("compare-with-null")')
    notebook.run(f'recall("{LATER}")')
    shown = repr(notebook.run("save_attempts()").value)
    assert shown == "1 line in `attempts.jsonl` beside this notebook: hand it in with it."
    (entry,) = read_entries(tmp_path / "attempts.jsonl")
    assert (entry.lesson, entry.name) == ("start-here", "compare-with-null")
    path = tmp_path / "elsewhere" / "my copy.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps({"cells": [], "metadata": {"lesson": key_file(LATER)["id"]}}))
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    notebook.run("save_attempts()")
    assert [entry.lesson for entry in read_entries(path.with_name("attempts.jsonl"))] == [LATER]
    path.write_text("{")
    notebook.run("save_attempts()")
    assert [entry.lesson for entry in read_entries(path.with_name("attempts.jsonl"))] == ["start-here"]
    assert "Nothing of the lesson live-migrations" in repr(notebook.run('save_attempts("live-migrations")').value)
    assert "There is no lesson `nope`" in str(notebook.run('save_attempts("nope")').error)
