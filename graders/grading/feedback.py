"""Writes the page that a student gets back: marks, their own answers as plain text, and the reports."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from nbformat import NotebookNode

from graders.figures.report import report_html
from graders.grading.files import write_whole
from graders.grading.marker import Marker
from graders.grading.submissions import Marked, shown

TEMPLATES = Environment(loader=PackageLoader("graders", "grading"), autoescape=True)


def feedback_page(marked: Marked, marker: Marker | None) -> str:
    """The feedback on one submission as one HTML file without scripts or anything from the network."""
    rows = _rows(marked, marker) if marker and not marked.reason else []
    by_hand = sum(row["points"] for row in rows if row["by_hand"])
    return TEMPLATES.get_template("feedback.html").render(
        title=marker.lesson.front["title"] if marker else shown(marked.submission.lesson),
        student=shown(marked.submission.student),
        score=sum(report.confirmed_score for report in marked.reports.values()),
        points=sum(row["points"] for row in rows) - by_hand,
        by_hand=by_hand,
        reason=marked.reason,
        ours=marked.ours,
        odd=marked.answers.odd,
        rows=rows,
    )


def _rows(marked: Marked, marker: Marker) -> list[dict]:
    return [_row(marked, name, marker) for name in marker.exercises]


def _row(marked: Marked, name: str, marker: Marker) -> dict:
    exercise, report = marker.exercises[name], marked.reports.get(name)
    return {
        "name": name,
        "title": exercise.title,
        "points": exercise.points,
        "status": report.status if report else "read by a person",
        "score": f"{report.confirmed_score:g}" if report else "…",
        "text": marked.answers.texts.get(name, ""),
        "saved": _saved(marked.answers.outputs.get(name, [])),
        "report": Markup(report_html(report)) if report else "",
        "by_hand": report is None,
    }


def _saved(outputs: list[NotebookNode]) -> dict[str, list[str]]:
    """Cleaned outputs as texts and as pictures in base64."""
    return {
        "texts": [output.text for output in outputs if "text" in output],
        "pictures": [output.data["image/png"] for output in outputs if "data" in output],
    }


def write_feedback(folder: Path, marked: Marked, marker: Marker | None) -> Path:
    """Write the page of one submission to `folder/<student>/<lesson>.html`."""
    path = folder / marked.submission.student / f"{marked.submission.lesson}.html"
    write_whole(path, feedback_page(marked, marker))
    return path
