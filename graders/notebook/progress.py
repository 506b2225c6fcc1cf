"""What `progress()` shows: for each exercise its best score, its last status and the number of attempts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graders.course.attempts import LogEntry, LoggedAttempt, attempts_in
from graders.figures.report import prose_html
from graders.figures.tables import table_html
from graders.kernel.exercise import key_file, list_lessons
from graders.kernel.readable import describe_total
from graders.kernel.report import Table
from graders.notebook.messages import Message

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
