"""Is grading without isolation refused, and written on the marks where it was asked for?"""

import csv

import pytest
from click.testing import CliRunner
from golden import LESSON

import graders.sandbox
from graders.__main__ import main
from graders.grading.grade_class import grade_class
from graders.sandbox import IsolationUnavailable

pytestmark = pytest.mark.slow


@pytest.fixture
def one_student(handed_in, tmp_path):
    """A folder in which one student has handed in."""
    (tmp_path / "submitted").mkdir()
    (tmp_path / "submitted/all-right").mkdir()
    notebook = handed_in / "all-right" / LESSON / f"{LESSON}.ipynb"
    (tmp_path / "submitted/all-right" / LESSON).mkdir()
    (tmp_path / "submitted/all-right" / LESSON / notebook.name).write_bytes(notebook.read_bytes())
    return tmp_path / "submitted"


def test_no_isolation_no_marks(root, one_student, tmp_path, monkeypatch):
    """Does `grade` refuse in one sentence where no isolation holds, and name the way out?"""

    def no_isolation_holds():
        raise IsolationUnavailable("Nothing holds here.")

    monkeypatch.setattr(graders.sandbox, "best_isolation", no_isolation_holds)
    monkeypatch.chdir(root)
    done = CliRunner().invoke(main, ["grade", str(one_student), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "Nothing holds here. To grade without isolation all the same, type --unsafe." in done.output
    assert not (tmp_path / "out").exists()


def test_unsafe_is_written_on_the_marks_it_touched(course, one_student, tmp_path):
    """Are the answers that run, and those alone, marked as graded without isolation, in table and page?"""
    grade_class(course, "seed", one_student, tmp_path / "out", unsafe=True, jobs=1)
    with (tmp_path / "out/grades.csv").open(encoding="utf-8") as file:
        statuses = {row["exercise"]: row["status"] for row in csv.DictReader(file)}
    assert statuses == {
        "compare-with-null": "right",
        "open-loans": "right, unsafe",
        "days-late": "right, unsafe",
        "read-a-report": "right",
    }
    page = (tmp_path / f"out/feedback/all-right/{LESSON}/{LESSON}.html").read_text(encoding="utf-8")
    assert page.count("Marked without isolation") == 2
