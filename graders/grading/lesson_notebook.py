"""Tells by what a notebook holds whether it is a lesson's, whatever it is called, and reads the answers in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.course.answer_cells import Answers, answers_in, claim_of, split_magic
from graders.course.notebook_cells import Cell, UnreadableNotebook, named_lesson, read_cells, read_notebook
from graders.grading.submissions import CHECKPOINTS, file_refusal, why_missing
from graders.kernel.exercise import Exercise, key_file, list_lessons
from graders.kernel.readable import to_one_line, truncate

MOST_NAMED, MOST_OPENED, MAX_NAME = 3, 20, 80


@dataclass(frozen=True)
class LessonContent:
    """What is known of a lesson's notebook: its id, its exercises, and its cells as they were released."""

    id: str
    exercises: Sequence[Exercise]
    released: Sequence[Cell]

    def read(self, path: Path) -> Answers:
        """The answers in the notebook at `path` or, if there is none, in the one of this lesson beside it.

        Raise `UnreadableNotebook` if there is none, or no way to tell which one counts.
        """
        found = self.find(path)
        answers = self.read_from(read_notebook(found))
        if found != path:
            answers.notes.append(f"the notebook was handed in as {_short(found.name)}, and is that of {self.id}")
        return answers

    def read_from(self, notebook: dict[str, Any]) -> Answers:
        """The answers in `notebook`; raise `UnreadableNotebook` if it is of another lesson, or of none."""
        answers = answers_in(notebook, self.exercises, self.released)
        if not answers.claimed and (reason := self._why_not_ours(notebook)):
            raise UnreadableNotebook(reason)
        return answers

    def _why_not_ours(self, notebook: dict[str, Any]) -> str:
        """Why a notebook without a cell for any exercise of this lesson is not its notebook; "" if it may be."""
        said, lessons = named_lesson(notebook), [key_file(lesson)["id"] for lesson in list_lessons()]
        answered = _exercises_answered(notebook)
        if said == self.id and answered:
            names = ", ".join(map(_short, answered[:MOST_NAMED]))
            return f"what it answers ({names}) is no exercise of {self.id}: it may be of another edition"
        if said == self.id:
            return ""
        other = lesson_of(notebook)
        if other in lessons:
            return f"it is the notebook of {other}, and lies in the folder of {self.id}"
        if other:
            return f"it says that it is of {_short(other)}, which is no lesson here"
        return "it is no notebook of this course: no cell in it answers an exercise"

    def find(self, path: Path) -> Path:
        """The notebook at `path` or the one of this lesson beside it; raise `UnreadableNotebook` as `read` does."""
        if path.exists():
            return path
        entries = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
        others = [one for one in entries if one.suffix == ".ipynb" and one.name[0] != "." and _is_ordinary(one)]
        mine = [one for one in others[:MOST_OPENED] if self._is_ours(one)]
        if len(mine) > 1:
            names = ", ".join(_short(one.name) for one in mine[:MOST_NAMED])
            raise UnreadableNotebook(
                f"its folder holds {len(mine)} notebooks of this lesson ({names}): leave one there"
            )
        if not mine and len(others) != 1:
            raise UnreadableNotebook(why_missing(path))
        return (mine or others)[0]

    def _is_ours(self, path: Path) -> bool:
        try:
            self.read_from(read_notebook(path))
        except UnreadableNotebook:
            return False
        return True


def lesson_of(notebook: dict[str, Any]) -> str:
    """The id of the lesson that the notebook says it is of or, if it says nothing, whose exercises it answers."""
    return named_lesson(notebook) or _lesson_of_cells(notebook)


def _is_ordinary(path: Path) -> bool:
    return path.name != CHECKPOINTS and not file_refusal(path)


def _exercises_answered(notebook: dict[str, Any]) -> list[str]:
    """What the `%%answer` lines of the notebook name, whether there is such an exercise or not."""
    names = (split_magic(cell.text)[0] for cell in read_cells(notebook))
    return list(dict.fromkeys(name for name in names if name))


def _lesson_of_cells(notebook: dict[str, Any]) -> str:
    """The id of the lesson whose exercises the notebook answers; "" if it answers none."""
    files = map(key_file, list_lessons())
    owners = {name: file["id"] for file in files for name in file["exercises"]}
    claims = (claim_of(cell, owners).exercise for cell in read_cells(notebook))
    return next((owners[name] for name in claims if name), "")


def _short(text: str) -> str:
    return truncate(to_one_line(text), MAX_NAME)
