"""Tries the foreseen answers to one exercise, and tells what each of them gets."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from graders.build.course import Course
from graders.build.foreseen import AnswerResult
from graders.build.worker import find_claims, make_notebooks, try_answers
from graders.course.faults import Fault, LessonError
from graders.course.lesson import Lesson, Task, read_lesson
from graders.sandbox.runtimes import why_missing


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
    """The exercise called `name` and its lesson."""
    path = next((path for path in course.lesson_files if path.stem.partition("-")[2] == name.rpartition("-")[0]), None)
    if path is None:
        lessons = ", ".join(path.stem.partition("-")[2] for path in course.lesson_files)
        raise LessonError(Fault(course.lessons, 1, f"no lesson has an exercise `{name}`.", f"There are {lessons}."))
    lesson = read_lesson(path)
    if name not in lesson.tasks:
        raise lesson.error(1, f"there is no exercise `{name}`.", f"There are {', '.join(lesson.tasks)}.")
    return lesson, lesson.tasks[name]


def _line(result: AnswerResult) -> str:
    sign = "✗" if result.fault else "✓"
    hints = f"  hint: {' '.join(result.hints)}" if result.hints else ""
    return f"{sign} line {result.line:<5} {result.role:<9} {result.score:g} of {result.points:g}{hints}"
