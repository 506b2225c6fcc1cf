"""What `contents()` shows: the lessons in order, with minutes and what is done in each, and where to go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from graders.course.attempts import LogEntry
from graders.figures.report import prose_html
from graders.notebook.messages import Message
from graders.notebook.progress import LessonProgress, read_progress
from graders.notebook.solutions import EDITIONS

CELL = "padding: 0.25em 0.8em 0.25em 0; text-align: left; vertical-align: baseline"
HEADER = ("lesson", "minutes", "done", "")


def contents_message(entries: Iterable[LogEntry], is_self_study: bool = False) -> Message:
    """The lessons in order, and the edition; one goes on with the lesson last worked on or, if it is done, the next."""
    lessons = list(read_progress(entries).values())
    here = where_to_go_on(lessons)
    lines = [one.summary + (" ← go on here" * (one is here)) for one in lessons]
    edition = EDITIONS[is_self_study]
    html = f"{_html(lessons, here)}<p style='margin: 0.6em 0 0'>{prose_html(edition)}</p>"
    return Message("\n".join([*lines, edition]), _heading(here), html)


def where_to_go_on(lessons: Sequence[LessonProgress]) -> LessonProgress | None:
    """The lesson that was last worked on, if it is not done, else the next one after it that is not; None: all are."""
    latest = max(range(len(lessons)), key=lambda place: lessons[place].last_check, default=0)
    in_order = [*lessons[latest:], *lessons[:latest]]
    return next((lesson for lesson in in_order if not lesson.is_done), None)


def _heading(here: LessonProgress | None) -> str:
    return f"Go on with: {here.plain['title']}" if here else "You have done every exercise of every lesson."


def _html(lessons: Sequence[LessonProgress], here: LessonProgress | None) -> str:
    head = "".join(f"<th scope='col' style='{CELL}'>{name}</th>" for name in HEADER)
    rows = "".join(_row_html(lesson, lesson is here) for lesson in lessons)
    return f"<table style='border-collapse: collapse'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row_html(lesson: LessonProgress, is_here: bool) -> str:
    lesson_id = lesson.plain["id"]
    title = f"<a href='{lesson_id}/{lesson_id}.ipynb'>{escape(lesson.plain['title'])}</a>"
    mark = "<strong>← go on here</strong>" if is_here else "✓ done" if lesson.is_done else ""
    done = f"{lesson.bar} {sum(one.is_done for one in lesson.main)} of {len(lesson.main)} exercises"
    cells = (f"<strong>{title}</strong>" if is_here else title, str(lesson.plain["minutes"]), done, mark)
    return f"<tr>{''.join(map(_cell_html, cells))}</tr>"


def _cell_html(content: str) -> str:
    return f"<td style='{CELL}'>{content}</td>"
