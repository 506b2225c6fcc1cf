"""A graded class: golden submissions of the first lesson, and what grading made of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from golden import BROKEN, LESSON, STUDENTS

from graders.build.notebook import source_notebook
from graders.course.reading import read_lesson
from graders.grading.grade_class import grade_class
from graders.grading.submissions import GradedSubmission

SEED = "a seed that no student knows"


@dataclass(frozen=True)
class Graded:
    """Where a class was handed in, what its grading wrote, and what it gave."""

    seed: str
    submitted: Path
    out: Path
    rows: list[dict[str, str]]
    found: list[GradedSubmission]

    def marks(self, student: str) -> dict[str, tuple[str, str]]:
        """The score and status of each exercise of `student`."""
        mine = [row for row in self.rows if row["student"] == student and row["lesson"] == LESSON]
        return {row["exercise"]: (row["score"], row["status"]) for row in mine}

    def page(self, student: str) -> str:
        """The feedback page of `student`."""
        return (self.out / "feedback" / student / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def solved(course):
    """The first lesson with every solution filled in."""
    return source_notebook(read_lesson(course.lessons / LESSON))


@pytest.fixture(scope="session")
def handed_in(solved, tmp_path_factory) -> Path:
    """The golden class's submissions, and a folder for a lesson that does not exist."""
    submitted = tmp_path_factory.mktemp("submitted")
    ways = {name: student.hand_in for name, student in STUDENTS.items()}
    ways |= {name: hand_in for name, (hand_in, _) in BROKEN.items()}
    for name, hand_in in ways.items():
        folder = submitted / name / LESSON
        folder.mkdir(parents=True)
        hand_in(solved, folder / f"{LESSON}.ipynb")
    (submitted / "all-right" / "99-no-such-lesson").mkdir()
    return submitted


@pytest.fixture(scope="session")
def graded(course, handed_in, tmp_path_factory) -> Graded:
    """The golden class, graded once."""
    out = tmp_path_factory.mktemp("results")
    found = grade_class(course, SEED, handed_in, out)
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return Graded(SEED, handed_in, out, list(csv.DictReader(file)), found)


@pytest.fixture
def postgres_url():
    """An empty database on a private server, as SQLAlchemy reaches it."""
    from graders.labs.postgres_server import the_server

    access = the_server().new_database()
    query = {key: str(value) for key, value in access.items() if key not in ("user", "password", "dbname")}
    made = sa.URL.create("postgresql+psycopg", access["user"], access["password"], None, None, access["dbname"], query)
    yield made.render_as_string(hide_password=False)
    the_server().drop_database(access)
