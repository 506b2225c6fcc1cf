"""Finds the submissions in a folder; nothing that one of them holds can stop the others."""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from graders.course.answer_cells import Answers
from graders.course.attempts import FILE as ATTEMPT_LOG
from graders.kernel.exercise import Exercise
from graders.kernel.failures import contain_failure
from graders.kernel.readable import escape_formula, to_one_line
from graders.kernel.report import Report

LINK = "a symbolic link stands in its place, and links are not followed"
HIDDEN = "the folder's name begins with a dot: rename it if it was handed in, or move it away"
# Jupyter's own copies of what was opened: nobody's submission.
CHECKPOINTS = ".ipynb_checkpoints"
MAX_NAME, MAX_OTHERS = 128, 3
# The longest name that a file system takes is 255 bytes, and result files add a few of their own.
MAX_NAME_BYTES = 240
# By these nbgrader's exchange knows a submission.
TIMESTAMP = "timestamp.txt"
EXCHANGE_FILES = (TIMESTAMP, "submission_secret.txt")
MAX_EXCHANGE_BYTES = 1_000
WHOLE_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")


@dataclass(frozen=True)
class Submission:
    """One student's notebook for one lesson, at `SUBMITTED/<student>/<lesson>/<lesson>.ipynb`.

    `refusal` says why it is not to be opened, and `our_fault` whether that is our own fault; a student's folder that is
    refused as a whole has no lesson.
    """

    student: str
    lesson: str
    path: Path
    refusal: str = ""
    our_fault: bool = False

    @property
    def name(self) -> str:
        """The student and the lesson, for people."""
        return f"{to_one_line(self.student)}/{to_one_line(self.lesson)}".rstrip("/")

    @property
    def cells(self) -> tuple[str, str]:
        """The student and the lesson, for a table that a spreadsheet opens."""
        return escape_formula(to_one_line(self.student)), escape_formula(to_one_line(self.lesson))


@dataclass
class GradedSubmission:
    """A submission with what was found: reports by exercise, or the reason why there are none.

    `our_fault` says that the reason is our own fault, so that a person has to look.
    """

    submission: Submission
    reports: dict[str, Report] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)
    reason: str = ""
    our_fault: bool = False

    def is_blank_prose(self, exercise: Exercise) -> bool:
        """Whether `exercise` asks for prose and there is none for a person to read."""
        nothing = exercise.blank(self.answers.texts.get(exercise.name, "")) and exercise.name not in self.answers.unread
        return exercise.kind == "prose" and not self.reason and nothing

    @property
    def notes(self) -> list[str]:
        """What people should know of the submission as a whole, a sentence each."""
        return submission_notes(self.answers, self.reason)

    @property
    def status(self) -> str:
        """Why there are no reports, as the table of grades says it; "" if there are some."""
        if not self.reason:
            return ""
        return f"{'needs review' if self.our_fault else 'unreadable'}: {self.reason}"


def submission_notes(answers: Answers, reason: str = "") -> list[str]:
    """What people should know of a submission with these `answers`, or that was not marked for a `reason`."""
    not_marked = [f"This submission could not be marked: {reason}."] if reason else []
    return [*not_marked, *(f"Note: {note}." for note in answers.notes)]


def find_submissions(folder: Path) -> list[Submission]:
    """Every `<student>/<lesson>` below `folder`, in alphabetical order; the notebook itself may be missing."""
    return [submission for student in _folders(folder) for submission in _submissions(student)]


def _submissions(student: Path) -> list[Submission]:
    with contain_failure("finding it") as faults:
        refusal = _folder_refusal(student)
        if refusal:
            return [Submission(_encodable(student.name), "", student, refusal)]
        return [_submission(student.name, lesson) for lesson in _folders(student)]
    return [Submission(_encodable(student.name), "", student, to_one_line(faults[0]), our_fault=True)]


def _submission(student: str, lesson: Path) -> Submission:
    path = lesson / f"{lesson.name}.ipynb"
    with contain_failure("finding it") as faults:
        refusal = _folder_refusal(lesson)
        if refusal:
            return Submission(student, _cut_name(lesson.name), path, refusal)
        return Submission(student, lesson.name, path, file_refusal(path))
    return Submission(student, _encodable(lesson.name), path, to_one_line(faults[0]), our_fault=True)


def _folders(folder: Path) -> list[Path]:
    """What is a folder, or a link, which may pretend to be one; other files beside them are nobody's."""
    found = (path for path in folder.iterdir() if path.is_symlink() or path.is_dir())
    return sorted(path for path in found if path.name != CHECKPOINTS)


def _folder_refusal(folder: Path) -> str:
    if folder.is_symlink():
        return LINK
    if folder.name.startswith("."):
        return HIDDEN
    if _encodable(folder.name) != folder.name:
        return "the folder's name cannot be read as text"
    if len(folder.name) > MAX_NAME or len(folder.name.encode()) > MAX_NAME_BYTES:
        return f"the folder's name is longer than {MAX_NAME} characters"
    return "" if os.access(folder, os.R_OK | os.X_OK) else "the folder cannot be opened"


def file_refusal(path: Path) -> str:
    """Why the file must not be opened: a pipe would hold us for ever, a link or a device shows what is not theirs."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return ""
    if stat.S_ISLNK(mode):
        return LINK
    return "" if stat.S_ISREG(mode) else "it is no ordinary file"


def attempt_log_of(submission: Submission) -> Path | None:
    """The log of attempts beside the notebook, if it is there as an ordinary file in an ordinary folder."""
    path = submission.path.with_name(ATTEMPT_LOG)
    with contain_failure("finding its log"):
        ordinary = not path.parent.is_symlink() and path.is_file() and not file_refusal(path)
        return path if submission.lesson and ordinary else None
    return None


def why_missing(path: Path) -> str:
    """Where no file has the name that is looked for: what lies there in its place."""
    if path.exists():
        return ""
    others = [_cut_name(to_one_line(entry.name)) for entry in path.parent.iterdir() if entry.name != CHECKPOINTS]
    there = ", ".join(sorted(others)[:MAX_OTHERS]) or "nothing"
    return f"there is no {path.name} in its folder, which holds {there}: rename it, or ask for it"


def _cut_name(name: str) -> str:
    """As much of a name as can be a file's name."""
    return _encodable(name).encode()[:MAX_NAME].decode(errors="ignore")


def _encodable(name: str) -> str:
    return name.encode("utf-8", errors="replace").decode()


def exchange_files(folder: Path) -> list[Path]:
    """Those that lie in `folder` as ordinary small files; a link in their place shows what is not the student's."""
    there = (folder / name for name in EXCHANGE_FILES)
    return [
        path
        for path in there
        if path.is_file() and not file_refusal(path) and path.stat().st_size <= MAX_EXCHANGE_BYTES
    ]


def hand_in_time(submission: Submission) -> datetime | None:
    """When it was handed in, in UTC without a zone, as its time stamp says; None without one that can be read."""
    if submission.refusal:
        return None
    with contain_failure("reading its time stamp"):
        stamps = [path for path in exchange_files(submission.path.parent) if path.name == TIMESTAMP]
        words = stamps[0].read_text(encoding="utf-8").strip() if stamps else ""
        # nbgrader completes half a date with today's.
        return parse_utc(words) if WHOLE_DATE.match(words) else None
    return None


def copy_exchange_files(submission: Submission, folder: Path) -> None:
    """Put those of `submission` into `folder`, and take away what lay there from an earlier one."""
    for name in EXCHANGE_FILES:
        (folder / name).unlink(missing_ok=True)
    for path in exchange_files(submission.path.parent) if not submission.refusal else ():
        shutil.copyfile(path, folder / path.name)
