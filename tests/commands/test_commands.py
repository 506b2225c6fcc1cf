"""Do the verbs of `python -m graders` do what they say, and refuse in one sentence?"""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from click.testing import CliRunner

from graders.__main__ import main
from graders.build.notebook import source_notebook, write_notebook
from graders.course.course import read_course
from graders.course.reading import read_lesson

LESSON = "01-start-here"
OPENS = re.compile(
    r"(from|import|except) |CREATE (TABLE \w+ \($|TRIGGER .* BEGIN$|INDEX |VIEW )"
    r"|connection\.(execute\(\"[A-Z]+\"|\w+\(\)$)"
)

# Lines that our own code, data sets, or the given steps and demonstrations of other lessons have too.
OURS_TOO = {
    "book_id   INTEGER NOT NULL REFERENCES books (book_id),",
    "member_id INTEGER NOT NULL REFERENCES members (member_id),",
    "query = query.where(columns[name] == value)",
    '"UPDATE customers SET first_name = ?, last_name = ? WHERE customer_id = ?",',
    'first, space, last = name.partition(" ")',
    "DROP TABLE customers;",
    "PRAGMA foreign_keys = OFF;",
    "ALTER TABLE customers RENAME COLUMN fullname TO first_name;",
    "for statement in statements:",
    "connection.execute(statement)",
}


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
    assert done.output.count("points, not attempted") == 4
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


def test_drift_finds_an_edited_notebook(course, tmp_path):
    """Is a notebook that was edited by hand named?"""
    from dataclasses import replace

    from graders.build.builder import drift

    committed = replace(course, notebooks=tmp_path / "notebooks", keys=tmp_path / "keys")
    shutil.copytree(course.notebooks, committed.notebooks)
    shutil.copytree(course.keys, committed.keys)
    path = committed.notebooks / LESSON / f"{LESSON}.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("library", "bakery"), encoding="utf-8")
    (committed.keys / "start-here.json").unlink()
    assert drift(committed) == [
        f"notebooks/{LESSON}/{LESSON}.ipynb",
        "keys/start-here.json",
    ]


@pytest.mark.parametrize("place", ["notebooks", "a copy beside them"])
def test_what_a_teacher_typed_stops_the_bundle(root, course, tmp_path, monkeypatch, place):
    """Is no zip made, with one sentence, where an answer was typed into a notebook or into a copy of one?"""
    for name in ("lessons", "graders", "datasets", "notebooks"):
        (tmp_path / name).symlink_to(root / name) if name != "notebooks" else shutil.copytree(
            root / name, tmp_path / name
        )
    for name in ("nbgrader_config.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, tmp_path)
    path = tmp_path / "notebooks" / LESSON / f"{LESSON}.ipynb"
    text = path.read_text(encoding="utf-8").replace("-- YOUR SQL HERE", "SELECT name FROM members -- my own")
    path = path if place == "notebooks" else path.with_name("copy.ipynb")
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = run("student", "--out", "dist")
    assert done.exit_code == 1
    assert f"Error: These are not as lessons/ make them: notebooks/{LESSON}/{path.name}. Move your own" in done.output
    assert not list(tmp_path.glob("dist/*"))


@pytest.mark.slow
def test_student_bundle_holds_no_solution(course, tmp_path, root):
    """Is no line of any solution, wrong or right answer in what students get?"""
    from graders.build.bundle import make_bundle

    lines, keys = _all_text(make_bundle(root, tmp_path), tmp_path)
    leaked = {
        task.name: line
        for lesson in read_course(course)
        for task in lesson.tasks.values()
        for line in _telling_lines(task, course, lesson)
        if line in lines or line in keys
    }
    assert leaked == {}
    assert "%%answer open-loans" in lines
    assert "open-loans" in keys


def _telling_lines(task, course, lesson) -> set[str]:
    """The lines that stand only in a solution: long enough to tell something, and not released.

    An import, an `except`, a plain BEGIN or COMMIT, or the line that opens a table or a trigger, or an index or a view
    that the checks themselves ask for, is like any other of its kind and tells nothing.
    """
    released = (course.notebooks / lesson.id / f"{lesson.id}.ipynb").read_text(encoding="utf-8")
    shown = {line.strip() for cell in nbformat.reads(released, 4).cells for line in cell.source.splitlines()}
    texts = [task.solution if task.kind in ("sql", "python") else ""]
    texts += [foreseen.text for foreseen in (*task.right, *task.equivalent)]
    lines = {line.strip() for text in texts for line in text.splitlines()} - OURS_TOO
    return {
        line
        for line in lines
        if len(line) >= 20 and not OPENS.match(line) and not any(line in released for released in shown)
    }


def _all_text(bundle, folder) -> tuple[set[str], str]:
    """Every line in the zip and in the wheel inside it, and the key files, whose lines are long, as one text."""
    lines, keys = set(), ""
    with zipfile.ZipFile(bundle) as outer:
        outer.extractall(folder / "bundle")
    for wheel in (folder / "bundle").rglob("*.whl"):
        with zipfile.ZipFile(wheel) as inner:
            inner.extractall(folder / "bundle" / "wheel")
    for path in (folder / "bundle").rglob("*"):
        assert path.suffix != ".md" or path.parent.name != "lessons"
        if path.suffix == ".json":
            keys += path.read_text(encoding="utf-8")
        if path.suffix in (".py", ".md", ".txt", ".html"):
            lines |= {line.strip() for line in path.read_text(encoding="utf-8").splitlines()}
        if path.suffix == ".ipynb":
            cells = nbformat.read(path, as_version=4).cells
            lines |= {line.strip() for cell in cells for line in cell.source.splitlines()}
    return lines, keys
