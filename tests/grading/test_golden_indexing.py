"""Does every golden student of the lesson on indexing get exactly the marks and words they must get?"""

import csv

import nbformat
import pytest
from golden_indexing import FULL, LESSON, STUDENTS, answered

from graders.build.notebook import source_notebook
from graders.course.lesson import read_lesson
from graders.grading.run import grade

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(course, tmp_path_factory):
    """The folder with what grading the golden students wrote, on data that nobody has seen."""
    solved = source_notebook(read_lesson(course.lessons / f"{LESSON}.md"))
    submitted, out = tmp_path_factory.mktemp("submitted"), tmp_path_factory.mktemp("results")
    for name, student in STUDENTS.items():
        path = submitted / name / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(answered(solved, student), path)
    grade(course, "a seed that no student knows", submitted, out)
    return out


@pytest.mark.parametrize("name", STUDENTS)
def test_marks_are_exact(results, name):
    """Is the score of each exercise in the table of grades?"""
    with (results / "grades.csv").open(encoding="utf-8", newline="") as file:
        mine = {row["exercise"]: row["score"] for row in csv.DictReader(file) if row["student"] == name}
    assert {exercise: mine[exercise] for exercise in FULL} == FULL | STUDENTS[name].scores


@pytest.mark.parametrize("name", STUDENTS)
def test_the_page_says_what_happened(results, name):
    """Does the student read the reasons?"""
    page = (results / "feedback" / name / f"{LESSON}.html").read_text(encoding="utf-8")
    assert [words for words in STUDENTS[name].page if words not in page] == []
