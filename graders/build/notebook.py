"""Makes the source notebook of a lesson: every cell with its id and nbgrader's metadata, solutions still inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from graders.course.answer_cells import MAGIC
from graders.course.lesson import BEGIN, END, Lesson, Task
from graders.course.markdown import Fence
from graders.course.minutes import shown_minutes, workload_of

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WRITTEN = ("sql", "python", "javascript", "java", "shell")
SET_UP = "%load_ext graders"
RECALL_LINES = "\n".join(f"{number}:" for number in range(1, 5))
RUN_FIRST = (
    "**Run the next cell first**, and again whenever the kernel was restarted: click into it and press "
    "**Shift+Enter**. It brings `check`, `hint` and the scratch databases."
)
CONTENTS, HAND_IN = "../contents.ipynb", "hand_in()"
SCHEMA_VERSION = 3


def source_notebook(lesson: Lesson, following: tuple[str, str] | None = None) -> nbformat.NotebookNode:
    """The lesson as a notebook for nbgrader's `generate_assignment`; equal lessons give equal notebooks.

    `following` is the id and the title of the lesson after it, to which the last cell leads.
    """
    cells = [_read_only(new_markdown_cell(_head(lesson)), "head")]
    cells.append(_read_only(new_code_cell(SET_UP), "set-up"))
    if lesson.front.get("recall", True):
        cells.append(_plain(new_code_cell(f'recall("{lesson.name}")'), "recall"))
        cells.append(_plain(new_code_cell(f"%%recall {lesson.name}\n{RECALL_LINES}"), "recall-answers"))
    number = 0
    for part in lesson.parts:
        for piece, after in zip(part.pieces, [*part.pieces[1:], None], strict=True):
            number += 1
            cells += _task_cells(piece) if isinstance(piece, Task) else _shown(piece, after, number)
    cells.append(_plain(new_code_cell(HAND_IN), "hand-in"))
    cells.append(_plain(new_markdown_cell(_way_on(following)), "way-on"))
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}, "lesson": lesson.id}
    return new_notebook(cells=cells, metadata=metadata)


def contents_notebook(before: str, code: str, after: str) -> nbformat.NotebookNode:
    """A notebook that is no lesson: one cell of code between two of prose."""
    cells = [new_markdown_cell(before), new_code_cell(code), new_markdown_cell(after)]
    named = [_plain(cell, name) for cell, name in zip(cells, ("head", "where-to-go-on", "lessons"), strict=True)]
    return new_notebook(cells=named, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}})


def _head(lesson: Lesson) -> str:
    front = lesson.front
    objectives = "\n".join(f"* {goal['can']} ({_numbers(lesson, goal['by'])})" for goal in front["objectives"])
    engines = ", ".join(front.get("engines", []))
    lines = [f"# {front['title']}", f"*About {_minutes(lesson)}*" + (f" · {engines}" if engines else "")]
    lines += [f"After this lesson you can\n\n{objectives}", f"**You need:** {front['prerequisites']}"]
    lines += [f"**Not in this lesson:** {front['out_of_scope']}", RUN_FIRST]
    return "\n\n".join(lines)


def _way_on(following: tuple[str, str] | None) -> str:
    """Links to the lesson that follows and to the contents."""
    onward = f"Next: [{following[1]}](../{following[0]}/{following[0]}.ipynb) · " if following else ""
    return f"{onward}[All lessons]({CONTENTS})"


def _minutes(lesson: Lesson) -> str:
    """The minutes of the main path, and of what is *further*, to the next five."""
    load = workload_of(lesson)
    more = f", and {shown_minutes(load.further_minutes)} for what is marked *further*" if load.further_minutes else ""
    return f"{shown_minutes(load.minutes)} minutes{more}"


def _numbers(lesson: Lesson, names: list[str]) -> str:
    """The exercises called `names`, by their numbers: "exercises 1, 4"."""
    numbers = ", ".join(str(lesson.tasks[name].number) for name in names)
    return f"exercise{'s' * (len(names) > 1)} {numbers}"


def _shown(piece: Fence, following: Fence | Task | None, number: int) -> Iterator[nbformat.NotebookNode]:
    if not piece.is_prose:
        magic = "%%sql\n" if piece.language == "sql" else ""
        yield _plain(new_code_cell(magic + piece.text), f"demo-{number:03}")
        return
    prose = _numbered(piece.text, following) if isinstance(following, Task) else piece.text
    for part, text in enumerate(_sections(prose), start=1):
        yield _plain(new_markdown_cell(text), f"prose-{number:03}-{part}")


def _numbered(prose: str, task: Task) -> str:
    """`prose` with the exercise's number before its title, which is the last heading."""
    before, title, after = prose.rpartition(f"# {task.title}")
    return f"{before}# {task.heading}{after}" if title else prose


def _sections(text: str) -> list[str]:
    """Prose cut before each heading, so that a notebook can fold it."""
    lines = text.splitlines()
    starts = [t.map[0] for t in MarkdownIt().parse(text) if t.type == "heading_open" and not t.level and t.map]
    cuts = sorted({0, *starts, len(lines)})
    parts = ["\n".join(lines[a:b]).strip() for a, b in zip(cuts, cuts[1:], strict=False)]
    return [part for part in parts if part]


def _task_cells(task: Task) -> Iterator[nbformat.NotebookNode]:
    if task.kind == "prose":
        yield _nbgrader(new_markdown_cell(_rubric(task)), f"{task.name}-rubric", locked=True)
        sample = f"{BEGIN}\n{task.body['sample']}\n{END}"
        yield _nbgrader(new_markdown_cell(sample), task.name, grade=True, solution=True, points=task.points)
        return
    if task.has_options:
        yield _plain(new_markdown_cell(options_markdown(task)), f"{task.name}-options")
    answer = new_code_cell(f"{MAGIC}{task.name}\n{task.text}")
    answer.metadata["answer_kind"] = task.kind if task.kind in WRITTEN else "letters"
    yield _nbgrader(answer, f"{task.name}-answer", solution=True)
    check = new_code_cell(f'check("{task.name}")')
    yield _nbgrader(check, task.name, grade=True, locked=True, points=task.points)


def _rubric(task: Task) -> str:
    rubric = "\n".join(f"* {line}" for line in task.body["rubric"])
    return (
        f"*Write your answer in the cell below ({task.points:g} points, read by a person).*\n\n"
        f"### BEGIN MARK SCHEME\n{rubric}\n### END MARK SCHEME"
    )


def options_markdown(task: Task) -> str:
    """The letters of a choice, or the steps to bring into an order, as the notebook shows them."""
    if task.kind == "parsons":
        steps = (f"**{letter}**\n\n~~~sql\n{text.rstrip()}\n~~~" for letter, text in task.body["steps"].items())
        return "\n\n".join(steps)
    return "\n".join(f"* **{letter}** {option['text']}" for letter, option in task.body["options"].items())


def _nbgrader(
    cell, grade_id: str, *, grade: bool = False, solution: bool = False, locked: bool = False, points: float = 0
):
    marks = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": SCHEMA_VERSION,
        "solution": solution,
        "task": False,
    }
    cell.metadata["nbgrader"] = {**marks, "points": points} if grade else marks
    return _plain(cell, re.sub(r"[^a-zA-Z0-9_-]", "-", grade_id))


def _read_only(cell, name: str):
    return _nbgrader(cell, name, locked=True)


def _plain(cell, name: str):
    cell.id = name
    return cell


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write `notebook` so that equal notebooks are equal byte for byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
