"""Finds the submissions in a folder and reads each; nothing that a submission holds can stop the others."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from graders.course.answer_cells import Answers, UnreadableNotebook, read_answers
from graders.course.course import Course
from graders.grading.judging import Unit
from graders.grading.marker import Marker
from graders.grading.saved_outputs import cleaned
from graders.kernel.failures import contain_failure
from graders.kernel.report import Report

LINK = "a symbolic link stands in its place, and links are not followed"
HIDDEN = "the folder's name begins with a dot: rename it if it was handed in, or move it away"
# Jupyter's own copies of what was opened: nobody's submission.
CHECKPOINTS = ".ipynb_checkpoints"
MOST_NAME, MOST_OTHERS = 128, 3
# The longest name that a file system takes is 255 bytes, and result files add a few of their own.
MOST_NAME_BYTES = 240


@dataclass(frozen=True)
class Submission:
    """One student's notebook for one lesson, at `SUBMITTED/<student>/<lesson>/<lesson>.ipynb`.

    `refused` says why it is not to be opened, and `ours` whether that is our own fault; a student's folder that is
    refused as a whole has no lesson.
    """

    student: str
    lesson: str
    path: Path
    refused: str = ""
    ours: bool = False

    @property
    def name(self) -> str:
        """The student and the lesson, for people."""
        return f"{shown(self.student)}/{shown(self.lesson)}".rstrip("/")


@dataclass
class Marked:
    """A submission with what was found: reports by exercise, or the reason why there are none.

    `ours` says that the reason is our own fault, so that a person has to look.
    """

    submission: Submission
    reports: dict[str, Report] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)
    reason: str = ""
    ours: bool = False

    @property
    def status(self) -> str:
        """Why there are no reports, as the table of grades says it; "" if there are some."""
        if not self.reason:
            return ""
        return f"{'needs review' if self.ours else 'unreadable'}: {self.reason}"

    def leave_for_review(self, fault: str) -> None:
        """Give up its reports for `fault`; at a second fault its answers too, one of which may be to blame."""
        self.reports = {}
        self.answers = Answers() if self.ours else Answers(dict(self.answers.texts))
        if not self.ours:
            self.reason, self.ours = shown(f"{self.reason}; {fault}" if self.reason else fault), True


def find_submissions(folder: Path) -> list[Submission]:
    """Every `<student>/<lesson>` below `folder`, in alphabetical order; the notebook itself may be missing."""
    return [submission for student in _folders(folder) for submission in _submissions(student)]


def shown(name: str) -> str:
    """`name` for a terminal: what is no visible character is written as Python writes it."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)


def _submissions(student: Path) -> list[Submission]:
    faults: list[str] = []
    with contain_failure("finding it", faults.append):
        refused = _refused_folder(student)
        if refused:
            return [Submission(_readable(student.name), "", student, refused)]
        return [_submission(student.name, lesson) for lesson in _folders(student)]
    return [Submission(_readable(student.name), "", student, shown(faults[0]), ours=True)]


def _submission(student: str, lesson: Path) -> Submission:
    path, faults = lesson / f"{lesson.name}.ipynb", []
    with contain_failure("finding it", faults.append):
        refused = _refused_folder(lesson)
        if refused:
            return Submission(student, _cut(lesson.name), path, refused)
        return Submission(student, lesson.name, path, refused_file(path))
    return Submission(student, _readable(lesson.name), path, shown(faults[0]), ours=True)


def _folders(folder: Path) -> list[Path]:
    """What is a folder, or a link, which may pretend to be one; other files beside them are nobody's."""
    found = (path for path in folder.iterdir() if path.is_symlink() or path.is_dir())
    return sorted(path for path in found if path.name != CHECKPOINTS)


def _refused_folder(folder: Path) -> str:
    if folder.is_symlink():
        return LINK
    if folder.name.startswith("."):
        return HIDDEN
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
    others = [_cut(shown(entry.name)) for entry in path.parent.iterdir() if entry.name != CHECKPOINTS]
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
        self._markers: dict[str, Marker | Exception] = {}

    def marker(self, lesson_id: str) -> Marker:
        """The marker of `lesson_id`; raise `FileNotFoundError` if there is no such lesson, and what else stops it."""
        if lesson_id not in self._markers:
            self._markers[lesson_id] = self._prepared(lesson_id)
        marker = self._markers[lesson_id]
        if isinstance(marker, Exception):
            raise marker
        return marker

    def _prepared(self, lesson_id: str) -> Marker | Exception:
        """The marker, or why there is none: a lesson that cannot be prepared is not tried again for each student."""
        try:
            return Marker.prepare(self.course, lesson_id, self.seed, self.unsafe)
        except Exception as error:
            return error

    def known(self, lesson_id: str) -> Marker | None:
        """The marker of `lesson_id`, or None if there is none."""
        marker = self._markers.get(lesson_id)
        return marker if isinstance(marker, Marker) else None

    def read(self, submission: Submission) -> Marked:
        """Read the answers in one submission; what cannot be read is told in `reason`."""
        marked = Marked(submission, reason=submission.refused, ours=submission.ours)
        with contain_failure("reading it", marked.leave_for_review):
            self._read(marked)
        return marked

    def _read(self, marked: Marked) -> None:
        path, lesson = marked.submission.path, marked.submission.lesson
        try:
            marker = self.marker(lesson) if lesson else None
            marked.reason = marked.reason or _missing(path)
            if marker and not marked.reason:
                answers = read_answers(path, list(marker.exercises))
                answers.outputs = {name: cleaned(saved) for name, saved in answers.outputs.items()}
                marked.answers = answers
        except (UnreadableNotebook, FileNotFoundError) as error:
            marked.reason = marked.reason or shown(str(error))

    def units(self, marked: Marked) -> dict[str, Unit]:
        """What is to be judged in a submission that was read, by exercise; nothing if it could not be read."""
        if marked.reason:
            return {}
        marker = self.marker(marked.submission.lesson)
        return {name: marker.unit(name, marked.answers.texts[name]) for name in marker.marked}
