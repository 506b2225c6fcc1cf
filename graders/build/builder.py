"""Builds the course on all cores: the files of every lesson that changed, and every foreseen answer that may have."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from graders.build.foreseen import unreached_hints
from graders.build.pages import stale_pages, write_pages
from graders.build.record import Record, claims_digest, environment_digest, exercise_digest, lesson_digest
from graders.build.workers import Outcome, make_lesson, make_notebooks, open_pool, try_answers
from graders.course.course import Course, read_course, read_lessons, recommendations
from graders.course.faults import Fault, FaultList, Place
from graders.course.lesson import Lesson, Task, name_of
from graders.course.minutes import workload_of
from graders.course.reading import read_lesson
from graders.course.solutions import FILE as SOLUTIONS

# Answers of these kinds take longest: they come first, so that no core waits for another at the end.
SLOW_KINDS = ("sql", "parsons", "javascript", "python", "java", "shell")
Tell = Callable[[str], None]
# Beside the notebooks lie what students who work in a checkout have handed in, and solutions for those who study alone.
NOT_MADE_FROM_LESSONS = ("hand-in", SOLUTIONS)


@dataclass
class _Attempt:
    """A lesson that is being built: what it is made from, and how far its answers have been tried."""

    lesson: Lesson
    digest: str
    claims: str
    stubs: dict[str, str] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    hints: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lacks_engine: bool = False
    """Whether an exercise was not tried because an engine is missing."""


def build(
    course: Course,
    *,
    only: Collection[str] = (),
    answers: bool = True,
    record: Record | None = None,
    tell: Tell = lambda line: None,
) -> None:
    """Make the files of the lessons, and try their answers, if `answers` are to be tried.

    `only` has names ("indexing") or ids ("06-indexing") of the lessons to be made. With a `record`, what
    has not changed since it was built without a fault is left out. Every lesson file is read. Raise `LessonError`
    at the end, with all faults of all lessons. `tell` is given one line a lesson.
    """
    _check_names(course, only)
    builder = _Builder(course, record, tell)
    changed = [path for path in course.lesson_folders if not builder.is_built(path)]
    if not changed and not _orphans(course):
        tell("Nothing has changed since the last build.")
        return
    for path in _orphans(course):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with open_pool(course) as pool:
        faults = FaultList()
        lessons = read_lessons(course, faults)
        wanted = [one for one in lessons if one.path in changed and (not only or {one.name, one.id} & set(only))]
        builder.run(pool, wanted, answers, faults)
    faults.raise_any()
    write_pages(course, lessons)


class _Builder:
    """Makes and tries lessons, and keeps the record of what came out without a fault."""

    def __init__(self, course: Course, record: Record | None, tell: Tell):
        self.course, self.record, self.tell = course, record, tell
        self._environment = environment_digest(course) if record else ""

    def is_built(self, path: Path) -> bool:
        """Whether the record knows the lesson at `path` as it is now."""
        if self.record is None:
            return False
        digest = lesson_digest(self.course, path, self._environment)
        return self.record.has_lesson(path.name, digest, self.course.made_of(path.name))

    def run(self, pool: Executor, lessons: Sequence[Lesson], answers: bool, faults: FaultList) -> None:
        """Make all `lessons`, then try their answers, the slowest first; what is wrong is added to `faults`."""
        unsound = {fault.place.path.parent for fault in faults.faults}
        attempts = [self._begin(lesson) for lesson in lessons]
        made = [pool.submit(make_lesson, self.course, attempt.lesson) for attempt in attempts]
        for attempt, future in zip(attempts, made, strict=True):
            outcome = _outcome(future, attempt.lesson.place, attempt.lesson.id)
            attempt.stubs, attempt.faults = outcome.stubs, outcome.faults
        for attempt in self._try(pool, attempts) if answers else attempts:
            faults.faults += self._finish(attempt, sound=attempt.lesson.path not in unsound, tried=answers)

    def _begin(self, lesson: Lesson) -> _Attempt:
        if self.record is None:
            return _Attempt(lesson, "", "")
        digest = lesson_digest(self.course, lesson.path, self._environment)
        return _Attempt(lesson, digest, claims_digest(self.course, lesson.name, self._environment))

    def _try(self, pool: Executor, attempts: Sequence[_Attempt]) -> Iterator[_Attempt]:
        """Try the answers that may come out otherwise than they did, and give each lesson that is through."""
        work = [(attempt, task) for attempt in attempts for task in self._untried(attempt)]
        yield from (attempt for attempt in attempts if not attempt.waiting)
        futures = {
            pool.submit(try_answers, attempt.lesson, task, attempt.stubs[task.name]): (attempt, task)
            for attempt, task in sorted(work, key=lambda one: _slowness(one[1]), reverse=True)
        }
        for future in as_completed(futures):
            attempt, task = futures.pop(future)
            self._note(attempt, task, _outcome(future, task.place, task.name))
            if not attempt.waiting:
                yield attempt

    def _untried(self, attempt: _Attempt) -> Iterator[Task]:
        for task in attempt.lesson.tasks.values():
            if task.kind == "prose" or task.name not in attempt.stubs:
                continue
            digest = exercise_digest(task, attempt.stubs[task.name], attempt.claims)
            hints = self.record.hints_met(task.name, digest) if self.record else None
            if hints is None:
                attempt.waiting.add(task.name)
                yield task
            else:
                attempt.hints += hints

    def _note(self, attempt: _Attempt, task: Task, outcome: Outcome) -> None:
        hints = [hint for result in outcome.results for hint in result.hints]
        attempt.waiting.discard(task.name)
        attempt.hints += hints
        attempt.faults += outcome.faults
        attempt.lacks_engine |= outcome.lacks_engine
        if self.record and not outcome.faults and not outcome.lacks_engine:
            self.record.add_exercise(task.name, exercise_digest(task, attempt.stubs[task.name], attempt.claims), hints)

    def _finish(self, attempt: _Attempt, *, sound: bool, tried: bool) -> list[Fault]:
        """Tell of a lesson that is through, record it if nothing is wrong with it, and give its faults."""
        lesson = attempt.lesson
        complete = tried and not attempt.lacks_engine
        if complete:
            attempt.faults += unreached_hints(self.course.claim_files(lesson.name), attempt.hints)
        if self.record and complete and sound and not attempt.faults:
            self.record.add_lesson(lesson.id, attempt.digest, self.course.made_of(lesson.id))
        if self.record:
            self.record.save()
        self._summarize(lesson, attempt.faults)
        return attempt.faults

    def _summarize(self, lesson: Lesson, faults: Collection[Fault]) -> None:
        self.tell(_summary(lesson) + (f", {len(set(faults))} fault(s)" if faults else ""))
        for advice in recommendations(lesson):
            self.tell(f"  advice: {advice}")


def _summary(lesson: Lesson) -> str:
    """A line of the table of lessons: parts, words, exercises, points and minutes, each with what is further."""
    load, tasks = workload_of(lesson), lesson.tasks.values()
    main, further = (sum(task.points for task in tasks if task.further == wanted) for wanted in (False, True))
    exercises = _and_further(load.exercises, load.further_exercises)
    points, minutes = _and_further(main, further), _and_further(round(load.minutes), round(load.further_minutes))
    return (
        f"{lesson.id:<24} {load.parts:>2} parts {load.words:>6,} words {exercises:>5} exercises {points:>5} points"
        f" {minutes:>6} minutes"
    )


def _and_further(main: float, further: float) -> str:
    return f"{main:g}+{further:g}" if further else f"{main:g}"


def _outcome(future: Future[Outcome], place: Place, name: str) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        wrong = f"a process of the build died before it was through with `{name}`."
        return Outcome(faults=[place.fault(wrong, "Find out which answer it is with `build --exercise`.")])


def _slowness(task: Task) -> tuple[int, int]:
    kind = SLOW_KINDS.index(task.kind) if task.kind in SLOW_KINDS else -1
    return kind, len(task.wrong) + len(task.right)


def _check_names(course: Course, names: Collection[str]) -> None:
    known = [name_of(path.name) for path in course.lesson_folders]
    if unknown := [name for name in names if name not in (*known, *(path.name for path in course.lesson_folders))]:
        there = f"There are {', '.join(known)}."
        raise Place(course.lessons).error(f"there is no lesson {unknown[0]}.", there)


def _orphans(course: Course) -> list[Path]:
    """What an earlier build made of lessons that are no more."""
    kept = {file for path in course.lesson_folders for file in course.made_of(path.name)}
    folders = [path for base in (course.source, course.notebooks) for path in base.glob("[0-9][0-9]-*/")]
    return [path for path in folders if not any(file.is_relative_to(path) for file in kept)] + [
        path for path in course.keys.glob("*.json") if path not in kept
    ]


def drift(course: Course) -> list[str]:
    """Build anew in a scratch folder and name the committed files that differ from what was made."""
    with tempfile.TemporaryDirectory(prefix="build-") as scratch:
        return compare_with_fresh(course, Path(scratch))


def compare_with_fresh(course: Course, out: Path) -> list[str]:
    """Build anew under `out` and name the committed files that differ from what was made."""
    fresh = course.written_to(out)
    build(fresh, answers=False)
    pairs = ((course.notebooks, fresh.notebooks), (course.keys, fresh.keys))
    differing = [line for committed, made in pairs for line in _differences(committed, made)]
    stale = stale_pages(course, read_course(course))
    return differing + [name for name in stale if f"{course.notebooks.name}/{name}" not in differing]


def differences_of_lesson(course: Course, lesson_id: str) -> list[str]:
    """What in the released folder of one lesson differs from what the lesson makes, or lies beside it."""
    with tempfile.TemporaryDirectory(prefix="build-") as scratch:
        fresh = course.written_to(Path(scratch))
        make_notebooks(fresh, read_lesson(course.lessons / lesson_id))
        committed, made = (each.notebooks / lesson_id for each in (course, fresh))
        files = {path.relative_to(base) for base in (committed, made) for path in base.rglob("*") if path.is_file()}
        return sorted(
            f"{course.notebooks.name}/{lesson_id}/{name.as_posix()}"
            for name in files
            if ".ipynb_checkpoints" not in name.parts and _bytes(committed / name) != _bytes(made / name)
        )


def _differences(committed: Path, made: Path) -> list[str]:
    names = {p.relative_to(base) for base in (committed, made) for p in base.rglob("*") if p.is_file()}
    names = {name for name in names if name.parts[0] not in NOT_MADE_FROM_LESSONS}
    suffixes = {".ipynb", ".json"}
    return sorted(
        f"{committed.name}/{name.as_posix()}"
        for name in names
        if name.suffix in suffixes and ".ipynb_checkpoints" not in name.parts
        if _bytes(committed / name) != _bytes(made / name)
    )


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
