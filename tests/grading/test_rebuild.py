"""Is what people open in formgrader the instructor's notebook, with the student's text in it as text?"""

import pytest
from nbconvert import HTMLExporter

from graders.course.answer_cells import Answers
from graders.grading.lesson_grader import LessonGrader
from graders.grading.rebuild import fence_text, rebuild_notebook

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1)) ![x](https://example.com/x.png)",
    "~~~\n<img src=x onerror=alert(1)>\n~~~~~\n<b>bold</b>",
    "text\n\n<iframe src='https://example.com'></iframe>",
]


@pytest.fixture(scope="module")
def grader(course):
    return LessonGrader.prepare(course, "04-decomposition", "seed")


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_is_shown_as_text(grader, text):
    """Does no tag, link or picture that a student wrote become one on the instructor's page?"""
    (prose,) = [name for name, exercise in grader.exercises.items() if exercise.kind == "prose"]
    notebook = rebuild_notebook(grader.source(), Answers({prose: text}), {})
    (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == prose]
    notebook.cells = [cell]
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    for tag in ("<script>alert", "<img", "<iframe", "<b>", "<a href"):
        assert tag not in page
    assert fence_text(text) == cell.source


def test_only_answers_come_from_the_student(grader):
    """Is every cell but the answers the instructor's own?"""
    ours, theirs = grader.source(), rebuild_notebook(grader.source(), Answers({"test-a-dependency": "SELECT 1"}), {})
    changed = [b.id for a, b in zip(ours.cells, theirs.cells, strict=True) if a.source != b.source]
    assert set(changed) == {cell.id for cell in ours.cells if cell.metadata.get("nbgrader", {}).get("solution")}
