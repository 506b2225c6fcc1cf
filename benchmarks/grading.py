"""How long grading takes for 30 submissions, beside nbgrader's plain autograde of equivalent notebooks.

The plain notebooks hold the same answers, and under each the claims written out as a call in a test cell that
nbgrader's kernel runs: what an instructor would have without this package's way of grading.
"""

from __future__ import annotations

import contextlib
import io
import logging
import shutil
import tempfile
import time
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from graders.build.course import Course, read_course
from graders.build.lesson import Lesson
from graders.build.notebook import source_notebook, write_notebook
from graders.build.release import let_nbgrader_find_alembic
from graders.grading.run import grade

ROOT = Path(__file__).resolve().parents[1]
STUDENTS = 30


def hand_in(lesson: Lesson, folder: Path) -> None:
    """Write a class of students who all solved the lesson."""
    for number in range(STUDENTS):
        write_notebook(source_notebook(lesson), folder / f"s{number:02}" / lesson.id / f"{lesson.id}.ipynb")


def ours(course: Course, submitted: Path, out: Path) -> float:
    """Seconds for `grade`, everything written."""
    began = time.perf_counter()
    grade(course, "benchmark", submitted, out)
    return time.perf_counter() - began


def plain(lesson: Lesson, submitted: Path, folder: Path) -> float:
    """Seconds for nbgrader's own autograde, with its own steps, in one warm process."""
    write_notebook(source_notebook(lesson), folder / "source" / lesson.id / f"{lesson.id}.ipynb")
    shutil.copytree(submitted, folder / "submitted")
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = f"sqlite:///{folder.as_posix()}/gradebook.db"
    config.Exchange.root = str(folder)
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    api.generate_assignment(lesson.id, force=True, create=True)
    began = time.perf_counter()
    for number in range(STUDENTS):
        outcome = api.autograde(lesson.id, f"s{number:02}", force=True, create=True)
        assert outcome["success"], outcome["log"]
    return time.perf_counter() - began


def main() -> None:
    """Grade 30 solved notebooks of each lesson both ways and print seconds for one submission."""
    logging.disable(logging.CRITICAL)
    let_nbgrader_find_alembic()
    course = Course.at(ROOT)
    for lesson in read_course(course):
        with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stderr(io.StringIO()):
            submitted = Path(scratch) / "submitted"
            hand_in(lesson, submitted)
            mine = ours(course, submitted, Path(scratch) / "out") / STUDENTS
            theirs = plain(lesson, submitted, Path(scratch) / "plain") / STUDENTS
        print(f"grade {lesson.id}, {STUDENTS} submissions: {mine:.2f} s each, plain nbgrader {theirs:.2f} s each")
