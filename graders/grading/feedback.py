"""Writes the page that a student gets back: scores, their own answers as plain text, and the reports."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from nbformat import NotebookNode

from graders.figures.report import describe_reports, report_html
from graders.grading.lesson_grader import LessonGrader
from graders.grading.submissions import GradedSubmission
from graders.kernel.exercise import Exercise
from graders.kernel.readable import to_one_line

TEMPLATES = Environment(loader=PackageLoader("graders", "grading"), autoescape=True)


def feedback_page(graded: GradedSubmission, grader: LessonGrader | None) -> str:
    """The feedback on one submission as one HTML file without scripts or anything from the network."""
    rows = [_row(graded, exercise) for exercise in grader.exercises.values()] if grader and not graded.reason else []
    return TEMPLATES.get_template("feedback.html").render(
        title=grader.lesson.front["title"] if grader else to_one_line(graded.submission.lesson),
        student=to_one_line(graded.submission.student),
        total=describe_reports(
            [(grader.exercises[name], one) for name, one in graded.reports.items()] if grader else []
        ),
        by_hand=sum(row["exercise"].points for row in rows if row["by_hand"] and not row["exercise"].further),
        reason=graded.reason,
        our_fault=graded.our_fault,
        odd=graded.answers.remarks,
        rows=rows,
    )


def _row(graded: GradedSubmission, exercise: Exercise) -> dict[str, Any]:
    report = graded.reports.get(exercise.name)
    return {
        "exercise": exercise,
        "status": report.status if report else "read by a person",
        "score": f"{report.confirmed_score:g}" if report else "…",
        "text": graded.answers.texts.get(exercise.name, ""),
        "saved": _saved_outputs(graded.answers.outputs.get(exercise.name) or []),
        "unread": graded.answers.unread.get(exercise.name, []),
        "report": Markup(report_html(report)) if report else "",
        "by_hand": report is None,
    }


def _saved_outputs(outputs: list[NotebookNode]) -> dict[str, list[str]]:
    """Cleaned outputs as texts and as pictures in base64."""
    return {
        "texts": [output.text for output in outputs if "text" in output],
        "pictures": [output.data["image/png"] for output in outputs if "data" in output],
    }
