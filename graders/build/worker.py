"""What a process of the build does: it makes the files of one lesson, or tries the answers to one exercise."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import graders.checks
from graders.build.course import Course
from graders.build.foreseen import AnswerResult, can_be_tried, try_exercise
from graders.build.keys import write_key_file
from graders.course.faults import Fault, FaultList, LessonError
from graders.course.lesson import Lesson, Task


@dataclass
class Outcome:
    """What came of one piece of work: stubs by exercise, or the results of answers, and the faults of the lesson."""

    stubs: dict[str, str] = field(default_factory=dict)
    results: list[AnswerResult] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


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

    write_notebook(source_notebook(lesson), course.source / lesson.id / f"{lesson.id}.ipynb")
    return released_answers(release(course.root, course.source, course.notebooks, lesson.id))


def try_answers(
    lesson: Lesson, task: Task, stub: str, tell: Callable[[AnswerResult], None] = lambda result: None
) -> Outcome:
    """Judge every foreseen answer to `task`, if its language runs here; `tell` is given each result at once."""
    outcome = Outcome()
    with _faults_to(outcome, lesson):
        for result in try_exercise(lesson, task, stub) if can_be_tried(task) else ():
            outcome.results.append(result)
            tell(result)
    outcome.faults += [result.fault for result in outcome.results if result.fault]
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
    return Fault(path, line, words, "Correct this code, or what calls it.")
