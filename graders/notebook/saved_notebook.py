"""The notebook of this kernel as it is saved: where it lies, whether it has what was run, and the copy to hand in."""

from __future__ import annotations

import getpass
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.course.answer_cells import read_answers
from graders.course.notebook_cells import UnreadableNotebook
from graders.kernel.exercise import Exercise, exercise_from_plain, key_file
from graders.kernel.readable import quantity
from graders.notebook.messages import Message

FOLDER_VARIABLE = "DATABASES_BY_EXPERIMENT_HAND_IN"
FOLDER = "hand-in"
NOT_FOUND = "This works in a notebook that is saved: save it (Ctrl+S, or Cmd+S on a Mac), and run this cell again."


def notebook_path() -> Path | None:
    """Where the notebook of this kernel lies, as far as Jupyter says so."""
    path = Path(os.environ.get("JPY_SESSION_NAME", ""))
    return path if path.suffix == ".ipynb" and path.is_file() else None


@dataclass(frozen=True)
class LastRun:
    """The text of an answer when its cell was last run, and the time of that run (0 if it never was).

    `signed` says that the cell had an `%%answer` line.
    """

    text: str = ""
    time: float = 0
    signed: bool = True


def difference_on_disk(exercise: Exercise, last_run: LastRun) -> str:
    """What to say if the notebook was saved after the answer was run, and grading would read another answer in it."""
    try:
        path = notebook_path()
        if path is None or path.stat().st_mtime < last_run.time:
            return ""
        saved = read_answers(path, [exercise]).texts[exercise.name]
    except (OSError, UnreadableNotebook):
        return ""
    if exercise.blank(saved):
        return "" if exercise.blank(last_run.text) else "The saved notebook holds no answer any more."
    if saved.strip() == last_run.text.strip():
        return ""
    return "The saved notebook holds another answer than the one you ran: run its cell again."


def saved_text(exercise: Exercise, notebook: Path | None) -> list[str]:
    """The answer to `exercise` in the saved `notebook`, in a list; an empty one if it cannot be read."""
    try:
        return [read_answers(notebook, [exercise]).texts[exercise.name]] if notebook else []
    except (OSError, UnreadableNotebook):
        return []


def hand_in_message(notebook: Path | None, lesson: str) -> Message:
    """Copy `notebook`, a saved notebook of `lesson`, to where it is handed in, and say what is left and what to do.

    That is the folder of the class, where whoever runs the hub names one in DATABASES_BY_EXPERIMENT_HAND_IN, else
    `hand-in` beside the lessons.
    """
    if notebook is None or not lesson:
        return Message(NOT_FOUND)
    plain = key_file(lesson)
    try:
        left = _unanswered(notebook, plain)
        copy = _copy(notebook, plain["id"])
    except (UnreadableNotebook, OSError) as error:
        return Message(f"The notebook could not be copied: {error}. Save it, and run this cell again.")
    return Message("\n".join([_what_is_left(left), _what_to_do(copy)]), f"{plain['title']}: a copy is saved")


def _unanswered(notebook: Path, plain: Mapping[str, Any]) -> list[str]:
    """The headings of the exercises, further ones left out, that have no answer in the file."""
    exercises = [exercise_from_plain(one) for one in plain["exercises"].values() if not one["further"]]
    texts = read_answers(notebook, exercises).texts
    return [exercise.heading for exercise in exercises if exercise.blank(texts.get(exercise.name, ""))]


def _copy(notebook: Path, lesson_id: str) -> Path:
    named = os.environ.get(FOLDER_VARIABLE)
    folder = Path(named) / _user() / lesson_id if named else notebook.parents[1] / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(notebook, folder / f"{lesson_id}.ipynb"))


def _user() -> str:
    name = os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    return re.sub(r"[^\w.@+-]", "_", name)


def _what_is_left(left: list[str]) -> str:
    if not left:
        return "Every exercise has an answer."
    return "\n".join([f"{quantity(len(left), 'exercise')} without an answer:", *(f"– {heading}" for heading in left)])


def _what_to_do(copy: Path) -> str:
    if os.environ.get(FOLDER_VARIABLE):
        return "It is in the folder of your class: there is nothing else to do. Run this again after a change."
    return (
        f"Give `{copy.parent.name}/{copy.name}` to whoever grades it: in the file browser, right-click it and choose "
        "Download, then upload it where your class hands in. Run this again after a change."
    )
