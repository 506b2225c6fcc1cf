"""Golden submissions: a class of students, each with a way to hand in the first lesson and the marks it must earn.

Every student is a function that takes the solved notebook and the path to hand in at, and writes there.
"""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from student import COURSE, full_marks

from graders.kernel.exercise import find_exercise

LESSON, OTHER = "01-start-here", "03-normalization"
FULL = full_marks(LESSON)
RIGHT = dict.fromkeys(FULL, "right")


@dataclass(frozen=True)
class Student:
    """How a student hands in, the scores and statuses that differ from full marks, and words the page must have."""

    hand_in: Callable[[nbformat.NotebookNode, Path], None]
    scores: dict[str, str]
    statuses: dict[str, str]
    page: str = ""


def _write(notebook: nbformat.NotebookNode, path: Path) -> None:
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


def _changed(
    change: Callable[[nbformat.NotebookNode], None],
) -> Callable[[nbformat.NotebookNode, Path], None]:
    def hand_in(notebook, path):
        notebook = copy.deepcopy(notebook)
        change(notebook)
        _write(notebook, path)

    return hand_in


def _answer_cell(notebook, exercise):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise}-answer")


def _answering(exercise: str, text: str):
    def change(notebook):
        _answer_cell(notebook, exercise).source = f"%%answer {exercise}\n{text}"

    return _changed(change)


def _move_to_the_end(notebook):
    cell = _answer_cell(notebook, "open-loans")
    notebook.cells.remove(cell)
    notebook.cells.append(cell)


def _delete_all_but_answers(notebook):
    kept = [cell for cell in notebook.cells if cell.source.startswith("%%answer")]
    notebook.cells[:] = kept


def _delete_an_answer(notebook):
    notebook.cells.remove(_answer_cell(notebook, "open-loans"))


def _paste_into_a_new_cell(notebook):
    cell = _answer_cell(notebook, "open-loans")
    notebook.cells[notebook.cells.index(cell)] = new_code_cell(cell.source)


def _duplicate_with_a_change(notebook):
    cell = copy.deepcopy(_answer_cell(notebook, "open-loans"))
    cell.source = "%%answer open-loans\nSELECT name FROM members"
    cell.id = "as-JupyterLab-names-a-copy"
    notebook.cells.insert(3, cell)


def _in_new_cells(place: int, metadata: bool):
    """Leave every stub as it was released, with the answers in other cells above (0) or below (1): Lab's copies."""

    def change(notebook):
        for name in FULL:
            cell = _answer_cell(notebook, name)
            copied = copy.deepcopy(cell)
            copied.id = f"as-lab-names-{name}"
            copied.metadata = copied.metadata if metadata else {}
            cell.source = find_exercise(name).stub
            notebook.cells.insert(notebook.cells.index(cell) + place, copied)

    return _changed(change)


def _with_magics_above(notebook):
    for name, above in zip(FULL, cycle(("%%time\n", "# mine\n%%capture out\n\n", "-- mine\n")), strict=False):
        cell = _answer_cell(notebook, name)
        cell.source = above + cell.source


def _split(notebook):
    """Lab's Split Cell: the last part keeps the id."""
    cell = _answer_cell(notebook, "open-loans")
    answer = copy.deepcopy(cell)
    answer.id = "as-lab-names-the-first-part"
    cell.source = "SELECT 'scratch'"
    notebook.cells.insert(notebook.cells.index(cell), answer)


def _turn_raw(notebook):
    _answer_cell(notebook, "open-loans").cell_type = "raw"


def _without_metadata(notebook, path):
    """As editors write it that know of no ids and metadata."""
    cells = [{"cell_type": cell.cell_type, "metadata": {}, "source": cell.source} for cell in notebook.cells]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": cells}))


def _beside_the_stub(notebook):
    """An answer in a cell without its magic line."""
    cell = _answer_cell(notebook, "open-loans")
    own = new_code_cell(cell.source.partition("\n")[2])
    cell.source = find_exercise("open-loans").stub
    notebook.cells.insert(notebook.cells.index(cell) + 1, own)


def _renamed(notebook, path):
    _write(notebook, path.with_name("My homework (1).ipynb"))


def _two_notebooks(notebook, path):
    for name in ("one.ipynb", "two.ipynb"):
        _write(notebook, path.with_name(name))


def _another_lesson(notebook, path):
    shutil.copy(COURSE.notebooks / OTHER / f"{OTHER}.ipynb", path)


def _no_lesson(notebook, path):
    _write(new_notebook(cells=[new_code_cell("print('my first notebook')")]), path)


def _old_edition(notebook, path):
    cells = [new_code_cell(f"%%answer start-here-{number}\na") for number in range(1, 5)]
    _write(new_notebook(cells=cells, metadata={"lesson": LESSON}), path)


def _blank(notebook):
    for cell in notebook.cells:
        if cell.source.startswith("%%answer"):
            cell.source = cell.source.splitlines()[0]


def _format_4_0(notebook, path):
    """A notebook of 2015: no cell ids."""
    cells = [{key: value for key, value in cell.items() if key != "id"} for cell in notebook.cells]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": cells}))


def _forge(notebook):
    """Change every check cell, its points, and the outputs, to claim more."""
    for cell in notebook.cells:
        if "start-here" in cell.get("source", "") and cell.source.startswith("check("):
            cell.source = "100"
            cell.metadata["nbgrader"]["points"] = 100
        if cell.source.startswith("%%answer open-loans"):
            cell.source = "%%answer open-loans\nSELECT 'x' AS name"


def _format_3(notebook, path):
    cells = [
        {"cell_type": c.cell_type, "input": c.source, "source": c.source, "metadata": c.metadata}
        for c in notebook.cells
    ]
    path.write_text(json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}))


def _broken(notebook, path):
    path.write_text(nbformat.writes(notebook)[:-200], encoding="utf-8")


def _nothing(notebook, path):
    """The folder is there and the notebook is not."""


LOOP = "def days_late(due, returned):\n    while True:\n        pass"
EXIT = "import os\ndef days_late(due, returned):\n    os._exit(0)"
FLOOD = "def days_late(due, returned):\n    return 'x' * 100_000_000"
PRINTS = (
    "print('x' * 100_000_000)\ndef days_late(due, returned):\n"
    "    return None if returned is None else max(0, (returned - due).days)"
)
SCRIPT = "def days_late(due, returned):\n    return '<script>alert(1)</script>'"

OTHER_FORM = "SELECT name FROM members WHERE member_id IN (SELECT member_id FROM loans WHERE returned_on IS NULL)"
TWICE = "SELECT m.name FROM members m JOIN loans l USING (member_id) WHERE l.returned_on IS NULL"

STUDENTS = {
    "all-right": Student(_write, {}, {}),
    "other-form": Student(_answering("open-loans", OTHER_FORM), {}, {}),
    "blank": Student(_changed(_blank), dict.fromkeys(FULL, "0"), dict.fromkeys(FULL, "not attempted"), "(blank)"),
    "misconception": Student(
        _answering("open-loans", TWICE),
        {"open-loans": "0"},
        {"open-loans": "wrong"},
        "Which members stand in the list twice?",
    ),
    "half-right": Student(
        _answering("days-late", "def days_late(due, returned):\n    return max(0, (returned - due).days)"),
        {"days-late": "1.33"},
        {"days-late": "partly right"},
    ),
    "syntax-error": Student(
        _answering("days-late", "def days_late(due, returned)\n    return 0"),
        {"days-late": "0"},
        {"days-late": "wrong"},
        "in line 2 of your cell",
    ),
    "format-4.0": Student(_format_4_0, {}, {}),
    "moved-cell": Student(_changed(_move_to_the_end), {}, {}),
    "only-answers": Student(_changed(_delete_all_but_answers), {}, {}),
    "pasted-cell": Student(_changed(_paste_into_a_new_cell), {}, {}),
    "format-3": Student(_format_3, {}, {}),
    "deleted-cell": Student(
        _changed(_delete_an_answer),
        {"open-loans": "0"},
        {"open-loans": "not attempted"},
        "Note: open-loans: the answer cell is missing",
    ),
    "duplicated-cell": Student(
        _changed(_duplicate_with_a_change), {}, {}, "2 cells answer it, and they differ; the last one"
    ),
    "forger": Student(_changed(_forge), {"open-loans": "0"}, {"open-loans": "wrong"}),
    "endless-loop": Student(
        _answering("days-late", LOOP),
        {"days-late": "0"},
        {"days-late": "wrong"},
        "it was still running",
    ),
    "exits": Student(
        _answering("days-late", EXIT),
        {"days-late": "0"},
        {"days-late": "wrong"},
        "it ended the Python process it ran in",
    ),
    "floods": Student(
        _answering("days-late", FLOOD),
        {"days-late": "0"},
        {"days-late": "wrong"},
        "more than 5 million characters",
    ),
    "prints": Student(_answering("days-late", PRINTS), {}, {}),
    "script": Student(
        _answering("days-late", SCRIPT),
        {"days-late": "0"},
        {"days-late": "wrong"},
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ),
    "endless-query": Student(
        _answering(
            "open-loans",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS name FROM n",
        ),
        {"open-loans": "0"},
        {"open-loans": "wrong"},
        "cut off after 50,000,000 steps",
    ),
}
STUDENTS |= {
    f"copied-{'below' if place else 'above'}-{'with' if metadata else 'without'}-metadata": Student(
        _in_new_cells(place, metadata), {}, {}
    )
    for place in (0, 1)
    for metadata in (True, False)
}
STUDENTS |= {
    "magics-above": Student(_changed(_with_magics_above), {}, {}),
    "split-cell": Student(_changed(_split), {}, {}, "SELECT &#39;scratch&#39;"),
    "turned-raw": Student(_changed(_turn_raw), {}, {}),
    "no-metadata": Student(_without_metadata, {}, {}),
    "block-comment": Student(_answering("open-loans", f"{OTHER_FORM};\n/* done */"), {}, {}),
    "open-comment": Student(_answering("open-loans", f"{OTHER_FORM}; /* done"), {}, {}),
    "renamed": Student(_renamed, {}, {}, "Note: the notebook was handed in as My homework (1).ipynb"),
    "beside-the-stub": Student(
        _changed(_beside_the_stub),
        {"open-loans": "0"},
        {"open-loans": "not attempted"},
        "Found in another cell, and not read by the grader",
    ),
}
BROKEN = {
    "another-lesson": (
        _another_lesson,
        f"unreadable: it is the notebook of {OTHER}, and lies in the folder of {LESSON}",
    ),
    "no-lesson": (_no_lesson, "unreadable: it is no notebook of this course: no cell in it answers an exercise"),
    "old-edition": (
        _old_edition,
        "unreadable: what it answers (start-here-1, start-here-2, start-here-3) is no exercise of 01-start-here: "
        "it may be of another edition",
    ),
    "two-notebooks": (
        _two_notebooks,
        "unreadable: its folder holds 2 notebooks of this lesson (one.ipynb, two.ipynb): leave one there",
    ),
    "broken-json": (_broken, "unreadable: not a notebook: its JSON is broken"),
    "empty-folder": (
        _nothing,
        f"unreadable: there is no {LESSON}.ipynb in its folder, which holds nothing: rename it, or ask for it",
    ),
}
