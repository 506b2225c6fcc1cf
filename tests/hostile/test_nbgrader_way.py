"""Do the steps that nbgrader's own `autograde` runs refuse what `grade` refuses?"""

import nbformat
import pytest
from case import ONE
from traitlets.config import Config

from graders.build.notebook import source_notebook
from graders.course.reading import read_lesson
from graders.grading.nbgrader_steps import JudgeAnswers, TakeAnswers

FORGED = {"text/plain": "2", "text/html": "<script>alert(1)</script>"}


@pytest.fixture
def folders(root, tmp_path, monkeypatch):
    """A submission, and where nbgrader has put the files that lay beside its notebook."""
    monkeypatch.setenv("COURSE_SEED", "seed")
    submitted, copied = tmp_path / "submitted/ann" / ONE, tmp_path / "autograded/ann" / ONE
    for folder in (submitted, copied):
        folder.mkdir(parents=True)
    return submitted, copied


def taken(root, submitted, copied, judge=False):
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.autograded_directory = str(copied.parents[1])
    path = submitted / f"{ONE}.ipynb"
    resources = {
        "nbgrader": {"student": "ann", "assignment": ONE, "notebook": ONE},
        "metadata": {"path": str(submitted), "name": ONE},
    }
    notebook, resources = TakeAnswers(config=config).preprocess(nbformat.read(path, 4), resources)
    return JudgeAnswers(config=config).preprocess(notebook, resources) if judge else (notebook, resources)


def solved(root):
    return source_notebook(read_lesson(root / f"lessons/{ONE}"))


def test_a_link_in_a_notebooks_place_is_refused(root, folders, tmp_path):
    """Is the solution, or a neighbour's work, not taken for the student's own?"""
    submitted, copied = folders
    nbformat.write(solved(root), tmp_path / "solution.ipynb")
    (submitted / f"{ONE}.ipynb").symlink_to(tmp_path / "solution.ipynb")
    with pytest.raises(ValueError, match="ann: a symbolic link stands in its place"):
        taken(root, submitted, copied)


def test_other_files_are_not_kept(root, folders):
    """Is what nbgrader has copied beside the notebook, through links or not, gone before feedback could copy it on?"""
    submitted, copied = folders
    nbformat.write(solved(root), submitted / f"{ONE}.ipynb")
    (copied / f"{ONE}.ipynb").write_text("{}")
    (copied / "passwords.txt").write_text("from behind a link")
    (copied / "graders").mkdir()
    (copied / "graders/__init__.py").write_text("raise SystemExit")
    taken(root, submitted, copied)
    assert [path.name for path in copied.iterdir()] == [f"{ONE}.ipynb"]


def test_another_lessons_notebook_gets_a_sentence_and_no_mark(root, folders):
    """Is it left unmarked, with the reason at the top, and no check cell without a score that nbgrader would fill?"""
    submitted, copied = folders
    nbformat.write(source_notebook(read_lesson(root / "lessons/03-normalization")), submitted / f"{ONE}.ipynb")
    judged, resources = taken(root, submitted, copied, judge=True)
    assert resources["graded"].reports == {}
    reason = f"it is the notebook of 03-normalization, and lies in the folder of {ONE}"
    assert reason in judged.cells[0].source
    checks = [cell for cell in judged.cells if cell.source.startswith("check(")]
    assert [cell.outputs[0].data["text/plain"] for cell in checks] == ["0"] * 4


@pytest.mark.slow
def test_saved_outputs_are_kept_once_and_earn_nothing(root, folders):
    """Are forged outputs kept as plain text below the answers, labelled once, and the scores our own?"""
    submitted, copied = folders
    notebook = solved(root)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("execute_result", data=FORGED, execution_count=1)]
        if cell.source.startswith("%%answer open-loans"):
            cell.source = "%%answer open-loans\nSELECT 'x' AS name"
    nbformat.write(notebook, submitted / f"{ONE}.ipynb")
    judged, resources = taken(root, submitted, copied, judge=True)
    assert nbformat.writes(judged).count("As the student saved it") == 4
    assert "<script>" not in nbformat.writes(judged)
    (check,) = [cell for cell in judged.cells if cell.source == 'check("open-loans")']
    assert [output.data["text/plain"] for output in check.outputs] == ["0"]
    assert resources["graded"].reports["open-loans"].status == "wrong"
