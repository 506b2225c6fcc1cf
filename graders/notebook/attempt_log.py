"""The student's own log of attempts: one line for each check, appended to one file on their own computer."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import platformdirs

from graders.course.attempts import FILE, LogEntry, LoggedAttempt, read_entries, write_line
from graders.kernel.exercise import Exercise, digest
from graders.kernel.report import Report

HOME_VARIABLE = "DATABASES_BY_EXPERIMENT_HOME"


def read_clock() -> datetime:
    """The time now, with its zone."""
    return datetime.now().astimezone()


@dataclass(frozen=True)
class AttemptLog:
    """The file of all attempts; one that is missing, unreadable or not writable is treated as empty."""

    path: Path

    @classmethod
    def for_this_user(cls) -> AttemptLog:
        """The log in the user's data folder, or in the folder named by DATABASES_BY_EXPERIMENT_HOME."""
        home = os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir("databases-by-experiment", appauthor=False)
        return cls(Path(home) / FILE)

    def read(self) -> list[LogEntry]:
        """Its entries in their order; a line that is none is left out."""
        return read_entries(self.path)

    def append(self, *entries: LogEntry) -> None:
        """Add a line for each of `entries`, each in one piece, whoever else is writing."""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                for entry in entries:
                    # The line break comes first: where a line was cut off, the next one is not joined to it.
                    os.write(file, f"\n{write_line(entry)}".encode("utf-8", "backslashreplace"))
            finally:
                os.close(file)

    def record_check(self, exercise: Exercise, text: str, report: Report) -> None:
        """Write down how the answer `text` came out; a blank one gets no entry."""
        if report.status == "not attempted":
            return
        score, hints = report.confirmed_score, tuple(report.hints)
        name, lesson, answer = exercise.name, exercise.lesson, digest(text)
        self.append(LoggedAttempt(read_clock(), lesson, name, score, report.points, report.status, answer, hints=hints))

    def entries_of(self, lesson: str) -> list[LogEntry]:
        """What was checked and recalled in the notebook of `lesson`."""
        return [entry for entry in self.read() if entry.lesson == lesson]


def write_attempts(entries: Sequence[LogEntry], folder: Path) -> Path:
    """Write `entries` to a file in `folder`, to be handed in with the notebook, and give its path."""
    path = folder / FILE
    path.write_text("".join(f"{write_line(entry)}\n" for entry in entries), encoding="utf-8", newline="\n")
    return path
