"""What `contents()` shows: the lessons in order, with minutes and what is done in each, and where to go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from graders.course.attempts import LogEntry, LoggedAttempt, attempts_in
from graders.kernel.exercise import key_file, list_lessons
from graders.notebook.messages import Message
from graders.notebook.progress import ExerciseProgress

CELL = "padding: 0.25em 0.8em 0.25em 0; text-align: left; vertical-align: baseline"
HEADER = ("lesson", "minutes", "done", "")


@dataclass(frozen=True)
class LessonProgress:
    """A lesson as its key file has it, its exercises on the main path, and the time of the last check in it."""

    plain: Mapping[str, Any]
    exercises: Sequence[ExerciseProgress]

    @property
    def done(self) -> int:
        """How many exercises have all their points."""
        return sum(one.is_done for one in self.exercises)

    @property
    def is_done(self) -> bool:
        """Whether every exercise has all its points."""
        return self.done == len(self.exercises)

    @property
    def last_check(self) -> float:
        """When an answer to one of its exercises was last checked, in seconds; 0 if never."""
        return max((attempt.time.timestamp() for one in self.exercises for attempt in one.attempts), default=0)

    @property
    def link(self) -> str:
        """Where its notebook lies, as seen from the contents page."""
        return f"{self.plain['id']}/{self.plain['id']}.ipynb"


def contents_message(entries: Iterable[LogEntry]) -> Message:
    """The lessons in order; the one to go on with is the last that was worked on or, if that is done, the next."""
    attempts: dict[str, list[LoggedAttempt]] = {}
    for attempt in attempts_in(entries):
        if not attempt.recall:
            attempts.setdefault(attempt.name, []).append(attempt)
    lessons = [_lesson(name, attempts) for name in list_lessons()]
    here = where_to_go_on(lessons)
    text = "\n".join(f"{one.plain['title']}: {_done(one)}" + (" ← go on here" * (one is here)) for one in lessons)
    return Message(text, _heading(here), _html(lessons, here))


def where_to_go_on(lessons: Sequence[LessonProgress]) -> LessonProgress | None:
    """The lesson that was last worked on, if it is not done, else the next one after it that is not; None: all are."""
    latest = max(range(len(lessons)), key=lambda place: lessons[place].last_check, default=0)
    in_order = [*lessons[latest:], *lessons[:latest]]
    return next((lesson for lesson in in_order if not lesson.is_done), None)


def _lesson(name: str, attempts: Mapping[str, Sequence[LoggedAttempt]]) -> LessonProgress:
    plain = key_file(name)
    tasks = [(task, one) for task, one in plain["exercises"].items() if one["kind"] != "prose" and not one["further"]]
    return LessonProgress(plain, [ExerciseProgress(one, attempts.get(task, ())) for task, one in tasks])


def _done(lesson: LessonProgress) -> str:
    return f"{lesson.done} of {len(lesson.exercises)} exercises"


def _heading(here: LessonProgress | None) -> str:
    return f"Go on with: {here.plain['title']}" if here else "You have done every exercise of every lesson."


def _html(lessons: Sequence[LessonProgress], here: LessonProgress | None) -> str:
    head = "".join(f"<th scope='col' style='{CELL}'>{name}</th>" for name in HEADER)
    rows = "".join(_row_html(lesson, lesson is here) for lesson in lessons)
    return f"<table style='border-collapse: collapse'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row_html(lesson: LessonProgress, is_here: bool) -> str:
    title = f"<a href='{lesson.link}'>{escape(lesson.plain['title'])}</a>"
    bar = (
        f"<progress max='{len(lesson.exercises)}' value='{lesson.done}' style='width: 8em'></progress> {_done(lesson)}"
    )
    mark = "<strong>← go on here</strong>" if is_here else "✓ done" if lesson.is_done else ""
    cells = (f"<strong>{title}</strong>" if is_here else title, str(lesson.plain["minutes"]), bar, mark)
    return f"<tr>{''.join(map(_cell_html, cells))}</tr>"


def _cell_html(content: str) -> str:
    return f"<td style='{CELL}'>{content}</td>"
