"""Makes classes of submissions to measure with: answers as students give them, the same from a fixed seed."""

from __future__ import annotations

import copy
import random
from pathlib import Path

from nbformat import NotebookNode

from graders.build.notebook import source_notebook, write_notebook
from graders.course.answer_cells import MAGIC
from graders.course.lesson import Lesson, Task

# Of ten answers six are right in the lesson's words, three are one of its other foreseen answers, one is blank.
AS_THE_SOLUTION, FORESEEN, BLANK = 6, 3, 1
COMMENTS = {"sql": "--", "python": "#"}


def hand_in(lesson: Lesson, folder: Path, students: int, *, distinct: bool) -> None:
    """Write the notebooks of a class to `folder/<student>/<lesson>/`.

    With `distinct` every answer that is a text also gets a comment and spacing of its student's own, so that
    nothing can be judged once for many.
    """
    notebook, rng = source_notebook(lesson), random.Random(lesson.id)
    for number in range(students):
        made = copy.deepcopy(notebook)
        for cell in made.cells:
            _answer(cell, lesson, rng, number if distinct else None)
        write_notebook(made, folder / f"s{number:04}" / lesson.id / f"{lesson.id}.ipynb")


def _answer(cell: NotebookNode, lesson: Lesson, rng: random.Random, number: int | None) -> None:
    words = cell.source.partition("\n")[0].split()
    if words[:1] != [MAGIC.strip()]:
        return
    task = lesson.tasks[words[1]]
    text = _drawn(task, rng)
    if number is not None and text and task.kind in COMMENTS:
        text += f"{' ' * (number % 7)}\n{COMMENTS[task.kind]} by student {number}"
    cell.source = f"{MAGIC}{task.name}\n{text}"


def _drawn(task: Task, rng: random.Random) -> str:
    foreseen = [*task.wrong, *task.right]
    (kind,) = rng.choices(["solution", "foreseen", "blank"], [AS_THE_SOLUTION, FORESEEN, BLANK])
    if kind == "blank":
        return ""
    return rng.choice(foreseen).text if kind == "foreseen" and foreseen else task.solution
