"""Do the verbs of `python -m graders` do what they say, and refuse in one sentence?"""

import os
import re
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from graders.__main__ import main
from graders.build.builder import drift
from graders.build.notebook import source_notebook, write_notebook
from graders.course.course import Course
from graders.course.reading import read_lesson

LESSON = "01-start-here"
ONE_LESSON = (
    *(f"lessons/{LESSON}", "lessons/misconceptions.yml", "nbgrader_config.py"),
    *("graders/checks", "graders/keys/start-here.json"),
)


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def solved(course, tmp_path_factory):
    """The first lesson solved, as a file with its lesson's name."""
    path = tmp_path_factory.mktemp("solved") / f"{LESSON}.ipynb"
    write_notebook(source_notebook(read_lesson(course.lessons / LESSON)), path)
    return path


def test_check_reports_on_a_notebook(solved):
    """Does a solved notebook get all its points in the shell?"""
    done = run("check", solved)
    assert done.exit_code == 0
    assert "6 of 6 points" in done.output
    assert "✓ it gives exactly the rows asked for, on every data set tried (holds)" in done.output


def test_a_terminal_that_knows_no_sign_of_ours_is_written_to(solved):
    """Does a shell of Windows get the report too, with a number for each sign that it lacks?"""
    words = [sys.executable, "-m", "graders", "check", str(solved), "--exercise", "compare-with-null"]
    done = subprocess.run(words, env=os.environ | {"PYTHONIOENCODING": "cp1252"}, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u2713" in done.stdout


def test_check_of_a_released_notebook_calls_nothing_wrong(course):
    """Is a blank notebook all "not attempted"?"""
    done = run("check", course.notebooks / LESSON / f"{LESSON}.ipynb")
    assert "0 of 6 points" in done.output
    assert len(re.findall(r"0 of \d points?, not attempted", done.output)) == 4
    assert "✗" not in done.output


def test_check_names_what_a_person_reads(course):
    """Is a question in prose named with its points, and not left out of the sum in silence?"""
    done = run("check", course.notebooks / "09-isolation/09-isolation.ipynb")
    assert re.search(r"of 14 points\nExercise \d+ · .* is read by a person, for 3 more points\.", done.output)


def test_check_of_one_exercise_may_have_any_file_name(solved, tmp_path):
    """Can a renamed notebook be checked exercise by exercise?"""
    copy = shutil.copy(solved, tmp_path / "my copy.ipynb")
    assert "6 of 6 points" in run("check", copy).output
    assert "2 of 2 points" in run("check", copy, "--exercise", "open-loans").output


@pytest.mark.parametrize("place", ["graders.kernel.judge._judge", "graders.figures.report.report_text"])
def test_check_goes_on_where_one_exercise_breaks(solved, monkeypatch, place):
    """Is what breaks while one answer is judged or drawn told in its place, and every other report as before?"""
    before = run("check", solved).output.split("\n\n")
    module, _, name = place.rpartition(".")
    whole = getattr(sys.modules[module], name)

    def breaks(first, *rest):
        if "open-loans" in (getattr(first, "name", ""), getattr(first, "exercise", "")):
            raise RecursionError("too deep")
        return whole(first, *rest)

    monkeypatch.setattr(place, breaks)
    done = run("check", solved)
    after = done.output.split("\n\n")
    assert done.exit_code == 0
    assert "(RecursionError: too deep; test_commands.py, line " in done.output
    changed = [new for old, new in zip(before[:-1], after[:-1], strict=True) if old != new]
    assert [text.split(":")[0].rpartition(" · ")[2] for text in changed] == ["open-loans"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check", "nope.ipynb"), "nope.ipynb: cannot be opened (No such file or directory)."),
        (("check", "other.ipynb"), "other.ipynb is of no lesson that is known here; there are 01-start-here"),
        (("check", f"{LESSON}.ipynb"), f"{LESSON}.ipynb: cannot be opened (No such file or directory)."),
        (("check", f"{LESSON}.ipynb", "--exercise", "x-1"), "There is no exercise x-1"),
        (("build",), "is not inside the course's project folder"),
        (("grade", ".", "--out", "out"), "is not inside the course's project folder"),
        (("grade", "nowhere", "--out", "out"), "'nowhere' does not exist"),
        (("minutes", "."), "is not inside the course's project folder"),
        (("minutes", "nowhere"), "'nowhere' does not exist"),
        (("new-lesson", "x"), "is not inside the course's project folder"),
    ],
)
def test_refusals_are_one_sentence(tmp_path, monkeypatch, words, says):
    """Does bad input give one clear sentence and a failing exit code?"""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.ipynb").write_text('{"cells": []}')
    done = run(*words)
    assert done.exit_code != 0
    assert says in done.output


def test_new_lesson_refuses_bad_names(root, tmp_path, monkeypatch):
    """Is a name that no lesson can have, or that one has, refused with the remedy?"""
    (tmp_path / "lessons").mkdir()
    (tmp_path / "graders/checks").mkdir(parents=True)
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert "use small letters and hyphens" in run("new-lesson", "Query Patterns").output
    assert "made" in run("new-lesson", "query-patterns").output
    assert "There is a lesson called query-patterns already" in run("new-lesson", "query-patterns").output


@pytest.fixture
def one_lesson(root, tmp_path, monkeypatch):
    """The folder of a project with the first lesson alone, whose notebooks are a copy; we are in it."""
    for name in ONE_LESSON:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(root / name)
    shutil.copytree(root / "notebooks" / LESSON, tmp_path / "notebooks" / LESSON)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_drift_finds_an_edited_notebook(one_lesson):
    """Is a notebook that was edited by hand named, and a key that is missing?"""
    path = one_lesson / f"notebooks/{LESSON}/{LESSON}.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("library", "bakery"), encoding="utf-8")
    (one_lesson / "graders/keys/start-here.json").unlink()
    assert drift(Course.at(one_lesson)) == [f"notebooks/{LESSON}/{LESSON}.ipynb", "keys/start-here.json"]


@pytest.mark.parametrize("place", ["notebooks", "a copy beside them"])
def test_what_a_teacher_typed_stops_the_bundle(one_lesson, place):
    """Is no zip made, with one sentence, where an answer was typed into a notebook or into a copy of one?"""
    path = one_lesson / "notebooks" / LESSON / f"{LESSON}.ipynb"
    text = path.read_text(encoding="utf-8").replace("-- YOUR SQL HERE", "SELECT name FROM members -- my own")
    path = path if place == "notebooks" else path.with_name("copy.ipynb")
    path.write_text(text, encoding="utf-8")
    done = run("student", "--out", "dist")
    assert done.exit_code == 1
    assert "Error: These are not as lessons/ make them: " in done.output
    assert f"notebooks/{LESSON}/{path.name}" in done.output
    assert "Move your own answers elsewhere" in done.output
    assert not list(one_lesson.glob("dist/*"))
