"""Reads the exercises whose fence is YAML: choices, predictions, Parsons problems and prose questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graders.course.lesson import Lesson, Task

NEEDED = {
    "choice": ("options",),
    "prediction": ("options",),
    "parsons": ("steps", "solution"),
    "prose": ("rubric", "sample"),
}


def read_yaml_body(lesson: Lesson, task: Task) -> None:
    """Check the YAML body of `task` and write its solution as the text of an answer cell."""
    if task.kind not in NEEDED:
        known = ", ".join(NEEDED)
        raise lesson.error(task.line, f"`{task.name}` has no kind.", f"Add kind= and one of {known}.")
    for part in NEEDED[task.kind]:
        if not task.body.get(part):
            raise lesson.error(task.line, f"`{task.name}` lacks `{part}:`.", f"Add `{part}:` to its YAML.")
    if task.kind in ("choice", "prediction"):
        _check_options(lesson, task)
    if task.kind == "parsons":
        task.body["steps"] = {str(letter): text for letter, text in task.body["steps"].items()}
    task.text = f"# BEGIN SOLUTION\n{letters_of(task)}\n# END SOLUTION"


def _check_options(lesson: Lesson, task: Task) -> None:
    options = {str(letter): option for letter, option in task.body["options"].items()}
    task.body["options"] = options
    for letter, option in options.items():
        if not isinstance(option, dict) or not option.get("text") or not option.get("because"):
            raise lesson.error(
                task.line, f"option {letter} of `{task.name}` is not complete.", "Give it text: and because:."
            )
    if not any(option.get("right") for option in options.values()):
        raise lesson.error(task.line, f"`{task.name}` has no right option.", "Add `right: true` to one.")


def letters_of(task: Task) -> str:
    """The letters that solve a choice, a prediction or a Parsons problem."""
    if task.kind == "parsons":
        return str(task.body["solution"]).strip()
    return " ".join(letter for letter, option in task.body.get("options", {}).items() if option.get("right"))
