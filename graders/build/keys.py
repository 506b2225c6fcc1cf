"""Makes the key file of a lesson: all that a check in the notebook needs, and no solution."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

from graders.course.faults import FaultList
from graders.course.lesson import Lesson, Task
from graders.course.minutes import shown_minutes, workload_of
from graders.kernel.answers import read_order
from graders.kernel.choices import choice_key
from graders.kernel.claims import OPEN_SEED, KeyRequest, load_claims
from graders.kernel.exercise import CHOICE_KINDS, Exercise, make_key, write_key
from graders.kernel.report import Mismatch
from graders.labs import EngineError


def task_key(task: Task, seed: int = OPEN_SEED) -> Any:
    """The key of `task` for data from `seed`, as it will be read back from the key file."""
    if task.kind in CHOICE_KINDS:
        return choice_key(task.name, task.body["options"])
    wrong = ((_read(task, one.text), one.says) for one in task.wrong)
    return make_key(task.name, KeyRequest(_read(task, task.solution), seed, tuple(wrong)))


def _read(task: Task, text: str) -> str:
    """An answer's text as experiments are given it: for steps put in order the steps themselves."""
    return read_order(task.body["steps"], text) if task.kind == "parsons" else text


def key_or_error(task: Task) -> Any:
    """The key of `task` on open data; raise `LessonError` if none can be made of its solution."""
    try:
        return task_key(task)
    except (EngineError, Mismatch, ValueError) as error:
        words = f"expected {error.expected}, found {error.found}" if isinstance(error, Mismatch) else str(error)
        wrong = f"no key can be made of the solution of `{task.name}`: {words}."
        raise task.place.error(wrong, "Correct the solution.") from None


def exercise_of(task: Task, stub: str, key: Any, lesson: str) -> Exercise:
    """What the student's files say of `task`, an exercise of the lesson called `lesson`."""
    options = {letter: option["text"] for letter, option in task.body.get("options", {}).items()}
    return Exercise(
        task.name,
        task.kind,
        task.points,
        task.answer,
        task.title,
        stub,
        tuple(task.hints),
        task.body.get("steps", options),
        task.kind == "python" and _defines_function(task.solution, task.answer),
        key,
        lesson,
        task.number,
        task.further,
    )


def _defines_function(source: str, name: str) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in ast.parse(source).body)


def key_file_text(lesson: Lesson, stubs: dict[str, str]) -> str:
    """The key file of `lesson` as text, one exercise a line; `stubs` are the answer cells as released.

    Raise `LessonError` with every exercise of whose solution no key can be made.
    """
    load_claims(lesson.name)
    lines, faults = [], FaultList()
    for task in lesson.tasks.values():
        with faults.collect():
            exercise = exercise_of(task, stubs[task.name], write_key(key_or_error(task)), lesson.name)
            lines.append(f" {json.dumps(task.name)}: {_compact(exercise.to_plain())}")
    faults.raise_any()
    exercises = ",\n".join(lines)
    head = f'"id": {json.dumps(lesson.id)},\n"title": {_compact(lesson.front["title"])},\n'
    head += f'"minutes": {shown_minutes(workload_of(lesson).minutes)},\n'
    recalls = [{"name": one.name, "about": one.about, **one.body} for one in lesson.recalls.values()]
    if card := lesson.front.get("card"):
        head += f'"card": {_compact(card)},\n'
    return f'{{{head}"recall": {_compact(recalls)},\n"exercises": {{\n{exercises}\n}}}}\n'


def _compact(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def write_key_file(lesson: Lesson, stubs: dict[str, str], folder: Path) -> Path:
    """Write the key file of `lesson` into `folder`."""
    path = folder / f"{lesson.name}.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(key_file_text(lesson, stubs), encoding="utf-8", newline="\n")
    return path
