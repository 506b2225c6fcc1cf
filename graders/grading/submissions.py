"""Finds the submissions in a folder and marks each; nothing that a submission holds can stop the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graders.answers import Answers, UnreadableNotebook, read_answers
from graders.build.course import Course
from graders.grading.marker import Marker
from graders.report import Report


@dataclass(frozen=True)
class Submission:
    """One student's notebook for one lesson, at `SUBMITTED/<student>/<lesson>/<lesson>.ipynb`."""

    student: str
    lesson: str
    path: Path


@dataclass
class Marked:
    """A submission with what was found: reports by exercise, or the reason why there are none."""

    submission: Submission
    reports: dict[str, Report] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)
    reason: str = ""


def find_submissions(folder: Path) -> list[Submission]:
    """Every `<student>/<lesson>` below `folder`, in alphabetical order; the notebook itself may be missing."""
    return [
        Submission(student.name, lesson.name, lesson / f"{lesson.name}.ipynb")
        for student in _folders(folder)
        for lesson in _folders(student)
    ]


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


class Examiner:
    """Marks submissions one by one and prepares each lesson's marker once."""

    def __init__(self, course: Course, seed: str):
        self.course = course
        self.seed = seed
        self._markers: dict[str, Marker] = {}

    def marker(self, lesson_id: str) -> Marker:
        """The marker of `lesson_id`; raise `FileNotFoundError` if there is no such lesson."""
        if lesson_id not in self._markers:
            self._markers[lesson_id] = Marker.prepare(self.course, lesson_id, self.seed)
        return self._markers[lesson_id]

    def known(self, lesson_id: str) -> Marker | None:
        """The marker of `lesson_id`, or None if there is no such lesson."""
        try:
            return self.marker(lesson_id)
        except FileNotFoundError:
            return None

    def mark(self, submission: Submission) -> Marked:
        """Mark one submission; what cannot be read is told in `reason`."""
        try:
            marker = self.marker(submission.lesson)
            answers = read_answers(submission.path, list(marker.exercises))
        except (UnreadableNotebook, FileNotFoundError) as error:
            return Marked(submission, reason=str(error))
        reports = {name: marker.report(name, answers.texts[name]) for name in marker.marked}
        return Marked(submission, reports, answers)

    def mark_all(self, submissions: list[Submission]) -> Iterator[Marked]:
        """Mark `submissions` in their order."""
        return map(self.mark, submissions)
