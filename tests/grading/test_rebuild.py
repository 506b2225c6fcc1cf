"""Is what people open in formgrader the instructor's notebook, with the student's text in it as text?"""

import pytest
from nbconvert import HTMLExporter

from graders.grading.marker import Marker
from graders.grading.rebuild import as_plain_text, rebuilt

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1)) ![x](https://example.com/x.png)",
    "~~~\n<img src=x onerror=alert(1)>\n~~~~~\n<b>bold</b>",
    "text\n\n<iframe src='https://example.com'></iframe>",
]


@pytest.fixture(scope="module")
def marker(course):
    return Marker.prepare(course, "02-normalization", "seed")


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_is_shown_as_text(marker, text):
    """Does no tag, link or picture that a student wrote become one on the instructor's page?"""
    (prose,) = [name for name, exercise in marker.exercises.items() if exercise.kind == "prose"]
    notebook = rebuilt(marker, {prose: text}, {})
    (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == prose]
    notebook.cells = [cell]
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    for tag in ("<script>alert", "<img", "<iframe", "<b>", "<a href"):
        assert tag not in page
    assert as_plain_text(text) == cell.source


def test_only_answers_come_from_the_student(marker):
    """Is every cell but the answers the instructor's own?"""
    ours, theirs = marker.source(), rebuilt(marker, {"test-a-dependency": "SELECT 1"}, {})
    changed = [b.id for a, b in zip(ours.cells, theirs.cells, strict=True) if a.source != b.source]
    assert set(changed) == {cell.id for cell in ours.cells if cell.metadata.get("nbgrader", {}).get("solution")}
