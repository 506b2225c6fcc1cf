"""Does a class that hands in a later lesson get exactly its marks, behind the wall and on secret data?"""

import copy
import csv

import golden_injection
import golden_orm_safety
import nbformat
import pytest

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


@pytest.mark.parametrize("golden", [golden_injection, golden_orm_safety], ids=lambda golden: golden.LESSON)
def test_marks_are_exact(golden, course, tmp_path):
    """Are the scores in the table of grades those that each student must earn?"""
    lesson = read_lesson(course.lessons / f"{golden.LESSON}.md")
    solved = source_notebook(lesson)
    for name, (answers, _) in golden.STUDENTS.items():
        path = tmp_path / "submitted" / name / golden.LESSON / f"{golden.LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(answered(solved, answers)), encoding="utf-8")
    grade(course, "a seed that no student knows", tmp_path / "submitted", tmp_path / "results")
    with (tmp_path / "results" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    full = {task.name: f"{task.points:g}" for task in lesson.tasks.values() if task.kind != "prose"}
    for name, (_, scores) in golden.STUDENTS.items():
        mine = {row["exercise"]: row["score"] for row in rows if row["student"] == name}
        assert {exercise: mine.get(exercise) for exercise in full} == full | scores, name
