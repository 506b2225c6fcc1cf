"""Rebuilds a submission from the instructor's own copy: only the text of the answer cells comes from the student."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_output

from graders.answers import MAGIC
from graders.drawing.report import report_html
from graders.grading.marker import Marker
from graders.report import Report


def rebuilt(marker: Marker, texts: dict[str, str], reports: dict[str, Report]) -> nbformat.NotebookNode:
    """The lesson's notebook with the answers `texts` in it, and `reports` as the output of the check cells."""
    notebook = marker.source()
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        name = marks.get("grade_id", "").removesuffix("-answer")
        if marks.get("solution"):
            cell.source = _answer_source(cell, name, texts.get(name, ""))
        elif marks.get("grade") and name in reports:
            cell.outputs = [report_output(reports[name])]
    return notebook


def _answer_source(cell: nbformat.NotebookNode, name: str, text: str) -> str:
    return f"{MAGIC}{name}\n{text}" if cell.cell_type == "code" else text


def report_output(report: Report) -> nbformat.NotebookNode:
    """`report` as the output of a check cell: the score for nbgrader, the rest for people."""
    data = {"text/plain": f"{report.score:g}", "text/html": report_html(report)}
    return new_output("execute_result", data=data, execution_count=None)
