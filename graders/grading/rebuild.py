"""Rebuilds a submission from the instructor's own copy: only the text of the answer cells comes from the student."""

from __future__ import annotations

import re
from collections.abc import Mapping

import nbformat

from graders.course.answer_cells import MAGIC
from graders.figures.report import report_html
from graders.grading.marker import Marker
from graders.grading.saved_outputs import labelled
from graders.kernel.report import Report


def rebuilt(
    marker: Marker,
    texts: dict[str, str],
    reports: dict[str, Report],
    saved: Mapping[str, list[nbformat.NotebookNode]] | None = None,
    *,
    for_people: bool = True,
) -> nbformat.NotebookNode:
    """The lesson's notebook with the answers `texts` in it, and `reports` as the output of the check cells.

    `saved` are cleaned outputs that go below the answers, with a line that says what they are. `for_people` shows
    prose as the text it is: rendered as Markdown it could run scripts and fetch things.
    """
    notebook = marker.source()
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id", "").removesuffix("-answer")
        if marks.get("solution"):
            cell.source = _answer_source(cell, name, texts.get(name, ""), for_people)
            if cell.cell_type == "code":
                cell.outputs = labelled((saved or {}).get(name, []))
        elif marks.get("grade") and name in reports:
            cell.outputs = [report_output(reports[name])]
    return notebook


def _answer_source(cell: nbformat.NotebookNode, name: str, text: str, for_people: bool) -> str:
    if cell.cell_type == "code":
        return f"{MAGIC}{name}\n{text}"
    return as_plain_text(text) if for_people and text else text


def as_plain_text(text: str) -> str:
    """Markdown that shows `text` letter by letter: a fence that nothing in it can close."""
    longest = max(map(len, re.findall(r"~+", text)), default=0)
    fence = "~" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def report_output(report: Report) -> nbformat.NotebookNode:
    """`report` as the output of a check cell: the score for nbgrader, the rest for people."""
    data = {"text/plain": f"{report.confirmed_score:g}", "text/html": report_html(report)}
    output = {"output_type": "execute_result", "data": data, "execution_count": None, "metadata": {}}
    return nbformat.from_dict(output)
