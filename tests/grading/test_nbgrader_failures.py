"""Does whatever our steps raise in nbgrader's `autograde` and `generate_feedback` cost one submission alone?"""

import shutil
from itertools import cycle

import nbformat
import pytest
from faults import ERRORS, STUDENTS, faults, steps_taken
from golden import LESSON
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from test_failures import canned, is_step

from graders.build.notebook import write_notebook
from graders.build.release import course_config, release
from graders.grading import judge_requests, nbgrader_steps
from graders.grading.grades import read_grades
from graders.grading.lesson_grader import LessonGrader

pytestmark = pytest.mark.slow
HURT = STUDENTS[1:-1]
# A link in a notebook's place is refused as nbgrader refuses a submission itself: it says so and goes on.
REFUSING = {"TakeAnswers._refuse_links", "file_refusal"}
# A page is drawn as of a submission without a time stamp where the stamp cannot be read.
TIME_STAMP = "exchange_files"


@pytest.fixture
def project(root, course, solved, tmp_path, monkeypatch):
    """A project's folder with the first lesson in its gradebook, handed in by a class, and canned reports."""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    for name in ("lessons", "notebooks"):
        (tmp_path / name).symlink_to(root / name)
    grader = LessonGrader.prepare(course, LESSON, "secret")
    monkeypatch.setattr(nbgrader_steps, "grader_of", lambda *_: grader)
    monkeypatch.setattr(judge_requests, "judge", canned)
    write_notebook(solved, tmp_path / "build/source" / LESSON / f"{LESSON}.ipynb")
    gradebook = f"sqlite:///{tmp_path}/results/gradebook.db"
    (tmp_path / "results").mkdir()
    release(tmp_path, tmp_path / "build/source", tmp_path / "released", LESSON, gradebook)
    for student in STUDENTS:
        folder = tmp_path / "submitted" / student / LESSON
        folder.mkdir(parents=True)
        notebook = nbformat.reads(nbformat.writes(solved), 4)
        for cell in notebook.cells:
            if cell.source.startswith("%%answer"):
                cell.source += f"\n# by {student}"
        nbformat.write(notebook, folder / f"{LESSON}.ipynb")
    return tmp_path


def convert(project, converter) -> None:
    """Run a command of nbgrader on the whole class, in this process; an error in a submission is raised at the end."""
    config = course_config(project, assignment_id=LESSON)
    converter(coursedir=CourseDirectory(config=config), config=config, force=True).start()


def marks(project) -> dict[str, dict[str, tuple]]:
    with Gradebook(f"sqlite:///{project}/results/gradebook.db") as gradebook:
        found = read_grades(gradebook).by_submission
    return {
        who: {name: (mark.score, mark.status) for name, mark in one.scores.items()} for (who, _), one in found.items()
    }


def groups_of(project, converter) -> list[dict]:
    """The functions of ours that the command calls for each student, with a student and an error, class by class."""
    with steps_taken() as found:
        convert(project, converter)
    steps = [code for code, who in found.items() if is_step(code, who) and code.co_qualname not in REFUSING]
    starts = range(0, len(steps), len(HURT))
    return [dict(zip(steps[start:], zip(HURT, cycle(ERRORS)), strict=False)) for start in starts]


def test_a_fault_in_autograde_costs_one_submission(project, monkeypatch):
    """Has every other student the same marks, and the hurt one something to review, until the next run?"""
    groups = groups_of(project, Autograde)
    clean = marks(project)
    assert sum(map(len, groups)) > 60
    for where in groups:
        with faults(where, monkeypatch, once=True) as raised:
            convert(project, Autograde)
        found, hurt = marks(project), {student: step.co_qualname for step, (student, _) in where.items()}
        assert raised == set(where)
        for student in STUDENTS:
            looked_at = any(status == "needs review" for _, status in found[student].values())
            assert looked_at if student in hurt else found[student] == clean[student], (student, hurt.get(student))
    convert(project, Autograde)
    assert marks(project) == clean


def test_a_fault_in_feedback_costs_one_page(project, monkeypatch):
    """Has every student a page, the hurt one with a sentence in place of the rest, or without a time?"""
    convert(project, Autograde)
    pages = {student: project / f"results/feedback/{student}/{LESSON}/{LESSON}.html" for student in STUDENTS}
    for where in groups_of(project, GenerateFeedback):
        with faults(where, monkeypatch, once=True) as raised:
            convert(project, GenerateFeedback)
        assert raised == set(where)
        hurt = {student for step, (student, _) in where.items() if step.co_qualname != TIME_STAMP}
        texts = {student: page.read_text("utf-8") for student, page in pages.items()}
        broken = {student for student, text in texts.items() if "This page could not be drawn" in text}
        unhurt = {step.co_qualname for step, (student, _) in where.items() if student not in broken}
        assert (broken, bool(hurt), unhurt - {TIME_STAMP}) == (hurt, True, set())
