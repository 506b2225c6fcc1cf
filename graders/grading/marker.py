"""Marks the answers to one lesson, on data that no student has seen."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

import nbformat

from graders.build.keys import exercise_of, task_key
from graders.build.notebook import source_notebook
from graders.build.release import released_answers
from graders.course.course import Course
from graders.course.lesson import Lesson, Task
from graders.course.reading import read_lesson
from graders.grading.judging import Unit, judged
from graders.grading.plain_reports import read_report
from graders.grading.seed import exercise_seed
from graders.kernel.claims import load_claims
from graders.kernel.exercise import Exercise, write_key
from graders.kernel.report import Report


@dataclass(frozen=True)
class Marker:
    """The exercises of one lesson with keys made from the secret seed, and their solutions.

    `unsafe` lets a student's code run without isolation, and is written on every mark.
    """

    lesson: Lesson
    exercises: dict[str, Exercise]
    seed: str
    unsafe: bool = False

    @classmethod
    def prepare(cls, course: Course, lesson_id: str, seed: str, unsafe: bool = False) -> Marker:
        """Read the lesson `lesson_id` and make its keys; raise `FileNotFoundError` naming what is missing."""
        folder = course.lessons / lesson_id
        notebook = course.notebooks / lesson_id / f"{lesson_id}.ipynb"
        if not folder.is_dir():
            raise FileNotFoundError(_no_lesson(course, lesson_id))
        if not notebook.is_file():
            raise FileNotFoundError(f"{notebook} is missing: run `make build` first")
        lesson = read_lesson(folder)
        load_claims(lesson.name)
        stubs = released_answers(notebook)
        exercises = {task.name: _exercise(lesson, task, stubs, seed) for task in lesson.tasks.values()}
        return cls(lesson, exercises, seed, unsafe)

    @property
    def marked(self) -> list[str]:
        """The exercises that are marked by claims, in the order of the lesson; prose is left to people."""
        return [name for name, exercise in self.exercises.items() if exercise.kind != "prose"]

    def unit(self, name: str, text: str) -> Unit:
        """What is to be judged if `text` is the answer to the exercise `name`."""
        seed = exercise_seed(self.seed, name)
        return Unit(self._plain_exercises[name], self.lesson.tasks[name].solution, seed, text, self.unsafe)

    def report(self, name: str, text: str) -> Report:
        """Judge `text` as the answer to the exercise `name`, in this process."""
        return read_report(judged(self.unit(name, text).request))

    @cached_property
    def _plain_exercises(self) -> dict[str, str]:
        plain = (replace(each, key=write_key(each.key)).to_plain() for each in self.exercises.values())
        return {each["name"]: json.dumps(each) for each in plain}

    @cached_property
    def _source(self) -> str:
        return json.dumps(source_notebook(self.lesson))

    def source(self) -> nbformat.NotebookNode:
        """A fresh copy of the instructor's own notebook, made from the lesson."""
        return nbformat.from_dict(json.loads(self._source))


def _no_lesson(course: Course, lesson_id: str) -> str:
    near = get_close_matches(lesson_id, [path.name for path in course.lesson_folders], 1)
    return f"there is no lesson {lesson_id}" + (f"; is {near[0]} meant? Rename the folder" if near else "")


def _exercise(lesson: Lesson, task: Task, stubs: dict[str, str], seed: str) -> Exercise:
    return exercise_of(task, stubs[task.name], task_key(task, exercise_seed(seed, task.name)), lesson.name)
