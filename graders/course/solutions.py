"""The file that makes a self-study edition of the class edition: for each exercise a solution, and why it is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graders.kernel.exercise import seal, unseal

if TYPE_CHECKING:
    from graders.course.lesson import Lesson, Task

FILE = "solutions.json"


@dataclass(frozen=True)
class Solution:
    """An answer that earns full marks, or a sample where a person reads it, and the sentences that say why."""

    text: str
    because: tuple[str, ...] = ()


def solution_of(task: Task) -> Solution:
    """The solution of `task`, with the reason that the lesson gives, in its YAML or in a `because=` fence."""
    if task.kind == "prose":
        paragraphs = re.split(r"\n\s*\n", str(task.body["sample"]).strip())
        sample = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
        return Solution(sample, tuple(map(str, task.body["rubric"])))
    options: dict[str, Any] = task.body.get("options", {})
    if options:
        signs = {letter: "✓" if option.get("right") else "✗" for letter, option in options.items()}
        said = tuple(f"{signs[letter]} {letter}: {option['because']}" for letter, option in options.items())
        return Solution(task.solution, said)
    return Solution(task.solution.strip(), tuple(filter(None, [task.because])))


def write_solutions(lessons: Iterable[Lesson], path: Path) -> Path:
    """Write the solution of every exercise of `lessons` to `path`, sealed so that nobody reads one by accident."""
    tasks = [task for lesson in lessons for task in lesson.tasks.values()]
    sealed = {task.name: seal(json.dumps(asdict(solution_of(task))), task.name, FILE) for task in tasks}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sealed, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path


def read_solution(path: Path, name: str) -> Solution | None:
    """The solution of the exercise called `name` in the file at `path`; None if it has none."""
    sealed = json.loads(path.read_text(encoding="utf-8")).get(name)
    if sealed is None:
        return None
    plain = json.loads(unseal(sealed, name, FILE))
    return Solution(plain["text"], tuple(plain["because"]))
