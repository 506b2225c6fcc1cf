"""Does a class that hands in the lesson on migrations get exactly its marks, behind the wall and on secret data?"""

import copy
import csv

import nbformat
import pytest
from golden_migrations import LESSON, STUDENTS

from graders.build.notebook import source_notebook
from graders.course.lesson import read_lesson
from graders.grading.run import grade

pytestmark = pytest.mark.slow


def answered(notebook, answers):
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-answer")
        if name in answers:
            cell.source = f"%%answer {name}\n{answers[name]}"
    return notebook


@pytest.fixture(scope="module")
def lesson(course):
    return read_lesson(course.lessons / f"{LESSON}.md")


@pytest.fixture(scope="module")
def rows(course, lesson, tmp_path_factory):
    """The table of grades of the whole class."""
    submitted, out = tmp_path_factory.mktemp("submitted"), tmp_path_factory.mktemp("results")
    solved = source_notebook(lesson)
    for name, (answers, _) in STUDENTS.items():
        path = submitted / name / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(answered(solved, answers)), encoding="utf-8")
    grade(course, "a seed that no student knows", submitted, out)
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", STUDENTS)
def test_marks_are_exact(rows, lesson, name):
    """Is each score what it must be, and nothing left for a person to look at but the prose?"""
    full = {task.name: f"{task.points:g}" for task in lesson.tasks.values() if task.kind != "prose"}
    mine = [row for row in rows if row["student"] == name and row["exercise"] in full]
    assert {row["exercise"]: row["score"] for row in mine} == full | STUDENTS[name][1]
    assert "needs review" not in {row["status"] for row in mine}
