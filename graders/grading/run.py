"""Grades a folder of submissions: marks, a table of grades, feedback pages and the gradebook."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from graders.course.course import Course
from graders.grading.class_judging import ClassJudging
from graders.grading.gradebook import Marks
from graders.grading.results import ClassResults, ResultFiles
from graders.grading.store import Store
from graders.grading.submissions import Examiner, Marked, find_submissions
from graders.grading.workers import Workers
from graders.sandbox.watchdog import cores

if TYPE_CHECKING:
    from graders.grading.scheduler import Cluster


def grade(
    course: Course,
    seed: str,
    submitted: Path,
    out: Path,
    gradebook: str = "",
    tell: Callable[[Marked, int, int], None] = lambda marked, done, total: None,
    *,
    jobs: int = 0,
    scheduler: str = "",
    unsafe: bool = False,
    again: bool = False,
) -> list[Marked]:
    """Grade every submission below `submitted` into `out`; `tell` is called after each with what was found.

    `out` gets `grades.csv`, `class.html`, `feedback/<student>/<lesson>.html`, `autograded/…` for formgrader,
    `results.db` with every answer judged so far and, unless `gradebook` names another, `gradebook.db`. Answers are
    judged in `jobs` processes (as many as there are cores) or on the dask cluster at `scheduler`. A run that was
    stopped at any moment is finished by running it again. A student's Python runs in the best isolation that holds
    here (where none does, those answers are left to a person), or, if `unsafe`, without one, which is written on
    every such mark. What a person has to review because judging it took too long is judged once more if `again`.

    What breaks with one submission leaves that one for review. What stops all of them is raised, such as a full
    disk or a gradebook that cannot be reached.
    """
    began = time.monotonic()
    files = ResultFiles(out.resolve())
    out.mkdir(parents=True, exist_ok=True)
    examiner = Examiner(course, seed, unsafe)
    found = [examiner.read(submission) for submission in find_submissions(submitted)]
    with (
        Marks(course, gradebook or files.gradebook) as marks,
        Store(files.store, again) as store,
        _judges(jobs, scheduler) as judges,
    ):
        results = ClassResults(files, examiner, marks)
        for done, marked in enumerate(ClassJudging(examiner, found).run(store, judges), start=1):
            results.add(marked, lambda marked, done=done: tell(marked, done, len(found)))
    results.write_class(found, time.monotonic() - began)
    return found


def _judges(jobs: int, scheduler: str) -> Workers | Cluster:
    if not scheduler:
        return Workers(jobs or cores())
    from graders.grading.scheduler import Cluster

    return Cluster(scheduler)
