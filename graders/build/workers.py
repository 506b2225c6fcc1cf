"""What a process of the build does, the processes themselves, and trying one exercise alone."""

from __future__ import annotations

import multiprocessing
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from multiprocessing import forkserver
from pathlib import Path

import graders
import graders.checks
from graders.build.foreseen import (
    AnswerResult,
    can_be_tried,
    fairness_trial,
    lacks_engine,
    open_exercise,
    quick_trial,
    try_exercise,
)
from graders.build.keys import write_key_file
from graders.build.record import Record, claims_digest, environment_digest, exercise_digest
from graders.build.release import released_answers
from graders.course.course import Course, following_lesson, read_lessons
from graders.course.faults import Fault, FaultList, LessonError, Place
from graders.course.lesson import Lesson, Task
from graders.fairness.proof import Proof
from graders.kernel.claims import load_claims
from graders.sandbox.runtimes import why_missing
from graders.sandbox.watchdog import cores

HEAVY = ["graders.build.workers", "graders.build.notebook", "graders.build.release", "jupytext.cell_metadata"]


@dataclass
class Outcome:
    """What came of one piece of work: stubs by exercise, or the results of answers, and the faults of the lesson."""

    stubs: dict[str, str] = field(default_factory=dict)
    results: list[AnswerResult] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lacks_engine: bool = False
    """Whether nothing was tried because an engine is missing."""


def find_claims(course: Course) -> None:
    """Have this process import the claims of `course`, wherever it lies."""
    graders.checks.__path__ = [str(course.claims)]


def make_lesson(course: Course, lesson: Lesson) -> Outcome:
    """Write the notebooks and the key file of `lesson`."""
    outcome = Outcome()
    with _faults_to(outcome, lesson):
        outcome.stubs = make_notebooks(course, lesson)
        write_key_file(lesson, outcome.stubs, course.keys)
    return outcome


def make_notebooks(course: Course, lesson: Lesson) -> dict[str, str]:
    """Write the source notebook and the released one, and give the answer cells as released, by exercise."""
    # nbgrader takes longer to import than a build that changes nothing may take.
    from graders.build.notebook import source_notebook, write_notebook
    from graders.build.release import release, released_answers

    notebook = source_notebook(lesson, following_lesson(course, lesson.path))
    write_notebook(notebook, course.source / lesson.id / f"{lesson.id}.ipynb")
    return released_answers(release(course.root, course.source, course.notebooks, lesson.id))


def try_answers(
    lesson: Lesson, task: Task, stub: str, tell: Callable[[AnswerResult], None] = lambda result: None
) -> Outcome:
    """Judge every foreseen answer to `task`, if its language runs here; `tell` is given each result at once.

    If all come out as foreseen, the exercise is proved fair as far as that is quick.
    """
    outcome = Outcome()
    with _faults_to(outcome, lesson):
        load_claims(lesson.name)
        outcome.lacks_engine = lacks_engine(task)
        if not can_be_tried(task):
            return outcome
        exercise = open_exercise(lesson, task, stub)
        for result in try_exercise(exercise, task):
            outcome.results.append(result)
            tell(result)
        outcome.faults += [result.fault for result in outcome.results if result.fault]
        outcome.faults += [] if outcome.faults else quick_trial(exercise, task).prove().faults
    return outcome


@contextmanager
def _faults_to(outcome: Outcome, lesson: Lesson) -> Iterator[None]:
    """Turn whatever goes wrong inside the `with` into faults: a module of claims may break in any way."""
    faults = FaultList()
    with faults.collect():
        try:
            yield
        except LessonError:
            raise
        except Exception as error:
            raise LessonError(_broken_at(lesson, error)) from error
    outcome.faults += faults.faults


def _broken_at(lesson: Lesson, error: Exception) -> Fault:
    place = traceback.extract_tb(error.__traceback__)[-1]
    path, line = Path(place.filename), place.lineno or 1
    if isinstance(error, SyntaxError) and error.filename:
        path, line = Path(error.filename), error.lineno or 1
    words = f"building {lesson.id} ends here with {type(error).__name__}: {str(error)[:500]}."
    return Place(path, line).fault(words, "Correct this code, or what calls it.")


@contextmanager
def open_pool(course: Course) -> Iterator[Executor]:
    """Processes that build parts of `course`; they begin to import at once, and end with the `with`.

    They come from a clean process, because the engines that this one may have open do not survive a fork.
    """
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if forks else "spawn")
    if forks:
        context.set_forkserver_preload(HEAVY)
        # What lies in the folder that we are in may have the package's name.
        with chdir(Path(graders.__file__).parents[1]):
            forkserver.ensure_running()
    pool = ProcessPoolExecutor(cores(), mp_context=context, initializer=find_claims, initargs=(course,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def try_one(course: Course, name: str, tell: Callable[[str], None]) -> None:
    """Make the key of the exercise `name` and judge its answers, telling of each as it comes; nothing is written.

    Raise `LessonError` if the lesson cannot be read, or with each answer that does not come out as foreseen.
    """
    lesson, task = _find(course, name)
    if task.kind == "prose" or why_missing(task.kind):
        tell(why_missing(task.kind) or f"{name} is read by a person: there is nothing to try.")
        return
    find_claims(course)
    with tempfile.TemporaryDirectory(prefix="build-") as scratch:
        stubs = make_notebooks(course.written_to(Path(scratch)), lesson)
    outcome = try_answers(lesson, task, stubs[name], lambda result: tell(_line(result)))
    if outcome.faults:
        raise LessonError(*outcome.faults)


def _find(course: Course, name: str) -> tuple[Lesson, Task]:
    """The exercise called `name` and its lesson; faults of other lessons do not matter."""
    faults = FaultList()
    lessons = read_lessons(course, faults)
    lesson = next((lesson for lesson in lessons if name in lesson.tasks), None)
    if lesson is None:
        faults.raise_any()
        near = get_close_matches(name, [task for lesson in lessons for task in lesson.tasks], 3, 0)
        raise Place(course.lessons).error(f"there is no exercise `{name}`.", f"Is it {' or '.join(near)}?")
    return lesson, lesson.tasks[name]


def _line(result: AnswerResult) -> str:
    sign = "✗" if result.fault else "✓"
    hints = f"  hint: {' '.join(result.hints)}" if result.hints else ""
    place = f"{result.place.path.name}:{result.place.line}"
    return f"{sign} {place:<30} {result.role:<9} {result.score:g} of {result.points:g}{hints}"


RECORD = "proofs.json"


def prove_exercises(
    course: Course, work: Sequence[tuple[Lesson, Task]], seeds: tuple[int, ...], tell: Callable[[Proof], None]
) -> list[Fault]:
    """Prove each exercise of `work` that is not recorded as proved; give all faults. `tell` is given each proof."""
    record = Record(course.root / "build" / RECORD)
    environment, faults = environment_digest(course), []
    digests = {task.name: _digest(course, lesson, task, seeds, environment) for lesson, task in work}
    waiting = [pair for pair in work if record.hints_met(pair[1].name, digests[pair[1].name]) is None]
    with open_pool(course) as pool:
        futures = [pool.submit(prove, course, lesson, task, seeds) for lesson, task in waiting]
        for future in as_completed(futures):
            proof = future.result()
            tell(proof)
            faults += proof.faults
            if not proof.faults:
                record.add_exercise(proof.exercise, digests[proof.exercise], ())
                record.save()
    return faults


def _digest(course: Course, lesson: Lesson, task: Task, seeds: tuple[int, ...], environment: str) -> str:
    claims, stubs = claims_digest(course, lesson.name, environment), _stubs(course, lesson)
    if task.name not in stubs:
        raise Place(course.lessons / lesson.id).error(
            f"the notebook has no cell for `{task.name}` yet.",
            f"Run `python -m graders build --only {lesson.name}`.",
        )
    return exercise_digest(task, stubs[task.name], f"{claims} {seeds}")


def _stubs(course: Course, lesson: Lesson) -> dict[str, str]:
    return released_answers(course.notebooks / lesson.id / f"{lesson.id}.ipynb")


def prove(course: Course, lesson: Lesson, task: Task, seeds: tuple[int, ...]) -> Proof:
    """Prove one exercise in this process, which tries nothing where the language of the answer cannot be run."""
    find_claims(course)
    load_claims(lesson.name)
    if not can_be_tried(task):
        return Proof(task.name)
    return fairness_trial(lesson, task, _stubs(course, lesson)[task.name], seeds).prove()
