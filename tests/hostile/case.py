"""A hostile submission as data: what it tries, what must not happen, and the marks it must get all the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ONE, TWO = "01-start-here", "04-decomposition"
FULL = {"compare-with-null": "1", "open-loans": "2", "days-late": "2", "read-a-report": "1"}
RIGHT_QUERY = "SELECT name FROM members WHERE member_id IN (SELECT member_id FROM loans WHERE returned_on IS NULL)"
ABUSES = (
    "reaching into the checks", "equal to everything", "forged outputs", "metadata and tags", "cells",
    "resubmission", "reading secrets", "writing secrets", "config files", "links", "network", "processes",
    "endless loops", "endless output", "memory and disk", "broken files", "what an instructor opens",
    "the sandbox's channel", "other data than open data", "text and encodings", "SQL beyond its database", "SQL without end",
    "shadow tables", "names and places",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One submission of its own student.

    `answers` are texts by exercise, put into the solved first lesson (or into the blank second one); `change` is
    done to the notebook's JSON, and `place` to the file once it has been written. `scores` are those that
    differ from full marks in the first lesson and from nothing in the second; `unreadable` is how the one row begins
    where there are no scores.
    """

    name: str
    abuse: str
    must_not: str
    answers: dict[str, str] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict], Any] | None = None
    place: Callable[[Path], None] | None = None
    unreadable: str = ""
    lesson: str = ONE

    def hand_in(self, notebook: dict, folder: Path, at: dict[str, str]) -> None:
        """Write the submission into the student's `folder`; words like @secret@ become what `at` says."""
        made = copy.deepcopy(notebook)
        for exercise, text in self.answers.items():
            cell = answer_cell(made, exercise)
            cell["source"] = with_places(f"%%answer {exercise}\n{text}" if cell["cell_type"] == "code" else text, at)
        changed = self.change(made) if self.change else None
        path = folder / self.lesson / f"{self.lesson}.ipynb"
        path.parent.mkdir(parents=True)
        content = changed if isinstance(changed, bytes) else json.dumps(made).encode("utf-8", "surrogatepass")
        path.write_bytes(content)
        if self.place:
            self.place(path)


def with_places(text: str, at: dict[str, str]) -> str:
    for name, place in at.items():
        text = text.replace(f"@{name}@", place)
    return text


def answer_cell(notebook: dict, exercise: str) -> dict:
    """The answer cell of `exercise`."""
    wanted = (f"{exercise}-answer", exercise)
    cells = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") in wanted]
    return next(cell for cell in cells if cell["metadata"]["nbgrader"]["solution"])


def python(abuse: str, rows: dict[str, tuple], score: str = "0") -> list[Case]:
    """Cases that answer days-late in Python: name → (what must not happen, source[, score])."""
    return [
        Case(name, abuse, must_not, {"days-late": source}, {"days-late": (*other, score)[0]})
        for name, (must_not, source, *other) in rows.items()
    ]


def sql(abuse: str, rows: dict[str, tuple], score: str = "0") -> list[Case]:
    """Cases that answer open-loans in SQL: name → (what must not happen, query[, score])."""
    return [
        Case(name, abuse, must_not, {"open-loans": query}, {"open-loans": (*other, score)[0]})
        for name, (must_not, query, *other) in rows.items()
    ]


def triggers(abuse: str, rows: dict[str, tuple], score: str = "0") -> list[Case]:
    """Cases that answer keep-the-total, which takes a whole script: name → (what must not happen, script[, score])."""
    return [
        Case(name, abuse, must_not, {"keep-the-total": text}, {"keep-the-total": (*other, score)[0]}, lesson=TWO)
        for name, (must_not, text, *other) in rows.items()
    ]
