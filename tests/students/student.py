"""A golden student: what differs from the solutions and from full marks, which are read from the lesson."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from graders.course.course import Course
from graders.course.lesson import Lesson
from graders.course.reading import read_lesson

COURSE = Course.at(Path(__file__).resolve().parents[2])


@dataclass(frozen=True)
class Student:
    """The answers that differ from the solutions, the scores that differ from full marks, words of the page."""

    answers: dict[str, str]
    scores: dict[str, str] = field(default_factory=dict)
    page: tuple[str, ...] = ()


@cache
def lesson_called(lesson_id: str) -> Lesson:
    """The lesson whose file is called `lesson_id`."""
    return read_lesson(COURSE.lessons / lesson_id)


def full_marks(lesson_id: str) -> dict[str, str]:
    """The points of each exercise that claims judge, as the table of grades writes them."""
    tasks = lesson_called(lesson_id).tasks.values()
    return {task.name: f"{task.points:g}" for task in tasks if task.kind != "prose"}


def wrong_answer_to(lesson_id: str, exercise: str, words: str) -> str:
    """The wrong answer to `exercise` that the lesson foresees and whose hint has these `words`."""
    foreseen = lesson_called(lesson_id).tasks[exercise].wrong
    return next(wrong.text for wrong in foreseen if words in wrong.says)
