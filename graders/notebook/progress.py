"""The student's diary: what was checked and how it came out, kept in one small file on this computer."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from graders.figures.tables import table_html
from graders.kernel.exercise import key_file, lessons_known
from graders.kernel.report import Report, Table
from graders.notebook.messages import Message

PLACE = "DATABASES_BY_EXPERIMENT_HOME"


@dataclass(frozen=True)
class Diary:
    """The diary file; a file that is missing, unreadable or not writable is treated as empty."""

    path: Path

    @classmethod
    def of_this_user(cls) -> Diary:
        """The diary in the user's data folder, or in the folder named by DATABASES_BY_EXPERIMENT_HOME."""
        home = os.environ.get(PLACE) or platformdirs.user_data_dir("databases-by-experiment", appauthor=False)
        return cls(Path(home) / "progress.json")

    def read(self) -> dict[str, dict[str, Any]]:
        """The entries by exercise: best score, last status, number of checks, and when."""
        try:
            entries = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        entries = entries if isinstance(entries, dict) else {}
        return {name: entry for name, entry in entries.items() if _is_entry(entry)}

    def note(self, report: Report) -> None:
        """Write down how `report` came out; a blank answer is not worth an entry."""
        if report.status == "not attempted":
            return
        entries = self.read()
        entry = entries.get(report.exercise, {})
        entries[report.exercise] = {
            "best": max(report.decided, entry.get("best", 0)),
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
    """Whether an entry of the file, which anybody may have edited, has numbers where `note` writes numbers."""
    if not isinstance(entry, dict):
        return False
    return all(isinstance(entry.get(name, 0), (int, float)) for name in ("best", "checks"))


def progress_message(diary: Diary) -> Message:
    """What is done in each lesson and overall, as a message with one table a lesson."""
    entries = diary.read()
    lessons = [_lesson_table(lesson, entries) for lesson in lessons_known()]
    words = "\n".join(table.title for table in lessons)
    return Message(words, "Your progress on this computer", "".join(map(table_html, lessons)))


def _lesson_table(lesson: str, entries: dict[str, dict[str, Any]]) -> Table:
    known = key_file(lesson)
    marked = {name: data for name, data in known["exercises"].items() if data["kind"] != "prose"}
    best = {name: min(entries.get(name, {}).get("best", 0), data["points"]) for name, data in marked.items()}
    rows = [
        (
            name,
            data["title"],
            best[name],
            data["points"],
            entries.get(name, {}).get("status", "not attempted"),
        )
        for name, data in marked.items()
    ]
    done = sum(best[name] >= data["points"] for name, data in marked.items())
    points = sum(data["points"] for data in marked.values())
    title = f"{known['title']}: {done} of {len(rows)} done, {sum(best.values()):g} of {points:g} points"
    return Table(title, ("exercise", "title", "best", "of", "last check"), rows)
