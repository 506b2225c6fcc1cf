"""Draws the page that a student gets back, also later, from the notebook that grading has rebuilt."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from jinja2 import Environment, PackageLoader
from markdown_it import MarkdownIt
from markupsafe import Markup
from nbformat import NotebookNode, from_dict

from graders.build.notebook import options_markdown
from graders.course.answer_cells import Answers
from graders.figures.report import describe_scores, report_html
from graders.grading.counted_lesson import CountedLesson, count_lesson
from graders.grading.grades import format_score
from graders.grading.hand_marks import HandMark
from graders.grading.judge_requests import report_from_json, report_to_json
from graders.grading.lesson_grader import LessonGrader
from graders.grading.submissions import GradedSubmission, Submission
from graders.kernel.exercise import Exercise
from graders.kernel.readable import describe_points, quantity, to_one_line
from graders.term.term import Term

TEMPLATES = Environment(
    loader=PackageLoader("graders", "grading"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters |= {"to_one_line": to_one_line, "quantity": quantity}
# Where a rebuilt notebook keeps what its page of feedback is drawn from.
GRADED = "graded"
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def feedback_page(
    graded: GradedSubmission,
    grader: LessonGrader | None,
    by_hand: Mapping[str, HandMark] | None = None,
    term: Term | None = None,
    penalty: float = 0.0,
) -> str:
    """The feedback on one submission as one HTML file without scripts or anything from the network.

    `by_hand` are the marks and comments that a person gave, by exercise; such a mark goes before that of the claims.
    The lesson is counted as the exports count it, by the course file of `term` or with nbgrader's own `penalty`.
    """
    marks = by_hand or {}
    exercises = list(grader.exercises.values()) if grader and not graded.reason else []
    rows = [_row(graded, grader, exercise, marks.get(exercise.name, HandMark())) for exercise in exercises]
    earned = {row["exercise"].name: row["earned"] for row in rows}
    counted = count_lesson(graded.submission, exercises, earned, term, penalty)
    return TEMPLATES.get_template("feedback.html").render(
        title=grader.lesson.front["title"] if grader else to_one_line(graded.submission.lesson),
        student=to_one_line(graded.submission.student),
        reason=graded.reason,
        our_fault=graded.our_fault,
        odd=graded.answers.remarks,
        rows=[_count_row(row, counted) for row in rows],
        **_total(counted, earned),
    )


def _total(counted: CountedLesson, earned: Mapping[str, float | None]) -> dict[str, Any]:
    """What the exercises that count come to, and the mark that is left where points are lost for being late."""
    scores = [(exercise, earned[name]) for name, exercise in counted.exercises.items()]
    decided = [(exercise, score) for exercise, score in scores if score is not None]
    points = math.fsum(exercise.points for exercise, _ in decided if not exercise.further)
    return {
        "total": describe_scores(decided),
        "by_hand": math.fsum(one.points for one, score in scores if score is None and not one.further),
        "lateness": counted.lateness,
        "lost": format_score(counted.lost) if counted.lost else "",
        "mark": describe_points(format_score(counted.mark), f"{points:g}"),
    }


def _count_row(row: dict[str, Any], counted: CountedLesson) -> dict[str, Any]:
    """`row` with its exercise as it counts in this term, if it does."""
    exercise = counted.exercises.get(row["exercise"].name)
    return row | {"exercise": exercise or row["exercise"], "counts": exercise is not None}


def _row(
    graded: GradedSubmission, grader: LessonGrader | None, exercise: Exercise, by_hand: HandMark
) -> dict[str, Any]:
    report, blank = graded.reports.get(exercise.name), graded.is_blank_prose(exercise)
    status = report.status if report else "not attempted" if blank else "read by a person"
    earned = by_hand.total(report.confirmed_score if report else 0.0 if blank else None)
    if by_hand.score is not None:
        status = "marked by a person"
    return {
        "exercise": exercise,
        "status": status,
        "earned": earned,
        "score": "…" if earned is None else f"{earned:g}",
        "points": describe_points("…" if earned is None else f"{earned:g}", f"{exercise.points:g}"),
        "question": _question_html(grader, exercise.name),
        "text": graded.answers.texts.get(exercise.name, ""),
        "saved": _saved_outputs(graded.answers.outputs.get(exercise.name) or []),
        "unread": graded.answers.unread.get(exercise.name, []),
        "report": Markup(report_html(report)) if report else "",
        "comment": by_hand.comment,
    }


def _question_html(grader: LessonGrader | None, name: str) -> Markup:
    """What the notebook asks in the exercise called `name`, with its options; never its rubric."""
    task = grader.lesson.tasks.get(name) if grader else None
    if task is None:
        return Markup("")
    asked = [task.prompt] + ([options_markdown(task)] if task.has_options else [])
    return Markup(MARKDOWN.render("\n\n".join(asked)))


def _saved_outputs(outputs: list[NotebookNode]) -> dict[str, list[str]]:
    """Cleaned outputs as texts and as pictures in base64."""
    return {
        "texts": [output.text for output in outputs if "text" in output],
        "pictures": [output.data["image/png"] for output in outputs if "data" in output],
    }


def keep_graded(notebook: NotebookNode, graded: GradedSubmission) -> NotebookNode:
    """`notebook`, rebuilt from a submission, with what its page of feedback is drawn from."""
    notebook.metadata[GRADED] = {
        "reports": [json.loads(report_to_json(report)) for report in graded.reports.values()],
        "answers": from_dict(asdict(graded.answers)),
        "reason": graded.reason,
        "our_fault": graded.our_fault,
    }
    return notebook


def kept_graded(notebook: NotebookNode, submission: Submission) -> GradedSubmission:
    """What `keep_graded` has put into `notebook`; raise `LookupError` if an older release has rebuilt it."""
    kept = notebook.metadata[GRADED]
    reports = [report_from_json(json.dumps(plain)) for plain in kept["reports"]]
    by_name = {report.exercise: report for report in reports}
    return GradedSubmission(submission, by_name, Answers(**kept["answers"]), kept["reason"], kept["our_fault"])
