"""Does a class that hands in a later lesson get exactly its marks and words, in the isolation and on secret data?"""

import copy
import csv
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from student import full_marks, lesson_called

from graders.build.notebook import source_notebook
from graders.grading.grade_class import grade_class

pytestmark = pytest.mark.slow

TESTS = Path(__file__).resolve().parents[1]
GOLDEN = [
    *(import_module(path.stem) for path in sorted(TESTS.glob("students/golden_*.py"))),
    *(import_module(f"{path.parent.name}.golden_class") for path in sorted(TESTS.glob("lessons/*/golden_class.py"))),
]


def answered(notebook, answers):
    """The solved notebook with a student's answers in their cells."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-answer")
        if name in answers:
            cell.source = f"%%answer {name}\n{answers[name]}"
    return notebook


@pytest.fixture(scope="module")
def results(course, tmp_path_factory):
    """The folder with what grading the golden students of all lessons, as one class, wrote."""
    submitted, out = tmp_path_factory.mktemp("submitted"), tmp_path_factory.mktemp("results")
    for golden in GOLDEN:
        solved = source_notebook(lesson_called(golden.LESSON))
        for name, student in golden.STUDENTS.items():
            path = submitted / name / golden.LESSON / f"{golden.LESSON}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(nbformat.writes(answered(solved, student.answers)), encoding="utf-8")
    grade_class(course, "a seed that no student knows", submitted, out)
    return out


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.LESSON)
def test_marks_are_exact(golden, results):
    """Is each score what it must be, and nothing left for a person to look at but the prose?"""
    with (results / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    full = full_marks(golden.LESSON)
    for name, student in golden.STUDENTS.items():
        mine = [row for row in rows if row["student"] == name and row["exercise"] in full]
        assert {row["exercise"]: row["score"] for row in mine} == full | student.scores, name
        assert "needs review" not in {row["status"] for row in mine}, name


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.LESSON)
def test_the_page_says_what_happened(golden, results):
    """Does each student read the reasons?"""
    for name, student in golden.STUDENTS.items():
        page = (results / "feedback" / name / golden.LESSON / f"{golden.LESSON}.html").read_text(encoding="utf-8")
        assert [words for words in student.page if words not in page] == [], name
