"""Do `%load_ext graders`, `%%answer`, check, hint, progress, recall and fresh_lab do what a student expects?"""

import json
import os
import re
import time
from pathlib import Path

import pytest

from graders.kernel.exercise import find_exercise, key_file

SQL = """%%answer open-loans
SELECT name FROM members WHERE member_id IN (SELECT member_id FROM loans WHERE returned_on IS NULL)"""
WRONG = "%%answer open-loans\nSELECT m.name FROM members m JOIN loans l USING (member_id) WHERE returned_on IS NULL"
PYTHON = "%%answer days-late\ndef days_late(due, returned):\n    return None if returned is None else 0"


@pytest.fixture
def notebook(bare_notebook):
    """A notebook in which the one set-up line was run."""
    bare_notebook.shell.extension_manager.loaded.discard("graders")
    bare_notebook.shell.magics_manager.registry.pop("AnswerMagic", None)
    done = bare_notebook.run("%load_ext graders")
    assert (done.error, done.out, done.err, done.shown) == (None, "", "", [])
    return bare_notebook


def html(done) -> str:
    """What the value of a cell shows in Jupyter."""
    return done.value._repr_html_()


def test_a_right_answer_scores(notebook):
    """Does the report's text be the score that nbgrader reads, with the rest in HTML?"""
    shown = notebook.run(SQL)
    assert shown.error is None
    assert any("Ada Okafor" in text for text in shown.shown)
    report = notebook.run('check("open-loans")')
    assert (report.err, repr(report.value)) == ("", "2")
    assert "2 of 2 points, right" in html(report)


def test_wrong_then_right(notebook):
    """Is the counter-example shown, and the next answer judged afresh?"""
    notebook.run(WRONG)
    report = notebook.run('check("open-loans")')
    assert "Which members stand in the list twice?" in html(report)
    assert "not asked for" in html(report)
    assert "hint(&quot;open-loans&quot;)" in html(report)
    notebook.run(SQL)
    assert repr(notebook.run('check("open-loans")').value) == "2"


def test_an_answer_that_was_never_run_is_not_attempted(notebook):
    """Is the student told to run the cell, and nothing called wrong?"""
    report = notebook.run('check("open-loans")')
    assert repr(report.value) == "0"
    assert "not attempted" in html(report)
    assert "Run the cell that begins with <code>%%answer open-loans</code> first." in html(report)


def test_python_answers_run_in_the_notebook_too(notebook):
    """Can the student play with the function, and does an error in it fail the cell with Python's traceback?"""
    notebook.run(PYTHON)
    assert notebook.run("days_late(1, 2)").value == 0
    failed = notebook.run("%%answer days-late\n1 / 0")
    assert failed.error is not None
    assert failed.out.count("ZeroDivisionError") <= 2


def test_sql_mistakes_are_the_engines_sentence(notebook):
    """Does an SQL mistake in an answer fail its cell without a Python traceback, and is it still kept?"""
    failed = notebook.run("%%answer open-loans\nSELECT nam FROM members")
    assert failed.error is not None
    assert "no such column: nam" in failed.out
    assert "Traceback" not in failed.out
    assert "SQLite says: no such column: nam" in html(notebook.run('check("open-loans")'))


def test_choices_and_predictions(notebook):
    """Does a prediction earn its point whatever it is, with every option explained?"""
    notebook.run("%%answer compare-with-null\nc")
    report = notebook.run('check("compare-with-null")')
    assert repr(report.value) == "1"
    assert html(report).count("is not what happens") == 3
    assert "(your prediction)" in html(report)
    notebook.run("%%answer read-a-report\nz")
    assert "letters out of a, b, c, d" in html(notebook.run('check("read-a-report")'))


@pytest.mark.parametrize("call", ["check", "hint", "solution"])
def test_an_unknown_exercise_is_one_sentence(notebook, call):
    """Is a wrong name told in one sentence, without a traceback?"""
    failed = notebook.run(f'{call}("open-loan")')
    assert failed.error is not None
    assert "There is no exercise open-loan. Did you mean open-loans or" in failed.out
    assert "write the name of the exercise in quotes" in notebook.run(f"{call}(2)").out
    assert "write the name of the exercise in quotes" in notebook.run(f"{call}()").out
    assert "Traceback" not in failed.out
    assert "There is no exercise xyz. The check cell below" in notebook.run(f'{call}("xyz")').out


def test_the_ladder_of_hints_is_climbed_step_by_step(notebook):
    """Does each call give the next step, and the last one stay?"""
    steps = [html(notebook.run('hint("days-late")')) for _ in range(3)]
    assert "Hint 1 of 2" in steps[0]
    assert "Hint 2 of 2" in steps[1]
    assert steps[2] == steps[1]


def test_progress_counts_what_was_checked(notebook):
    """Does the best score stay when a later answer is worse?"""
    notebook.run(SQL)
    notebook.run('check("open-loans")')
    notebook.run(WRONG)
    notebook.run('check("open-loans")')
    shown = repr(notebook.run("progress()").value)
    assert "Start here: ask, predict, check: 1 of 4 done, 2 of 6 points" in shown


def test_progress_names_exercises_in_full(notebook):
    """Are number, title and name shown, with the attempts: the same answer once more is none?"""
    for answer in (WRONG, WRONG, SQL):
        notebook.run(answer)
        notebook.run('check("open-loans")')
    shown = " ".join(re.sub(r"<[^>]*>", " ", html(notebook.run("progress()"))).split())
    assert "exercise name best attempts last check" in shown
    assert "2 · Who still has a book? open-loans 2 of 2 2 right 3 · How late was it? days-late 0 of 2 0 –" in shown
    assert shown.count("last check") == 1


def test_progress_shows_what_is_further_as_a_bonus(notebook, monkeypatch):
    """Are the points of further exercises counted apart?"""
    monkeypatch.setitem(key_file("start-here")["exercises"]["open-loans"], "further", True)
    notebook.run(SQL)
    notebook.run('check("open-loans")')
    shown = repr(notebook.run("progress()").value)
    assert "predict, check: 0 of 3 done, 0 of 4 points, and 2 for what is further\n" in shown
    assert "Start here: ask, predict, check, further, as a bonus: 1 of 1 done" in shown


def test_a_broken_log_is_an_empty_one(notebook):
    """Does a broken log stop nothing, and does what is checked next follow what is in it?"""
    path = Path(os.environ["DATABASES_BY_EXPERIMENT_HOME"]) / "attempts.jsonl"
    path.write_text("{")
    notebook.run(SQL)
    assert repr(notebook.run('check("open-loans")').value) == "2"
    broken, line = path.read_text().splitlines()
    assert (broken, json.loads(line)["exercise"], json.loads(line)["score"]) == ("{", "open-loans", 2)


def test_recall_asks_first_what_went_wrong(notebook):
    """Is a question about a missed exercise the first of four?"""
    notebook.run(PYTHON)
    notebook.run('check("days-late")')
    first, *others = re.findall(r"(?m)^\d\. .*$", repr(notebook.run('recall("transactions")').value))
    assert first == "1. Why does an open loan get `None` and not 0 days late?"
    assert len(others) == 3
    assert "no earlier lesson" in repr(notebook.run('recall("start-here")').value)


def test_fresh_labs_are_fresh(notebook):
    """Does `%%sql` run in the lab opened last, and does opening it again undo everything?"""
    notebook.run('lab = fresh_lab("library")')
    notebook.run("%%sql\nDELETE FROM loans")
    assert notebook.rows("%%sql\nSELECT count(*) FROM loans") == [(0,)]
    notebook.run('lab = fresh_lab("library")')
    assert notebook.rows("%%sql\nSELECT count(*) FROM loans") == [(14,)]
    notebook.run('lab = fresh_lab("library", engine="DuckDB")')
    assert notebook.rows("%%sql\nSELECT 7 / 2") == [(3.5,)]
    assert "There is no data set nope" in notebook.run('fresh_lab("nope")').out
    said = notebook.run('fresh_lab("library", engine="duckdb")').out
    assert "There is no engine duckdb here. Did you mean DuckDB?" in said
    said = notebook.run('fresh_lab("library", engine="Oracle")').out
    assert "There is no engine Oracle here. There are SQLite, DuckDB, PostgreSQL." in said


def test_an_engines_refusal_is_no_traceback(notebook):
    """Is a mistake in Python that runs SQL told in the engine's sentence too?"""
    failed = notebook.run('fresh_lab("library").run("SELCT 1")')
    assert failed.out.strip() == 'SQLite says: near "SELCT": syntax error'


@pytest.mark.parametrize("letters", ["c", "C", "'c'", "c.", "# mine\nc"])
def test_letters_may_be_written_in_many_ways(notebook, letters):
    """Is a letter known whatever stands around it?"""
    notebook.run(f"%%answer compare-with-null\n{letters}")
    assert repr(notebook.run('check("compare-with-null")').value) == "1"


def test_a_cell_that_lost_its_magic_line_is_still_the_answer(notebook):
    """Is what the student ran in the answer cell judged, and not what stood there before?"""
    first = "%%answer days-late\ndef days_late(due, returned):\n    return 7"
    notebook.shell.run_cell(first, cell_id="days-late-answer")
    notebook.shell.run_cell(PYTHON.partition("\n")[2], cell_id="days-late-answer")
    session = notebook.shell.magics_manager.registry["AnswerMagic"].session
    assert "returned is None else 0" in session.last_run(find_exercise("days-late")).text


def test_prose_is_not_checked(notebook):
    """Is the student told that a person reads it?"""
    assert "is read by a person" in repr(notebook.run('check("copy-the-email")').value)


def test_an_answer_edited_after_it_was_run_is_told(notebook, tmp_path, monkeypatch):
    """Is the student told when the saved notebook holds another answer than the one judged?"""
    notebook.run(SQL)
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": WRONG}]}))
    os.utime(path, (time.time() + 5, time.time() + 5))
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert "run its cell again" in html(notebook.run('check("open-loans")'))
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": SQL}]}))
    assert "run its cell again" not in html(notebook.run('check("open-loans")'))


def test_loading_twice_keeps_the_answers(notebook):
    """Can the set-up cell be run again?"""
    notebook.run(SQL)
    assert notebook.run("%load_ext graders").error is None
    assert notebook.run("%reload_ext graders").error is None
    assert repr(notebook.run('check("open-loans")').value) == "2"
