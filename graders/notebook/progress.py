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

COLUMNS = ("exercise", "title", "name", "best", "of", "attempts", "last check")
NOTHING = "–"


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
        number, title, name, points = (self.plain[part] for part in ("number", "title", "name", "points"))
        best = int(self.best) if self.best == int(self.best) else self.best
        return number, title, name, best, points, len(self.attempts), status


def progress_message(entries: Iterable[LogEntry]) -> Message:
    """What is done in each lesson, main path and *further* parts apart; a table for each that was begun."""
    attempts: dict[str, list[LoggedAttempt]] = {}
    for attempt in attempts_in(entries):
        if not attempt.recall:
            attempts.setdefault(attempt.name, []).append(attempt)
    tables = [table for lesson in list_lessons() for table in _lesson_tables(lesson, attempts)]
    text = "\n".join(table.title for table in tables)
    return Message(text, "Your progress on this computer", "".join(map(_table_html, tables)))


def _lesson_tables(lesson: str, attempts: Mapping[str, Sequence[LoggedAttempt]]) -> list[Table]:
    exercises = [
        ExerciseProgress(plain, attempts.get(name, ()))
        for name, plain in key_file(lesson)["exercises"].items()
        if plain["kind"] != "prose"
    ]
    main = [one for one in exercises if not one.plain["further"]]
    further = [one for one in exercises if one.plain["further"]]
    title, bonus = key_file(lesson)["title"], sum(one.best for one in further)
    tables = [_table(f"{title}: {_done(main)}, {describe_total(_earned(main), _points(main), bonus)}", main)]
    if further:
        tables.append(_table(f"{title}, further, as a bonus: {_done(further)}", further))
    return tables


def _table_html(table: Table) -> str:
    """The table or, where nothing in it was checked, its title alone."""
    begun = any(row[-1] != NOTHING for row in table.rows)
    return table_html(table) if begun else f"<p style='margin: 0.3em 0'>{prose_html(table.title)}</p>"


def _table(title: str, exercises: Sequence[ExerciseProgress]) -> Table:
    return Table(title, COLUMNS, [one.row for one in exercises])


def _done(exercises: Sequence[ExerciseProgress]) -> str:
    return f"{sum(one.is_done for one in exercises)} of {len(exercises)} done"


def _earned(exercises: Sequence[ExerciseProgress]) -> float:
    return sum(one.best for one in exercises)


def _points(exercises: Sequence[ExerciseProgress]) -> float:
    return sum(one.plain["points"] for one in exercises)
