"""The catalogue of misconceptions: named mistakes, with the literature that describes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.course.faults import Fault, FaultList, Place
from graders.course.lesson import Lesson, Task
from graders.course.markdown import read_yaml

FILE = "misconceptions.yml"
GROUPS = ("previous knowledge", "generalization", "language", "mental model", "design", "attention")
"""The first four are those of Miedema, Aivaloglou and Fletcher (ICER 2021)."""


@dataclass(frozen=True)
class Misconception:
    """A mistake that people make for a reason: what they believe, the kind of reason, and who describes it."""

    id: str
    belief: str
    group: str
    source: str = "this course"


def read_misconceptions(folder: Path) -> dict[str, Misconception]:
    """The catalogue in `folder` by id, empty if there is none; raise `LessonError` with everything wrong in it."""
    path = folder / FILE
    if not path.is_file():
        return {}
    plain = read_yaml(Place(path), path.read_text(encoding="utf-8"))
    faults = FaultList(fault for name, entry in plain.items() for fault in _faults(Place(path), name, entry))
    faults.raise_any()
    return {name: Misconception(name, **entry) for name, entry in plain.items()}


def _faults(place: Place, name: str, entry: object) -> Iterator[Fault]:
    if not isinstance(entry, dict) or not {"belief", "group"} <= set(entry) <= {"belief", "group", "source"}:
        yield place.fault(f"`{name}` is not complete.", "Give it belief:, group: and, if there is one, source:.")
    elif entry["group"] not in GROUPS:
        yield place.fault(f"`{name}` has no known group.", f"Known: {', '.join(GROUPS)}.")


def misconceptions_of(task: Task) -> set[str]:
    """The ids of the misconceptions that the wrong answers to `task` show."""
    options = task.body.get("options", {}).values()
    named = [option.get("misconception", "") for option in options] + [wrong.misconception for wrong in task.wrong]
    return {name for name in named if name}


def misconception_behind(task: Task, hint: str) -> str:
    """The id of the misconception of a wrong answer, or an option, that must meet `hint`; empty if none is known."""
    shows = [(wrong.says, wrong.misconception) for wrong in task.wrong]
    options = task.body.get("options", {}).values()
    shows += [(option["because"], option.get("misconception", "")) for option in options]
    return next((name for words, name in shows if name and words and words in hint), "")


def unknown_misconceptions(lesson: Lesson, catalogue: Mapping[str, Misconception]) -> Iterator[Fault]:
    """A fault for each wrong answer in `lesson` that names no misconception of the `catalogue`."""
    remedy = f"Add misconception= with an id from lessons/{FILE}, or add one there."
    for task in lesson.tasks.values():
        for wrong in task.wrong:
            if wrong.misconception not in catalogue:
                named = f"`{wrong.misconception}`, which is not in the catalogue" if wrong.misconception else "nothing"
                yield wrong.place.fault(f"this wrong answer to `{task.name}` shows {named}.", remedy)
        for name in sorted(misconceptions_of(task) - set(catalogue) - {wrong.misconception for wrong in task.wrong}):
            yield task.place.fault(f"an option of `{task.name}` shows `{name}`, which is not in the catalogue.", remedy)


def misconceptions_page(lessons: Sequence[Lesson], catalogue: Mapping[str, Misconception]) -> str:
    """The page for docs/: every misconception with its source and the exercises whose wrong answers show it."""
    lines = [
        "# Misconceptions",
        "",
        "What the wrong answers in this course show. The groups *previous knowledge*, *generalization*, *language* and",
        "*mental model* are those of Miedema, Aivaloglou and Fletcher (Identifying SQL Misconceptions of Novices, ICER",
        "2021); *design* and *attention* are ours. `make build` writes this page from `lessons/`.",
    ]
    for group in GROUPS:
        members = [one for one in catalogue.values() if one.group == group]
        lines += ["", f"## {group.capitalize()}", "", "| id | what the student believes | source | exercises |"]
        lines += ["|---|---|---|---|", *(_row(one, lessons) for one in members)]
    return "\n".join(lines) + "\n"


def _row(one: Misconception, lessons: Sequence[Lesson]) -> str:
    meeting = [task.name for lesson in lessons for task in lesson.tasks.values() if one.id in misconceptions_of(task)]
    return f"| `{one.id}` | {one.belief} | {one.source} | {', '.join(meeting)} |"
