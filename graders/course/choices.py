"""Reads the exercises whose fence is YAML: choices, predictions, Parsons problems and prose questions."""

from __future__ import annotations

from collections.abc import Iterator

from graders.course.faults import FaultList
from graders.course.lesson import Task

NEEDED = {
    "choice": ("options",),
    "prediction": ("options",),
    "parsons": ("steps", "solution"),
    "prose": ("rubric", "sample"),
}


def read_yaml_body(task: Task) -> None:
    """Check the YAML body of `task` and write its solution as the text of an answer cell."""
    faults = FaultList(task.place.fault(*words) for words in _faults(task))
    faults.raise_any()
    for lettered in ("steps", "options"):
        if lettered in task.body:
            task.body[lettered] = {str(letter): value for letter, value in task.body[lettered].items()}
    task.text = f"# BEGIN SOLUTION\n{letters_of(task)}\n# END SOLUTION"


def _faults(task: Task) -> Iterator[tuple[str, str]]:
    """What is wrong with the body of `task`, and the remedy."""
    if task.kind not in NEEDED:
        yield f"`{task.name}` has no kind.", f"Add kind= and one of {', '.join(NEEDED)}."
        return
    missing = [part for part in NEEDED[task.kind] if not task.body.get(part)]
    yield from ((f"`{task.name}` lacks `{part}:`.", f"Add `{part}:` to its YAML.") for part in missing)
    if task.kind in ("choice", "prediction") and not missing:
        yield from _option_faults(task)


def _option_faults(task: Task) -> Iterator[tuple[str, str]]:
    options = task.body["options"]
    if not isinstance(options, dict):
        yield f"the options of `{task.name}` have no letters.", "Write `a:`, `b:` and so on below `options:`."
        return
    for letter, option in options.items():
        if not isinstance(option, dict) or not option.get("text") or not option.get("because"):
            yield f"option {letter} of `{task.name}` is not complete.", "Give it text: and because:."
    if not any(isinstance(option, dict) and option.get("right") for option in options.values()):
        yield f"`{task.name}` has no right option.", "Add `right: true` to one."


def letters_of(task: Task) -> str:
    """The letters that solve a choice, a prediction or a Parsons problem."""
    if task.kind == "parsons":
        return str(task.body["solution"]).strip()
    return " ".join(letter for letter, option in task.body.get("options", {}).items() if option.get("right"))
