"""Do the ordinary nbgrader commands work from the project's folder, with the marks that `grade` gives?"""

import csv
import html
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
import sqlalchemy as sa
from ending import run_to_end
from golden import FULL, LESSON
from nbgrader.api import Gradebook

from graders.build.release import course_config
from graders.course.reading import read_lesson

pytestmark = pytest.mark.slow
PROSE = "04-decomposition"
STUDENTS = (
    *("all-right", "deleted-cell", "duplicated-cell", "exits", "forger", "moved-cell"),
    *("copied-above-with-metadata", "magics-above", "renamed", "split-cell"),
)


@pytest.fixture(scope="module")
def project(root, course, handed_in, tmp_path_factory):
    """A project's folder with the first lesson, built, and some of the golden class handed in."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(root / "nbgrader_config.py", folder)
    for name in (f"lessons/{LESSON}", f"notebooks/{LESSON}"):
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


def test_what_was_not_read_is_shown_to_whoever_marks(autograded):
    """Has the notebook that formgrader shows the other half of a split cell, and the report a sentence on it?"""
    book = nbformat.read(autograded / "results/autograded/split-cell" / LESSON / f"{LESSON}.ipynb", 4)
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert "Found in another cell, and not read by the grader:\nSELECT 'scratch'" in [o.get("text") for o in outputs]
    assert any("2 cells answer it, and they differ" in o.get("data", {}).get("text/html", "") for o in outputs)


def test_a_download_is_collected(root, tmp_path, solved):
    """Does `zip_collect` take a platform's zip as it is, with nothing else set up?"""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    for name in ("lessons", "notebooks"):
        (tmp_path / name).symlink_to(root / name)
    archive = tmp_path / "downloaded" / LESSON / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as made:
        made.writestr(f"roejohn_LATE_12346_678902_{LESSON}-1.ipynb", nbformat.writes(solved))
        made.writestr(f"Zoë Müller_4711_assignsubmission_file_/{LESSON}.ipynb", nbformat.writes(solved))
        made.writestr("../poejim_3_4_evil.docx", "PK")
    said = nbgrader(tmp_path, "zip_collect", LESSON)
    found = {path.relative_to(tmp_path / "submitted").as_posix() for path in tmp_path.rglob("submitted/*/*/*")}
    assert found == {f"{who}/{LESSON}/{LESSON}.ipynb" for who in ("roejohn_12346", "Zoë_Müller")}
    assert f"poejim_3 {LESSON}: missing: there is no notebook in what was handed in" in said
    assert f"roejohn_12346 {LESSON}: collected (late)" in said


def test_a_download_is_collected_under_the_names_of_the_roster(root, tmp_path, solved):
    """Does `zip_collect` call folders as `collect` does, and say who of the roster is missing?"""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    for name in ("lessons", "notebooks"):
        (tmp_path / name).symlink_to(root / name)
    (tmp_path / "course.toml").write_text('roster = "roster.csv"\n', encoding="utf-8")
    roster = 'Student,ID,SIS Login ID,Section\n"Roe, John",12346,jroe,\n"Poe, Ann",12347,apoe,\n'
    (tmp_path / "roster.csv").write_text(roster, encoding="utf-8")
    archive = tmp_path / "downloaded" / LESSON / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as made:
        made.writestr(f"roejohn_12346_678902_{LESSON}.ipynb", nbformat.writes(solved))
    said = nbgrader(tmp_path, "zip_collect", LESSON)
    assert [path.name for path in (tmp_path / "submitted").iterdir()] == ["jroe"]
    assert f"apoe {LESSON}: missing" in said


def test_the_configuration_makes_nothing(root, tmp_path):
    """Is a folder as it was after its configuration has been loaded, so that whoever may only read it can grade?"""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    course_config(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["nbgrader_config.py"]


def students_page(project: Path, student: str) -> str:
    return (project / "results/feedback" / student / PROSE / f"{PROSE}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def with_a_rubric(autograded, root):
    """A lesson with a question in prose, handed in through the exchange by all but one, in the same project."""
    from graders.build.notebook import source_notebook, write_notebook

    for name in (f"lessons/{PROSE}", f"notebooks/{PROSE}"):
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, autograded / name)
    source = autograded / "build/source" / PROSE / f"{PROSE}.ipynb"
    write_notebook(source_notebook(read_lesson(root / f"lessons/{PROSE}")), source)
    for student in ("ann", "ben"):
        folder = autograded / "submitted" / student / PROSE
        folder.mkdir(parents=True)
        shutil.copy(root / "notebooks" / PROSE / f"{PROSE}.ipynb", folder)
    (autograded / "submitted/ann" / PROSE / "timestamp.txt").write_text("2026-01-01 12:00:00 UTC")
    (autograded / "submitted/ann" / PROSE / "submission_secret.txt").write_text("a secret")
    return autograded


@pytest.mark.parametrize("way", ["nbgrader autograde", "graders grade"])
def test_feedback_is_released_without_rubric_or_solution(with_a_rubric, course, way):
    """After either way of grading, are pages released to those of the exchange, with nothing a student must not see?"""
    project = with_a_rubric
    if way == "nbgrader autograde":
        nbgrader(project, "generate_assignment", PROSE, "--force")
        nbgrader(project, "autograde", PROSE)
    else:
        graded_again(project)
    assert "BEGIN MARK SCHEME" in (project / f"results/autograded/ann/{PROSE}/{PROSE}.ipynb").read_text(
        encoding="utf-8"
    )
    nbgrader(project, "generate_feedback", PROSE, "--force")
    exchange = project / "results/exchange"
    shutil.rmtree(exchange, ignore_errors=True)
    exchange.mkdir(parents=True)
    exchange.chmod(0o777)
    said = nbgrader(project, "release_feedback", PROSE)
    released = list(exchange.rglob("*.html"))
    assert "ben did not hand in through the exchange" in said
    assert [path.read_text(encoding="utf-8") for path in released] == [students_page(project, "ann")]
    rubric = [line for task in read_lesson(course.lessons / PROSE).tasks.values() for line in _unreleased(task)]
    assert len(rubric) > 2
    for student in ("ann", "ben"):
        page = html.unescape(students_page(project, student))
        assert [line for line in ("BEGIN MARK SCHEME", "BEGIN SOLUTION", "Test cell", *rubric) if line in page] == []


def test_a_mark_given_by_hand_is_on_the_one_page(with_a_rubric):
    """Does `generate_feedback` alone write new mark, comment and question to the page that `grade` writes?"""
    project = with_a_rubric
    with Gradebook(f"sqlite:///{project}/results/gradebook.db") as gradebook:
        grade = gradebook.find_grade("copy-the-email", PROSE, PROSE, "ann")
        grade.manual_score, grade.extra_credit = 2.5, 0.25
        gradebook.find_comment("copy-the-email", PROSE, PROSE, "ann").manual_comment = "Name <both> costs."
        gradebook.db.commit()
    nbgrader(project, "generate_feedback", PROSE)
    page = students_page(project, "ann")
    assert "<strong>2.75 of 3 points</strong>, marked by a person" in page
    assert "Name &lt;both&gt; costs." in page
    assert "A colleague wants to store email in orders as well" in html.unescape(re.sub(r"<[^>]+>", "", page))
    graded_again(project)
    assert students_page(project, "ann") == page


def graded_again(project: Path) -> None:
    environment = os.environ | {"COURSE_SEED": "secret"}
    command = [sys.executable, "-m", "graders", "grade", "submitted", "--out", "results"]
    subprocess.run(command, cwd=project, env=environment, check=True, timeout=300)


def _unreleased(task) -> list[str]:
    """What a student must not read of a question in prose: its rubric and the sample answer, line by line."""
    if task.kind != "prose":
        return []
    return [*task.body["rubric"], *(line for line in task.body["sample"].splitlines() if len(line) > 20)]


def test_validate_runs_the_solved_notebook(autograded):
    """Does `nbgrader validate` pass a solved notebook and fail a released one?"""
    assert "Success" in nbgrader(autograded, "validate", f"build/source/{LESSON}/{LESSON}.ipynb")
    assert "VALIDATION FAILED ON 4 CELL(S)" in nbgrader(autograded, "validate", f"notebooks/{LESSON}/{LESSON}.ipynb")
