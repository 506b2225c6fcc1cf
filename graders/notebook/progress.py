"""`progress()` and `contents()`: what is done in a lesson and in all, and where to go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from graders.course.attempts import LogEntry, LoggedAttempt, attempts_in
from graders.figures.report import prose_html
from graders.figures.tables import table_html
from graders.kernel.exercise import key_file, list_lessons
from graders.kernel.readable import describe_total
from graders.kernel.report import Table
from graders.notebook.messages import Message
from graders.notebook.solutions import EDITIONS

COLUMNS = ("exercise", "name", "best", "attempts", "last check")
NOTHING = "–"
BAR = "width: 8em; flex: none"
BESIDE = "display: flex; align-items: baseline; gap: 0.6em; margin: 0.3em 0"


@dataclass(frozen=True)
class ExerciseProgress:
    """An exercise as its key file has it, and what its attempts came to."""

    plain: Mapping[str, Any]
    attempts: Sequence[LoggedAttempt]

    @property
    def best(self) -> float:
        """The best score, and never more than the exercise's points."""
        return min(max((attempt.score for attempt in self.attempts), default=0), self.plain["points"])

    @property
    def is_done(self) -> bool:
        """Whether it has all its points."""
        return bool(self.best >= self.plain["points"])

    @property
    def row(self) -> tuple[Any, ...]:
        """Its row in the table of its lesson."""
        status = self.attempts[-1].status if self.attempts else NOTHING
        best = f"{self.best:g} of {self.plain['points']:g}"
        return self.heading, self.plain["name"], best, len(self.attempts), status

    @property
    def heading(self) -> str:
        """Its number and its title."""
        return f"{self.plain['number']} · {self.plain['title']}"


@dataclass(frozen=True)
class LessonProgress:
    """A lesson as its key file has it, with its exercises on the main path and those that are further."""

    plain: Mapping[str, Any]
    main: Sequence[ExerciseProgress]
    further: Sequence[ExerciseProgress]

    @property
    def is_done(self) -> bool:
        """Whether every exercise on the main path has all its points."""
        return all(one.is_done for one in self.main)

    @property
    def last_check(self) -> float:
        """When an answer to one of its exercises was last checked, in seconds; 0 if never."""
        exercises = (*self.main, *self.further)
        return max((attempt.time.timestamp() for one in exercises for attempt in one.attempts), default=0)

    @property
    def summary(self) -> str:
        """Its title, how much is done, and its points."""
        total = describe_total(_earned(self.main), _points(self.main), _earned(self.further))
        return f"{self.plain['title']}: {_done(self.main)}, {total}"

    @property
    def bar(self) -> str:
        """How much of the main path is done, drawn as a bar; the words stand beside it."""
        done = sum(one.is_done for one in self.main)
        return f"<progress max='{len(self.main)}' value='{done}' style='{BAR}' aria-hidden='true'></progress>"

    @property
    def tables(self) -> list[Table]:
        """Its exercises in one table, and those that are further in another."""
        tables = [_table(self.summary, self.main)]
        if self.further:
            tables.append(_table(f"{self.plain['title']}, further, as a bonus: {_done(self.further)}", self.further))
        return tables

    @property
    def next_step(self) -> str:
        """The first exercise that is not done, or how to hand the lesson in."""
        open_ones = (one for one in self.main if not one.is_done)
        following = next(open_ones, None)
        if following is None:
            return "Every exercise of this lesson is done. `hand_in()` saves a copy for whoever grades it."
        return f'Next: Exercise {following.heading}\nThen run `check("{following.plain["name"]}")`.'


def read_progress(entries: Iterable[LogEntry]) -> dict[str, LessonProgress]:
    """What became of every exercise of every lesson, by the name of the lesson, in course order."""
    attempts: dict[str, list[LoggedAttempt]] = {}
    for attempt in attempts_in(entries):
        if not attempt.recall:
            attempts.setdefault(attempt.name, []).append(attempt)
    return {name: _lesson_progress(name, attempts) for name in list_lessons()}


def _lesson_progress(lesson: str, attempts: Mapping[str, Sequence[LoggedAttempt]]) -> LessonProgress:
    plain = key_file(lesson)
    exercises = [
        ExerciseProgress(one, attempts.get(name, ()))
        for name, one in plain["exercises"].items()
        if one["kind"] != "prose"
    ]
    main, further = ([one for one in exercises if one.plain["further"] == wanted] for wanted in (False, True))
    return LessonProgress(plain, main, further)


def progress_message(entries: Iterable[LogEntry], lesson: str = "") -> Message:
    """The lesson called `lesson` exercise by exercise, what comes next in it, and the others in a line each."""
    lessons = read_progress(entries)
    here, others = lessons.pop(lesson, None), list(lessons.values())
    tables = here.tables if here else []
    said = [here.next_step] if here else []
    text = "\n".join([*(table.title for table in tables), *said, *(other.summary for other in others)])
    parts = [*map(table_html, tables), *(f"<p>{prose_html(words)}</p>" for words in said)]
    parts += [f"<div style='{BESIDE}'>{other.bar}<span>{prose_html(other.summary)}</span></div>" for other in others]
    return Message(text, "Your progress on this computer", "".join(parts))


def _table(title: str, exercises: Sequence[ExerciseProgress]) -> Table:
    return Table(title, COLUMNS, [one.row for one in exercises])


def _done(exercises: Sequence[ExerciseProgress]) -> str:
    return f"{sum(one.is_done for one in exercises)} of {len(exercises)} done"


def _earned(exercises: Sequence[ExerciseProgress]) -> float:
    return sum(one.best for one in exercises)


def _points(exercises: Sequence[ExerciseProgress]) -> float:
    return sum(one.plain["points"] for one in exercises)


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
