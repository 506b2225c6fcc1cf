"""The record of what was built and tried without a fault, so that a build goes through what has changed alone."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from graders.build.digests import file_digest


class Record:
    """A file of digests. What it lacks is made and tried again, so it may be deleted or broken at any time."""

    def __init__(self, path: Path, *, fresh: bool = False):
        """Read the record at `path`; a `fresh` one begins empty, whatever is there."""
        self.path = path
        self._lessons: dict[str, dict[str, Any]] = {}
        self._exercises: dict[str, dict[str, Any]] = {}
        if fresh:
            return
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(path.read_text(encoding="utf-8"))
            self._lessons, self._exercises = dict(data["lessons"]), dict(data["exercises"])

    def has_lesson(self, lesson_id: str, digest: str, made: Iterable[Path]) -> bool:
        """Whether the lesson was built from what has this digest, and all files `made` of it are as they were."""
        known = self._lessons.get(lesson_id, {})
        return known.get("digest") == digest and known.get("made") == _contents(made)

    def add_lesson(self, lesson_id: str, digest: str, made: Iterable[Path]) -> None:
        """Note that the lesson was built, and all its answers tried, without a fault."""
        self._lessons[lesson_id] = {"digest": digest, "made": _contents(made)}

    def hints_met(self, exercise: str, digest: str) -> list[str] | None:
        """The hints that the answers to `exercise` met when they were tried; None if they must be tried again."""
        known = self._exercises.get(exercise, {})
        return list(known["hints"]) if known.get("digest") == digest else None

    def add_exercise(self, exercise: str, digest: str, hints: Sequence[str]) -> None:
        """Note that all answers to `exercise` came out as foreseen, and the hints that they met."""
        self._exercises[exercise] = {"digest": digest, "hints": list(hints)}

    def save(self) -> None:
        """Write the record, as a whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}")
        text = json.dumps({"lessons": self._lessons, "exercises": self._exercises}, indent=1, sort_keys=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.path)


def _contents(paths: Iterable[Path]) -> list[str]:
    return [file_digest(path) for path in paths]
