"""Do lessons with answers in other languages run from top to bottom, solved?

As released, every lesson runs in tests/browser; solved, in a fresh environment in tests/setup.
"""

import nbformat
import pytest
from ending import FAR_NET
from foreseen_answers import LESSONS, STARTED
from nbclient import NotebookClient

from graders.build.notebook import source_notebook

pytestmark = pytest.mark.slow
IN_OTHER_LANGUAGES = {
    name: lesson for name, lesson in LESSONS.items() if any(task.kind in STARTED for task in lesson.tasks.values())
}


def run(notebook: nbformat.NotebookNode, folder) -> nbformat.NotebookNode:
    NotebookClient(notebook, timeout=FAR_NET, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    return notebook


def streams(notebook: nbformat.NotebookNode) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]


def scores(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """What each check cell gave as text: the score that nbgrader reads."""
    return {
        cell.metadata.nbgrader.grade_id: cell.outputs[0].data["text/plain"]
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    }


@pytest.mark.parametrize("lesson", IN_OTHER_LANGUAGES.values(), ids=IN_OTHER_LANGUAGES)
def test_solved_notebook_earns_full_marks(lesson, tmp_path):
    """With every solution filled in: no error, nothing on stderr, every check gives all its points."""
    found = run(source_notebook(lesson), tmp_path)
    points = {task.name: f"{task.points:g}" for task in lesson.tasks.values() if task.kind != "prose"}
    assert streams(found) == []
    assert scores(found) == points
