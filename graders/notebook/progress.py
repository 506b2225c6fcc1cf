"""The student's log: what was checked and how it came out, kept in one small file on this computer."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from graders.figures.report import prose_html
from graders.figures.tables import table_html
from graders.kernel.exercise import key_file, list_lessons
from graders.kernel.report import Report, Table
from graders.notebook.messages import Message

HOME_VARIABLE = "DATABASES_BY_EXPERIMENT_HOME"
QUESTIONS = 4


@dataclass(frozen=True)
class ProgressLog:
    """The file of what was checked; one that is missing, unreadable or not writable is treated as empty."""

    path: Path

    @classmethod
    def for_this_user(cls) -> ProgressLog:
        """The log in the user's data folder, or in the folder named by DATABASES_BY_EXPERIMENT_HOME."""
        home = os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir("databases-by-experiment", appauthor=False)
        return cls(Path(home) / "progress.json")

    def read(self) -> dict[str, dict[str, Any]]:
        """The entries by exercise: best score, last status, number of checks, and when."""
        try:
            entries = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        entries = entries if isinstance(entries, dict) else {}
        return {name: entry for name, entry in entries.items() if _is_entry(entry)}

    def record(self, report: Report) -> None:
        """Write down how `report` came out; a blank answer gets no entry."""
        if report.status == "not attempted":
            return
        entries = self.read()
        entry = entries.get(report.exercise, {})
        entries[report.exercise] = {
            "best": max(report.confirmed_score, entry.get("best", 0)),
            "status": report.status,
            "checks": entry.get("checks", 0) + 1,
            "missed": entry.get("missed", False) or report.status in ("wrong", "partly right"),
            "at": time.strftime("%Y-%m-%d %H:%M"),
        }
        with contextlib.suppress(OSError):
            self._write(entries)

    def _write(self, entries: dict[str, dict[str, Any]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(entries, indent=1), encoding="utf-8")
        fresh.replace(self.path)


def _is_entry(entry: Any) -> bool:
    """Whether an entry of the file, which anybody may have edited, has numbers where `record` writes numbers."""
    if not isinstance(entry, dict):
        return False
    return all(isinstance(entry.get(name, 0), (int, float)) for name in ("best", "checks"))


def progress_message(log: ProgressLog) -> Message:
    """What is done in each lesson and overall, as a message with one table a lesson."""
    entries = log.read()
    lessons = [_lesson_table(lesson, entries) for lesson in list_lessons()]
    text = "\n".join(table.title for table in lessons)
    return Message(text, "Your progress on this computer", "".join(map(table_html, lessons)))


def _lesson_table(lesson: str, entries: dict[str, dict[str, Any]]) -> Table:
    exercises = {name: data for name, data in key_file(lesson)["exercises"].items() if data["kind"] != "prose"}
    rows = [_exercise_row(name, data, entries.get(name, {})) for name, data in exercises.items()]
    done = sum(best >= points for _, _, best, points, _ in rows)
    earned, possible = sum(row[2] for row in rows), sum(row[3] for row in rows)
    title = f"{key_file(lesson)['title']}: {done} of {len(rows)} done, {earned:g} of {possible:g} points"
    return Table(title, ("exercise", "title", "best", "of", "last check"), rows)


def _exercise_row(name: str, data: dict[str, Any], entry: dict[str, Any]) -> tuple[Any, ...]:
    best = min(entry.get("best", 0), data["points"])
    return name, data["title"], best, data["points"], entry.get("status", "not attempted")


def recall_message(lesson: str, log: ProgressLog) -> Message:
    """Four questions from the lessons before `lesson`; each option opens to say whether it is right, and why."""
    questions = pick_questions(lesson, log)
    if not questions:
        return Message("There is no earlier lesson to recall: go on.")
    text = "\n\n".join(_question_text(question) for question in questions)
    html = "".join(_question_html(question) for question in questions)
    return Message(text, "From earlier lessons: choose from memory, then open your choice", html)


def pick_questions(lesson: str, log: ProgressLog) -> list[dict[str, Any]]:
    """The questions to ask: about exercises that were missed first, then about the most recent lessons."""
    known = list_lessons()
    earlier = known[: known.index(lesson)] if lesson in known else known
    questions = [question for name in reversed(earlier) for question in key_file(name)["recall"]]
    entries = log.read()
    return sorted(questions, key=lambda q: not entries.get(q["about"], {}).get("missed", False))[:QUESTIONS]


def _question_text(question: dict[str, Any]) -> str:
    options = "\n".join(f"  {letter}) {option['text']}" for letter, option in question["options"].items())
    return f"{question['question']}\n{options}"


def _question_html(question: dict[str, Any]) -> str:
    options = "".join(
        f"<details style='margin: 0.2em 0 0.2em 1em'><summary>{letter}) {prose_html(option['text'])}</summary>"
        f"<p style='margin: 0.2em 1em'>{'✓ Right.' if option.get('right') else '✗ Not so.'} "
        f"{prose_html(option['because'])}</p></details>"
        for letter, option in question["options"].items()
    )
    return f"<p style='margin: 0.6em 0 0.2em'>{prose_html(question['question'])}</p>{options}"
