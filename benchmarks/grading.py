"""How long grading takes for a class (STUDENTS=30), beside nbgrader's plain autograde of equivalent notebooks.

The plain notebooks hold the same answers, and under each the claims written out as a call in a test cell that
nbgrader's kernel runs: what an instructor would have without this package's way of grading.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
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
STUDENTS = int(os.environ.get("STUDENTS", 30))


def hand_in(lesson: Lesson, folder: Path, distinct: bool) -> None:
    """Write a class of students who all solved the lesson, each in the same words or with a comment of their own."""
    for number in range(STUDENTS):
        notebook = source_notebook(lesson)
        for cell in notebook.cells if distinct else ():
            kind = cell.metadata.get("answer_kind")
            if kind in ("sql", "python"):
                cell.source += f"\n{'--' if kind == 'sql' else '#'} by student {number}"
        write_notebook(notebook, folder / f"s{number:02}" / lesson.id / f"{lesson.id}.ipynb")


def ours(course: Course, submitted: Path, out: Path, jobs: int) -> float:
    """Seconds for `grade` with `jobs` processes, everything written."""
    began = time.perf_counter()
    grade(course, "benchmark", submitted, out, jobs=jobs)
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


def measured(course: Course, lesson: Lesson, scratch: Path) -> dict[str, float]:
    """Seconds for one submission, by way of grading it."""
    found = {}
    for distinct, words in ((False, "equal answers"), (True, "distinct answers")):
        submitted = scratch / words
        hand_in(lesson, submitted, distinct)
        for jobs in (1, 2):
            found[f"{words}, {jobs} jobs"] = ours(course, submitted, scratch / f"{words}-{jobs}", jobs)
    found["distinct answers, graded again"] = ours(course, submitted, scratch / f"{words}-2", 2)
    found["plain nbgrader"] = plain(lesson, submitted, scratch / "plain")
    return {words: seconds / STUDENTS for words, seconds in found.items()}


def main() -> None:
    """Grade a class of each lesson in every way and print seconds for one submission."""
    logging.disable(logging.CRITICAL)
    let_nbgrader_find_alembic()
    course = Course.at(ROOT)
    for lesson in read_course(course):
        with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stderr(io.StringIO()):
            found = measured(course, lesson, Path(scratch))
        for words, seconds in found.items():
            print(f"grade {lesson.id}, {STUDENTS} submissions, {words}: {seconds:.3f} s each")
