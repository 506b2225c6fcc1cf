"""The lines of a log of attempts: what a student checked and recalled, and how a line that is no entry is skipped."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = "attempts.jsonl"
MAX_BYTES, MAX_LINE = 5_000_000, 10_000
MAX_NAME, MAX_HINT, MAX_ITEMS = 100, 2_000, 40
MAX_NUMBER = 1_000
YEARS = range(2000, 2101)
MISSED = ("wrong", "partly right")
STATUSES = ("right", *MISSED, "needs review")


@dataclass(frozen=True)
class LoggedAttempt:
    """A check of an exercise or, if `recall`, an answer to a recall question; `name` is that of either.

    `lesson` is the name of the lesson in whose notebook it was made, `answer` a digest of the answer's text, and
    `hints` are the texts of the hints that it met. The `time` has a zone.
    """

    time: datetime
    lesson: str
    name: str
    score: float
    points: float
    status: str
    answer: str
    hints: tuple[str, ...] = ()
    recall: bool = False

    @property
    def is_miss(self) -> bool:
        """Whether the answer was wrong, or right in part only."""
        return self.status in MISSED


@dataclass(frozen=True)
class RecallRound:
    """The names of the recall questions that a lesson began with, in their order."""

    time: datetime
    lesson: str
    questions: tuple[str, ...]


LogEntry = LoggedAttempt | RecallRound


def write_line(entry: LogEntry) -> str:
    """`entry` as one line of JSON, without its line break."""
    plain: dict[str, Any] = {"time": entry.time.isoformat(timespec="seconds"), "lesson": entry.lesson}
    if isinstance(entry, RecallRound):
        plain["recall"] = entry.questions
    else:
        plain["question" if entry.recall else "exercise"] = entry.name
        plain |= {name: getattr(entry, name) for name in ("score", "points", "status", "hints", "answer")}
    return json.dumps(plain, ensure_ascii=False)


def read_line(line: str) -> LogEntry | None:
    """What a line says, whoever wrote it; None if it is no entry."""
    if len(line) > MAX_LINE or not line.startswith("{"):
        return None
    try:
        return _read_entry(json.loads(line))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def read_entries(path: Path) -> list[LogEntry]:
    """The entries in the last megabytes of the log at `path`, in their order; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MAX_BYTES))
            lines = file.read(MAX_BYTES).decode("utf-8", "replace").split("\n")
    except OSError:
        return []
    return [entry for entry in map(read_line, lines) if entry]


def attempts_in(entries: Iterable[LogEntry]) -> Iterator[LoggedAttempt]:
    """The attempts among `entries`; the same answer once more, as after "Run All", is no new attempt.

    In a new round of recall questions it is one.
    """
    last: dict[tuple[str, bool, str], str] = {}
    for entry in entries:
        if isinstance(entry, RecallRound):
            last = {key: answer for key, answer in last.items() if key[:2] != (entry.lesson, True)}
        elif last.get(key := (entry.lesson, entry.recall, entry.name)) != entry.answer:
            last[key] = entry.answer
            yield entry


def _read_entry(plain: dict[str, Any]) -> LogEntry:
    """Raise `ValueError`, `TypeError` or `KeyError` for anything that `write_line` does not write."""
    time, lesson = datetime.fromisoformat(plain["time"]), _text(plain["lesson"])
    if time.tzinfo is None or time.year not in YEARS:
        raise ValueError
    if "recall" in plain:
        return RecallRound(time, lesson, _texts(plain["recall"], MAX_NAME))
    recall = "question" in plain
    name, status = _text(plain["question" if recall else "exercise"]), plain["status"]
    if status not in STATUSES:
        raise ValueError
    score, points = _number(plain["score"]), _number(plain["points"])
    hints = _texts(plain["hints"], MAX_HINT)
    return LoggedAttempt(time, lesson, name, score, points, status, _text(plain["answer"]), hints, recall)


def _text(value: Any, limit: int = MAX_NAME) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise ValueError
    return value


def _texts(value: Any, limit: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise ValueError
    return tuple(_text(item, limit) for item in value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_NUMBER:
        raise ValueError
    return value
