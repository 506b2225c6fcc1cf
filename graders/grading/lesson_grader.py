"""Grades the answers to a lesson, on data made from a secret seed that no student has seen."""

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
from graders.course.misconceptions import read_misconceptions
from graders.course.notebook_cells import Cell, UnreadableNotebook, read_cells, read_notebook
from graders.course.reading import read_lesson
from graders.grading.judge_requests import JudgeRequest, judge_request, report_from_json
from graders.grading.lesson_notebook import LessonContent
from graders.grading.rebuild import clean_outputs
from graders.grading.review import review_on_fault
from graders.grading.secret_seed import exercise_seed
from graders.grading.submissions import GradedSubmission, Submission
from graders.kernel.claims import load_claims
from graders.kernel.exercise import Exercise, write_key
from graders.kernel.readable import to_one_line
from graders.kernel.report import Report


@dataclass(frozen=True)
class LessonGrader:
    """The exercises of one lesson with keys made from the secret seed, their solutions, and the cells students got.

    `unsafe` lets a student's code run without isolation, and is written on every report.
    """

    lesson: Lesson
    exercises: dict[str, Exercise]
    seed: str
    unsafe: bool = False
    released: tuple[Cell, ...] = ()

    @classmethod
    def prepare(cls, course: Course, lesson_id: str, seed: str, unsafe: bool = False) -> LessonGrader:
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
        return cls(lesson, exercises, seed, unsafe, tuple(read_cells(read_notebook(notebook))))

    @property
    def content(self) -> LessonContent:
        """By what its notebook is known, and the answers in it are found."""
        return LessonContent(self.lesson.id, list(self.exercises.values()), self.released)

    @property
    def autograded(self) -> list[str]:
        """The exercises that claims decide, in the order of the lesson; prose is left to people."""
        return [name for name, exercise in self.exercises.items() if exercise.kind != "prose"]

    def request(self, name: str, answer: str) -> JudgeRequest:
        """What is to be judged if `answer` is the answer to the exercise `name`."""
        seed = exercise_seed(self.seed, name)
        solution = self.lesson.tasks[name].solution
        return JudgeRequest(self._plain_exercises[name], solution, seed, answer, self.unsafe)

    def judge(self, name: str, answer: str) -> Report:
        """Judge `answer` as the answer to the exercise `name`, in this process."""
        return report_from_json(judge_request(self.request(name, answer).json))

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


class LessonGraders:
    """The graders of a course's lessons, each prepared once; they also read the submissions.

    `catalogue` holds the misconceptions of the course by id; raise `LessonError` if it is not what it should be.
    """

    def __init__(self, course: Course, seed: str, unsafe: bool = False):
        self.course = course
        self.seed = seed
        self.unsafe = unsafe
        self.catalogue = read_misconceptions(course.lessons)
        self._graders: dict[str, LessonGrader | Exception] = {}

    def get(self, lesson_id: str) -> LessonGrader:
        """The grader of `lesson_id`; raise `FileNotFoundError` if there is no such lesson, and what else stops it."""
        if lesson_id not in self._graders:
            self._graders[lesson_id] = self._prepare(lesson_id)
        grader = self._graders[lesson_id]
        if isinstance(grader, Exception):
            raise grader
        return grader

    def _prepare(self, lesson_id: str) -> LessonGrader | Exception:
        """The grader, or why there is none: a lesson that cannot be prepared is not tried again for each student."""
        try:
            return LessonGrader.prepare(self.course, lesson_id, self.seed, self.unsafe)
        except Exception as error:
            return error

    def find(self, lesson_id: str) -> LessonGrader | None:
        """The grader of `lesson_id` where it has been prepared, or None."""
        grader = self._graders.get(lesson_id)
        return grader if isinstance(grader, LessonGrader) else None

    def read(self, submission: Submission) -> GradedSubmission:
        """Read the answers in one submission; `reason` says why what cannot be read cannot be read."""
        graded = GradedSubmission(submission, reason=submission.refusal, our_fault=submission.our_fault)
        with review_on_fault(graded, "reading it"):
            self._read(graded)
        return graded

    def requests(self, graded: GradedSubmission) -> dict[str, JudgeRequest]:
        """What is to be judged in a submission that was read, by exercise; nothing if it could not be read."""
        if graded.reason:
            return {}
        grader = self.get(graded.submission.lesson)
        return {name: grader.request(name, graded.answers.texts[name]) for name in grader.autograded}

    def _read(self, graded: GradedSubmission) -> None:
        path, lesson = graded.submission.path, graded.submission.lesson
        try:
            grader = self.get(lesson) if lesson else None
            if grader and not graded.reason:
                answers = grader.content.read(path)
                answers.outputs = {name: clean_outputs(saved) for name, saved in answers.outputs.items()}
                graded.answers = answers
        except (UnreadableNotebook, FileNotFoundError) as error:
            graded.reason = graded.reason or to_one_line(str(error))
