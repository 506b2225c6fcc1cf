"""Marks the answers to one lesson, on data that no student has seen."""

from __future__ import annotations

from dataclasses import dataclass

import nbformat

from graders.build.course import Course
from graders.build.keys import exercise_of, task_key
from graders.build.lesson import Lesson, Task, read_lesson
from graders.build.notebook import source_notebook
from graders.build.release import released_answers
from graders.claims import load_claims
from graders.exercise import Exercise
from graders.grading.seed import exercise_seed
from graders.judge import Setting, judge
from graders.report import Report


@dataclass(frozen=True)
class Marker:
    """The exercises of one lesson with keys made from the secret seed, and their solutions."""

    lesson: Lesson
    exercises: dict[str, Exercise]
    seed: str

    @classmethod
    def prepare(cls, course: Course, lesson_id: str, seed: str) -> Marker:
        """Read the lesson `lesson_id` and make its keys; raise `FileNotFoundError` naming what is missing."""
        path = course.lessons / f"{lesson_id}.md"
        notebook = course.notebooks / lesson_id / f"{lesson_id}.ipynb"
        if not path.is_file():
            raise FileNotFoundError(f"there is no lesson {lesson_id}")
        if not notebook.is_file():
            raise FileNotFoundError(f"{notebook} is missing: run `make build` first")
        lesson = read_lesson(path)
        load_claims(lesson.name)
        stubs = released_answers(notebook)
        return cls(lesson, {task.name: _exercise(task, stubs, seed) for task in lesson.tasks.values()}, seed)

    @property
    def marked(self) -> list[str]:
        """The exercises that are marked by claims, in the order of the lesson; prose is left to people."""
        return [name for name, exercise in self.exercises.items() if exercise.kind != "prose"]

    def report(self, name: str, text: str) -> Report:
        """Judge `text` as the answer to the exercise `name`."""
        setting = Setting(exercise_seed(self.seed, name), self.lesson.tasks[name].solution)
        return judge(self.exercises[name], text, setting)

    def source(self) -> nbformat.NotebookNode:
        """The instructor's own copy of the notebook, made from the lesson file."""
        return source_notebook(self.lesson)


def _exercise(task: Task, stubs: dict[str, str], seed: str) -> Exercise:
    return exercise_of(task, stubs[task.name], task_key(task, exercise_seed(seed, task.name)))
