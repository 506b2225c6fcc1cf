"""How long grading a class takes, ours beside plain nbgrader's autograde of the same answers, and with equal marks.

The plain notebooks hold the same answers, and under each the claims written out as a call in a test cell that
nbgrader's kernel runs: what an instructor would have without this package's way of grading. LESSON, STUDENTS,
PLAIN_STUDENTS and ROUNDS in the environment change what is measured.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from distributed import LocalCluster
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from benchmarks.classes import hand_in
from graders.build.notebook import source_notebook, write_notebook
from graders.build.release import let_nbgrader_find_alembic
from graders.course.course import Course
from graders.course.lesson import Lesson
from graders.course.reading import read_lesson
from graders.grading.grade_class import grade_class

ROOT = Path(__file__).resolve().parents[1]
LESSON = os.environ.get("LESSON", "03-normalization")
STUDENTS = int(os.environ.get("STUDENTS", 200))
PLAIN_STUDENTS = int(os.environ.get("PLAIN_STUDENTS", 10))
ROUNDS = int(os.environ.get("ROUNDS", 3))
JOBS = (1, 2)
Marks = dict[str, float]
Way = Callable[[], tuple[float, Marks]]


def ours(course: Course, submitted: Path, out: Path, **how: int | str) -> tuple[float, Marks]:
    """Seconds for `grade`, everything written, and the marks it gave."""
    began = time.perf_counter()
    grade_class(course, "benchmark", submitted, out, **how)
    seconds = time.perf_counter() - began
    return seconds, marks_in(f"sqlite:///{(out / 'gradebook.db').as_posix()}")


def plain(lesson: Lesson, submitted: Path, folder: Path) -> tuple[float, Marks]:
    """Seconds for nbgrader's own autograde, with its own steps, in one warm process, and the marks it gave."""
    shutil.rmtree(folder, ignore_errors=True)
    write_notebook(source_notebook(lesson), folder / "source" / lesson.id / f"{lesson.id}.ipynb")
    students = sorted(path.name for path in submitted.iterdir())[:PLAIN_STUDENTS]
    for student in students:
        shutil.copytree(submitted / student, folder / "submitted" / student)
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = f"sqlite:///{folder.as_posix()}/gradebook.db"
    config.Exchange.root = str(folder)
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    api.generate_assignment(lesson.id, force=True, create=True)
    began = time.perf_counter()
    for student in students:
        outcome = api.autograde(lesson.id, student, force=True, create=True)
        assert outcome["success"], outcome["log"]
    return time.perf_counter() - began, marks_in(config.CourseDirectory.db_url)


def marks_in(url: str) -> Marks:
    """The marks of each student in a gradebook that holds one lesson."""
    with Gradebook(url) as gradebook:
        (assignment,) = gradebook.assignments
        return {submission.student.id: submission.score for submission in assignment.submissions}


def ways(course: Course, lesson: Lesson, scratch: Path) -> Iterator[tuple[str, str, int, Way]]:
    """Each class, each way of grading it, the number of submissions, and what does it once; plain nbgrader first."""
    few = min(STUDENTS, PLAIN_STUDENTS)
    for distinct, words in ((False, "realistic class"), (True, "every answer distinct")):
        submitted = scratch / words
        hand_in(lesson, submitted, STUDENTS, distinct=distinct)
        yield words, "plain nbgrader", few, lambda s=submitted: plain(lesson, s, scratch / "plain")
        for jobs in JOBS:
            yield words, f"--jobs {jobs}", STUDENTS, lambda s=submitted, j=jobs: _fresh(course, s, scratch, jobs=j)
            yield words, f"{jobs} dask workers", STUDENTS, lambda s=submitted, j=jobs: _on_dask(course, s, scratch, j)


def _fresh(course: Course, submitted: Path, scratch: Path, **how: int | str) -> tuple[float, Marks]:
    shutil.rmtree(scratch / "out", ignore_errors=True)
    return ours(course, submitted, scratch / "out", **how)


def _on_dask(course: Course, submitted: Path, scratch: Path, workers: int) -> tuple[float, Marks]:
    """As on a cluster that is there already: its start is not counted."""
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        return _fresh(course, submitted, scratch, scheduler=cluster.scheduler_address)


def agree(marks: list[Marks]) -> bool:
    """Whether nobody has different marks in two gradebooks."""
    return all(first[name] == other[name] for first in marks for other in marks for name in first.keys() & other.keys())


def main() -> None:
    """Grade one class in every way, ROUNDS times each in turn, and print the medians beside plain nbgrader's."""
    logging.disable(logging.CRITICAL)
    let_nbgrader_find_alembic()
    course = Course.at(ROOT)
    lesson = read_lesson(course.lessons / LESSON)
    with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stderr(io.StringIO()):
        tried = list(ways(course, lesson, Path(scratch)))
        rounds = [[way() for *_, way in tried] for _ in range(ROUNDS)]
    times: dict[str, float] = {}
    for place, (words, how, students, _) in enumerate(tried):
        each = statistics.median(one[place][0] for one in rounds) / students
        times.setdefault(words, each)
        ratio = f", {times[words] / each:.1f} times as fast as plain" if each != times[words] else ""
        print(f"grade {LESSON}, {words}, {how}: {each:.3f} s for each of {students} submissions{ratio}")
    classes = [[place for place, way in enumerate(tried) if way[0] == words] for words in times]
    same = all(agree([one[place][1] for place in places]) for one in rounds for places in classes)
    print(f"marks equal in every way of grading: {'yes' if same else 'NO'}")


if __name__ == "__main__":
    main()
