"""Grades a class, from a folder of submissions to all results: equal answers are judged once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from graders.course.course import Course
from graders.grading.collect import TABLE, said_late
from graders.grading.gradebook import GradebookWriter
from graders.grading.judge_requests import JudgeRequest, ReportStore
from graders.grading.lesson_grader import LessonGraders
from graders.grading.results import ClassResults, ResultFiles
from graders.grading.review import review_on_fault
from graders.grading.submissions import GradedSubmission, find_submissions
from graders.grading.workers import NoReport, Workers
from graders.kernel.failures import contain_failure
from graders.kernel.judge import undecided_report
from graders.kernel.report import Report
from graders.sandbox.watchdog import cores
from graders.term.term import Term

if TYPE_CHECKING:
    from graders.grading.cluster import Cluster


class OnProgress(Protocol):
    """What is called after each submission; `done` of `total` are graded."""

    def __call__(self, graded: GradedSubmission, /, done: int, total: int) -> None: ...


def grade_class(
    course: Course,
    seed: str,
    submitted: Path,
    out: Path,
    gradebook: str = "",
    on_progress: OnProgress = lambda graded, done, total: None,
    *,
    jobs: int = 0,
    scheduler: str = "",
    unsafe: bool = False,
    again: bool = False,
    term: Term | None = None,
) -> list[GradedSubmission]:
    """Grade every submission below `submitted` into `out`; `on_progress` is called after each with what was found.

    `out` gets `grades.csv`, `class.html`, its figures in `class/*.csv`, `feedback/<student>/<lesson>/<lesson>.html`,
    `autograded/…` for formgrader, `results.db` with every answer judged so far and, unless `gradebook` names another,
    `gradebook.db`. Answers are judged in `jobs` processes (as many as there are cores) or on the dask cluster at
    `scheduler`. A run that was stopped at any moment is finished by running it again. A student's Python runs in the
    best isolation that holds here (where none does, those answers are left to a person), or, if `unsafe`, without
    one, which is written on every such report. What a person has to review because judging it took too long is judged
    once more if `again`. The page on the class says who is missing and late by the roster and the dates of `term`; the
    gradebook gets its names.

    What breaks with one submission leaves that one for review. What stops all of them is raised, such as a full
    disk or a gradebook that cannot be reached.
    """
    began = time.monotonic()
    files = ResultFiles(out.resolve())
    out.mkdir(parents=True, exist_ok=True)
    graders = LessonGraders(course, seed, unsafe)
    submissions = [graders.read(submission) for submission in find_submissions(submitted)]
    with (
        GradebookWriter(course, gradebook or files.gradebook) as writer,
        ReportStore(files.store, again) as store,
        _judging_backend(jobs, scheduler) as backend,
    ):
        results = ClassResults(files, graders, writer, term)
        for done, graded in enumerate(ClassJudging(graders, submissions).run(store, backend), start=1):
            results.add(graded, partial(on_progress, done=done, total=len(submissions)))
        writer.enter_names(term.people.values() if term else ())
    results.write_class(submissions, time.monotonic() - began, said_late(submitted / TABLE))
    return submissions


def _judging_backend(jobs: int, scheduler: str) -> Workers | Cluster:
    if not scheduler:
        return Workers(jobs or cores())
    from graders.grading.cluster import Cluster

    return Cluster(scheduler)


class JudgingBackend(Protocol):
    """Whatever judges requests, in any order: worker processes, or a cluster."""

    def judge(self, requests: Iterable[JudgeRequest]) -> Iterator[tuple[JudgeRequest, Report | NoReport]]: ...


class ClassJudging:
    """The answers of a class, and which submissions wait for the report on each."""

    def __init__(self, graders: LessonGraders, submissions: list[GradedSubmission]):
        self.graders = graders
        self.submissions = submissions
        self._requests: dict[str, JudgeRequest] = {}
        self._waiting: dict[str, list[tuple[int, str]]] = {}
        self._missing = [0] * len(submissions)
        for place, graded in enumerate(submissions):
            with review_on_fault(graded, "preparing it"):
                self._add_requests(place, self.graders.requests(graded))

    def _add_requests(self, place: int, requests: dict[str, JudgeRequest]) -> None:
        """Let the submission at `place` wait for the reports on `requests`, by exercise."""
        for name, request in requests.items():
            self._requests.setdefault(request.digest, request)
            self._waiting.setdefault(request.digest, []).append((place, name))
        self._missing[place] = len(requests)

    def run(self, store: ReportStore, backend: JudgingBackend) -> Iterator[GradedSubmission]:
        """Give every submission once, with its reports in it; what was judged before comes from `store`."""
        yield from (graded for place, graded in enumerate(self.submissions) if not self._missing[place])
        to_judge = []
        for digest, request in self._requests.items():
            report = _find_report(store, digest)
            if report is None:
                to_judge.append(request)
            else:
                yield from self._deliver(digest, report)
        yield from self._judge(to_judge, store, backend)

    def _judge(
        self, requests: list[JudgeRequest], store: ReportStore, backend: JudgingBackend
    ) -> Iterator[GradedSubmission]:
        for request, report in backend.judge(requests) if requests else ():
            # Nothing is lost without a kept report but the time to judge once more.
            with contain_failure("keeping its report"):
                self._keep(store, request.digest, report)
            yield from self._deliver(request.digest, report)

    def _keep(self, store: ReportStore, digest: str, report: Report | NoReport) -> None:
        if not isinstance(report, NoReport):
            store.keep(digest, report)
        elif report.costly:
            place, name = self._waiting[digest][0]
            store.keep_for_review(digest, self._undecided(place, name, report))

    def _undecided(self, place: int, name: str, why: NoReport) -> Report:
        grader = self.graders.get(self.submissions[place].submission.lesson)
        return undecided_report(grader.exercises[name], str(why))

    def _deliver(self, digest: str, report: Report | NoReport) -> Iterator[GradedSubmission]:
        """Enter the report wherever it was waited for, and give the submissions that it completes."""
        for place, name in self._waiting[digest]:
            graded = self.submissions[place]
            if graded.reason:
                continue
            with review_on_fault(graded, f"reporting on {name}"):
                self._enter(place, name, report)
            if graded.reason or not self._missing[place]:
                yield graded

    def _enter(self, place: int, name: str, report: Report | NoReport) -> None:
        graded = self.submissions[place]
        found = self._undecided(place, name, report) if isinstance(report, NoReport) else report
        graded.reports[name] = graded.answers.remark_on(found)
        self._missing[place] -= 1
        if not self._missing[place]:
            grader = self.graders.get(graded.submission.lesson)
            graded.reports = {exercise: graded.reports[exercise] for exercise in grader.autograded}


def _find_report(store: ReportStore, digest: str) -> Report | None:
    """The report in `store`; one that cannot be read is made again."""
    with contain_failure("reading its report"):
        return store.find(digest)
    return None
