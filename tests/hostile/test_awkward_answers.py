"""Does no answer, however hard to draw or to write down, stop a class, and has each its true report?"""

import csv
import json
import os
import sys
from pathlib import Path

import pytest
from awkward_answers import awkward_answers
from case import answer_cell
from click.testing import CliRunner

from graders.__main__ import main
from graders.course.course import Course, read_course
from graders.grading.grade_class import grade_class
from graders.labs import why_no_postgres
from graders.notebook.attempt_log import AttemptLog
from graders.notebook.notebook_session import NotebookSession

ANSWERS = {one.name: one for one in awkward_answers(Course.at(Path(__file__).parents[2]))}
TEXTS = [one for one in ANSWERS.values() if one.exercise == "find-candidate-keys"]
needs_isolation = pytest.mark.skipif(sys.platform != "linux", reason="isolation needs Linux")
needs_postgres = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())


def hand_in(course, answers, folder):
    """Write one submission for each answer: the released notebook with that answer in it and nothing else."""
    lesson_of = {name: lesson.id for lesson in read_course(course) for name in lesson.tasks}
    for one in answers:
        (released,) = (course.notebooks / lesson_of[one.exercise]).glob("*.ipynb")
        notebook = json.loads(released.read_text(encoding="utf-8"))
        answer_cell(notebook, one.exercise)["source"] = f"%%answer {one.exercise}\n{one.text}"
        path = folder / one.name / released.stem / released.name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))


def marks(out, answers):
    """The score and status of each answer in the table of grades."""
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["student"], row["exercise"]): (row["score"], row["status"]) for row in csv.DictReader(file)}
    return {one.name: rows.get((one.name, one.exercise)) for one in answers}


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):
    """Where the class was handed in, and what grading made of it."""
    base = tmp_path_factory.mktemp("awkward")
    hand_in(course, ANSWERS.values(), base / "submitted")
    grade_class(course, "seed", base / "submitted", base / "out")
    return base


@needs_isolation
def test_each_has_its_row_and_a_true_report(graded):
    """Is each answer wrong, and does its page say what was found?"""
    out = graded / "out"
    wrong = dict.fromkeys(ANSWERS, ("0", "wrong"))
    assert {name: (score and "0", status) for name, (score, status) in marks(out, ANSWERS.values()).items()} == wrong
    pages = {name: next((out / "feedback" / name).rglob("*.html")).read_text(encoding="utf-8") for name in ANSWERS}
    assert [name for name, one in ANSWERS.items() if one.says not in pages[name]] == []
    assert max(map(len, pages.values())) < 200_000
    assert (out / "class.html").stat().st_size < 200_000


@needs_isolation
def test_the_shell_prints_each_report(graded):
    """Does `graders check` print the same report, and nothing that a terminal obeys?"""
    for one in ANSWERS.values():
        (notebook,) = (graded / "submitted" / one.name).glob("*/*.ipynb")
        done = CliRunner().invoke(main, ["check", str(notebook), "--exercise", one.exercise])
        assert done.exception is None, one.name
        assert one.says in done.output, one.name
        assert not set(done.output) & set("\0\x1b\u202e"), one.name


@needs_isolation
@needs_postgres
def test_a_gradebook_on_postgresql_takes_each_text(course, postgres_gradebook, tmp_path):
    """Are hints with every kind of character in them entered there too?"""
    hand_in(course, TEXTS, tmp_path / "submitted")
    grade_class(course, "seed", tmp_path / "submitted", tmp_path / "out", gradebook=postgres_gradebook)
    assert {status for _, status in marks(tmp_path / "out", TEXTS).values()} == {"wrong"}


@pytest.mark.parametrize("name", ANSWERS)
def test_check_in_a_notebook_says_the_same(name, tmp_path):
    """Does `check` of the notebook end in the report?"""
    session, one = NotebookSession(AttemptLog(tmp_path / "attempts.jsonl")), ANSWERS[name]
    session.store_answer(one.exercise, one.text)
    shown = session.check(one.exercise)
    assert one.says in shown._repr_html_()
    assert "wrong" in shown._repr_html_()
    shown._repr_html_().encode()


def test_a_customer_who_is_missing_meets_no_hint_about_names(tmp_path):
    """Does a backfill that empties the table hear of the missing row, and nothing of how names are split?"""
    session = NotebookSession(AttemptLog(tmp_path / "attempts.jsonl"))
    session.store_answer(
        "resumable-backfill", "def backfill(connection, size):\n    connection.execute('DELETE FROM customers')\n"
    )
    page = session.check("resumable-backfill")._repr_html_()
    assert "no such row" in page
    assert "first space" not in page
