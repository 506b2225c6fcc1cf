"""Golden submissions: a class of students, each with a way to hand in the first lesson and the marks it must earn.

Every student is a function that takes the solved notebook and the path to hand in at, and writes there.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell
from student import full_marks

LESSON = "01-start-here"
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
        _changed(_duplicate_with_a_change), {}, {}, "2 cells answer it; the one in its old place was read"
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
BROKEN = {
    "broken-json": (_broken, "unreadable: not a notebook: its JSON is broken"),
    "empty-folder": (
        _nothing,
        f"unreadable: there is no {LESSON}.ipynb in its folder, which holds nothing: rename it, or ask for it",
    ),
}
