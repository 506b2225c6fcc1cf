"""Do the ordinary nbgrader commands work from the project's folder, with the marks that `grade` gives?"""

import csv
import os
import shutil
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from ending import run_to_end
from golden import FULL, LESSON

pytestmark = pytest.mark.slow
STUDENTS = ("all-right", "deleted-cell", "duplicated-cell", "exits", "forger", "moved-cell")


@pytest.fixture(scope="module")
def project(root, course, handed_in, tmp_path_factory):
    """A project's folder with the first lesson, built, and some of the golden class handed in."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(root / "nbgrader_config.py", folder)
    for name in (f"lessons/{LESSON}.md", f"notebooks/{LESSON}"):
        (folder / name).parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, folder / name)
    for student in STUDENTS:
        shutil.copytree(handed_in / student / LESSON, folder / "submitted" / student / LESSON)
    return folder


@pytest.fixture(scope="module")
def autograded(project, solved):
    """What the ordinary commands say and leave behind, one after the other."""
    from graders.build.notebook import write_notebook

    write_notebook(solved, project / "build/source" / LESSON / f"{LESSON}.ipynb")
    for words in (
        ["generate_assignment", LESSON, "--force"],
        ["autograde", LESSON],
        ["generate_feedback", LESSON],
        ["export"],
    ):
        nbgrader(project, *words)
    return project


def nbgrader(folder: Path, *words: str) -> str:
    environment = os.environ | {"COURSE_SEED": "secret"}
    command = [sys.executable, "-m", "nbgrader", *words]
    done = run_to_end(command, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def test_exported_marks(autograded):
    """Are the sums in nbgrader's CSV those of the golden class?"""
    with (autograded / "grades.csv").open(encoding="utf-8") as file:
        found = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    expected = dict.fromkeys(STUDENTS, 6.0) | {"deleted-cell": 4.0, "exits": 4.0, "forger": 4.0}
    assert found == {student: (score, 6.0) for student, score in expected.items()}


def test_claims_are_kept(autograded):
    """Does nbgrader's own way fill the table of claims too?"""
    engine = sa.create_engine(f"sqlite:///{autograded}/results/gradebook.db")
    with engine.connect() as connection:
        query = sa.text("SELECT count(DISTINCT student), count(DISTINCT exercise) FROM course_claim")
        assert connection.execute(query).fetchone() == (len(STUDENTS), len(FULL))


def test_feedback_has_the_reports(autograded):
    """Does nbgrader's feedback page hold our report?"""
    page = (autograded / "results/feedback/exits" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "it ended the Python process it ran in" in page


def test_validate_runs_the_solved_notebook(autograded):
    """Does `nbgrader validate` pass a solved notebook and fail a released one?"""
    assert "Success" in nbgrader(autograded, "validate", f"build/source/{LESSON}/{LESSON}.ipynb")
    assert "VALIDATION FAILED ON 4 CELL(S)" in nbgrader(autograded, "validate", f"notebooks/{LESSON}/{LESSON}.ipynb")
