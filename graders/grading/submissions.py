"""Finds the submissions in a folder and reads each; nothing that a submission holds can stop the others."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graders.build.course import Course
from graders.course.answer_cells import Answers, UnreadableNotebook, read_answers
from graders.grading.judging import Unit
from graders.grading.marker import Marker
from graders.grading.saved_outputs import cleaned
from graders.kernel.report import Report

LINK = "a symbolic link stands in its place, and links are not followed"
MOST_NAME, MOST_OTHERS = 128, 3
# The longest name that a file system takes is 255 bytes, and result files add a few of their own.
MOST_NAME_BYTES = 240


@dataclass(frozen=True)
class Submission:
    """One student's notebook for one lesson, at `SUBMITTED/<student>/<lesson>/<lesson>.ipynb`.

    `refused` says why it is not to be opened; a student's folder that is refused as a whole has no lesson.
    """

    student: str
    lesson: str
    path: Path
    refused: str = ""

    @property
    def name(self) -> str:
        """The student and the lesson, for people."""
        return f"{shown(self.student)}/{shown(self.lesson)}".rstrip("/")


@dataclass
class Marked:
    """A submission with what was found: reports by exercise, or the reason why there are none."""

    submission: Submission
    reports: dict[str, Report] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)
    reason: str = ""


def find_submissions(folder: Path) -> list[Submission]:
    """Every `<student>/<lesson>` below `folder`, in alphabetical order; the notebook itself may be missing."""
    return [submission for student in _folders(folder) for submission in _submissions(student)]


def shown(name: str) -> str:
    """`name` for a terminal: what is no visible character is written as Python writes it."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)


def _submissions(student: Path) -> Iterator[Submission]:
    refused = _refused_folder(student)
    if refused:
        yield Submission(_readable(student.name), "", student, refused)
        return
    for lesson in _folders(student):
        path = lesson / f"{lesson.name}.ipynb"
        refused = _refused_folder(lesson)
        if refused:
            yield Submission(student.name, _cut(lesson.name), path, refused)
        else:
            yield Submission(student.name, lesson.name, path, refused_file(path))


def _folders(folder: Path) -> list[Path]:
    """What is a folder, or a link, which may pretend to be one; other files beside them are nobody's."""
    found = (path for path in folder.iterdir() if path.is_symlink() or path.is_dir())
    return sorted(path for path in found if not path.name.startswith("."))


def _refused_folder(folder: Path) -> str:
    if folder.is_symlink():
        return LINK
    if _readable(folder.name) != folder.name:
        return "the folder's name cannot be read as text"
    if len(folder.name) > MOST_NAME or len(folder.name.encode()) > MOST_NAME_BYTES:
        return f"the folder's name is longer than {MOST_NAME} characters"
    return "" if os.access(folder, os.R_OK | os.X_OK) else "the folder cannot be opened"


def refused_file(path: Path) -> str:
    """Why the file must not be opened: a pipe would hold us for ever, a link or a device shows what is not theirs."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return ""
    if stat.S_ISLNK(mode):
        return LINK
    return "" if stat.S_ISREG(mode) else "it is no ordinary file"


def _missing(path: Path) -> str:
    """Where no file has the name that is looked for: what lies there in its place."""
    if path.exists():
        return ""
    others = [_cut(shown(entry.name)) for entry in path.parent.iterdir() if not entry.name.startswith(".")]
    there = ", ".join(sorted(others)[:MOST_OTHERS]) or "nothing"
    return f"there is no {path.name} in its folder, which holds {there}: rename it, or ask for it"


def _cut(name: str) -> str:
    """As much of a name as can be a file's name."""
    return _readable(name).encode()[:MOST_NAME].decode(errors="ignore")


def _readable(name: str) -> str:
    return name.encode("utf-8", errors="replace").decode()


class Examiner:
    """Reads submissions one by one and prepares each lesson's marker once."""

    def __init__(self, course: Course, seed: str, unsafe: bool = False):
        self.course = course
        self.seed = seed
        self.unsafe = unsafe
        self._markers: dict[str, Marker | FileNotFoundError] = {}

    def marker(self, lesson_id: str) -> Marker:
        """The marker of `lesson_id`; raise `FileNotFoundError` if there is no such lesson."""
        if lesson_id not in self._markers:
            self._markers[lesson_id] = self._prepared(lesson_id)
        marker = self._markers[lesson_id]
        if isinstance(marker, FileNotFoundError):
            raise marker
        return marker

    def _prepared(self, lesson_id: str) -> Marker | FileNotFoundError:
        try:
            return Marker.prepare(self.course, lesson_id, self.seed, self.unsafe)
        except FileNotFoundError as error:
            return error

    def known(self, lesson_id: str) -> Marker | None:
        """The marker of `lesson_id`, or None if there is no such lesson."""
        try:
            return self.marker(lesson_id)
        except FileNotFoundError:
            return None

    def read(self, submission: Submission) -> Marked:
        """Read the answers in one submission; what cannot be read is told in `reason`."""
        if submission.refused:
            return Marked(submission, reason=submission.refused)
        try:
            marker = self.marker(submission.lesson)
            if missing := _missing(submission.path):
                return Marked(submission, reason=missing)
            answers = read_answers(submission.path, list(marker.exercises))
            answers.outputs = {name: cleaned(saved) for name, saved in answers.outputs.items()}
        except (UnreadableNotebook, FileNotFoundError) as error:
            return Marked(submission, reason=str(error))
        return Marked(submission, answers=answers)

    def units(self, marked: Marked) -> dict[str, Unit]:
        """What is to be judged in a submission that was read, by exercise; nothing if it could not be read."""
        if marked.reason:
            return {}
        marker = self.marker(marked.submission.lesson)
        return {name: marker.unit(name, marked.answers.texts[name]) for name in marker.marked}
