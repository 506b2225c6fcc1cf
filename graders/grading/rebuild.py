"""Rebuilds a submission from the instructor's own copy: from the student come only the texts of the answer cells.

What the student saved below an answer, and what was found elsewhere and not read, is shown to people, as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from graders.course.answer_cells import MAGIC, Answers
from graders.figures.report import report_html
from graders.grading.saved_outputs import clean_text, label_outputs
from graders.kernel.report import Report

UNREAD = "Found in another cell, and not read by the grader:\n"


def rebuild_notebook(
    notebook: NotebookNode,
    answers: Answers,
    reports: dict[str, Report],
    notes: Sequence[str] = (),
    *,
    for_people: bool = True,
) -> NotebookNode:
    """Put `answers` into `notebook`, a fresh copy of the instructor's, and `reports` below the check cells.

    The outputs in `answers`, which were cleaned, and what was not read go below each answer, with a line that says
    what they are; `notes` go to the top. `for_people` shows prose as the text it is: rendered as Markdown it could run
    scripts and fetch things.
    """
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        name = role.get("grade_id", "").removesuffix("-answer")
        if role.get("solution"):
            cell.source = _answer_source(cell, name, answers.texts.get(name, ""), for_people)
            if cell.cell_type == "code":
                cell.outputs = [*label_outputs(answers.outputs.get(name) or []), *_unread(answers, name)]
        elif role.get("grade") and name in reports:
            cell.outputs = [report_output(reports[name])]
    notebook.cells[:0] = [_note_cell(notes)] if notes else []
    return notebook


def _answer_source(cell: NotebookNode, name: str, text: str, for_people: bool) -> str:
    if cell.cell_type == "code":
        return f"{MAGIC}{name}\n{text}"
    return fence_text(text) if for_people and text else text


def _unread(answers: Answers, name: str) -> list[NotebookNode]:
    """What may be an answer too, as outputs."""
    return [
        new_output("stream", name="stdout", text=UNREAD + clean_text(text)) for text in answers.unread.get(name, [])
    ]


def _note_cell(notes: Sequence[str]) -> NotebookNode:
    cell = new_markdown_cell("**About this submission**\n\n" + fence_text("\n".join(notes)))
    cell.id = "about-this-submission"
    return cell


def fence_text(text: str) -> str:
    """Markdown that shows `text` letter by letter: a fence that nothing in it can close."""
    longest = max(map(len, re.findall(r"~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def unmarked_output() -> NotebookNode:
    """The output of a check cell in a submission that was not marked: no points for nbgrader, a sentence for people."""
    data = {"text/plain": "0", "text/html": "<p>Not marked: see the top of this notebook.</p>"}
    return nbformat.from_dict({"output_type": "execute_result", "data": data, "execution_count": None, "metadata": {}})


def report_output(report: Report) -> NotebookNode:
    """`report` as the output of a check cell: the score for nbgrader, the rest for people."""
    data = {"text/plain": f"{report.confirmed_score:g}", "text/html": report_html(report)}
    output = {"output_type": "execute_result", "data": data, "execution_count": None, "metadata": {}}
    return nbformat.from_dict(output)
