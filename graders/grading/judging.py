"""Judges one answer as a pure function: a request goes in as text, a report comes out as text, in any process."""

from __future__ import annotations

import hashlib
import json
import platform
import sqlite3
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path

import course_data
import graders
from graders.grading.plain_reports import report_text
from graders.kernel.claims import load_claims
from graders.kernel.exercise import Exercise, exercise_from_plain
from graders.kernel.judge import JudgeOptions, judge
from graders.sandbox import best_isolation

UNSAFE = "Marked without isolation (--unsafe)."
RUN = ("python", "sql", "javascript", "java", "parsons")
NO_SAY = ("commands", "grading", "notebook")
ENGINES = ("duckdb", "sqlglot")


@dataclass(frozen=True)
class Unit:
    """One answer to judge, with all that its report depends on and nothing else of the course.

    `exercise` is the exercise as JSON with its key encoded; `seed` is that of this exercise's data. `unsafe` lets
    a student's code run without isolation, and is written on the report.
    """

    exercise: str
    solution: str
    seed: int
    text: str
    unsafe: bool = False

    @property
    def request(self) -> str:
        """What `judged` is asked; it tells nothing of other exercises, of students or of the course's seed."""
        content = {"rules": rules(), "exercise": self.exercise, "solution": self.solution, "seed": self.seed}
        return json.dumps(content | {"text": with_plain_line_ends(self.text), "unsafe": self.unsafe})

    @cached_property
    def key(self) -> str:
        """A digest of the request: equal where exercise, key, solution, seed, answer, rules and engines are."""
        return hashlib.sha256(self.request.encode()).hexdigest()


def with_plain_line_ends(text: str) -> str:
    """`text` with every line end a line feed: an editor's choice of line ends is not part of an answer."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def judged(request: str) -> str:
    """Judge the answer in `request` and give the report as text.

    Raise `RuntimeError` in a process that has other rules than the one that asks, and where no isolation holds.
    """
    content = json.loads(request)
    if content["rules"] != rules():
        raise RuntimeError("this worker has another version of the course or of an engine")
    exercise, unsafe = _exercise(content["exercise"]), content["unsafe"]
    isolation = best_isolation() if exercise.kind in RUN and not unsafe else None
    report = judge(exercise, content["text"], JudgeOptions(content["seed"], content["solution"], isolation))
    if exercise.kind in RUN and unsafe:
        report = replace(report, remarks=(*report.remarks, UNSAFE))
    return report_text(report)


@lru_cache(maxsize=256)
def _exercise(text: str) -> Exercise:
    exercise = exercise_from_plain(json.loads(text))
    load_claims(exercise.lesson)
    return exercise


@cache
def rules() -> str:
    """A digest of everything but the request that a report depends on: our code that judges, and the engines."""
    engines = [platform.python_version(), sqlite3.sqlite_version, *map(version, ENGINES)]
    found = hashlib.sha256("\x1f".join(engines).encode())
    for path in _judging_files():
        found.update(path.read_bytes())
    return found.hexdigest()


def _judging_files() -> list[Path]:
    package, data = Path(graders.__file__).parent, Path(course_data.__file__).parent
    own = [path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in NO_SAY]
    return sorted(own) + sorted(data.rglob("*.py"))
