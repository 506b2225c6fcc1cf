"""Writes the figures of the class page as tables, one CSV file for each kind of thing that is counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from graders.grading.class_matrix import REVIEW
from graders.grading.class_misconceptions import HintCount
from graders.grading.class_statistics import STATUSES, ClassStatistics, LessonStatistics
from graders.grading.grades import exercise_cells
from graders.kernel.exercise import Exercise
from graders.kernel.failures import contain_failure
from graders.kernel.readable import escape_formula, to_one_line

Rows = Iterator[tuple[Any, ...]]
EXERCISE = ("lesson", "number", "title", "exercise", "further")
WHO = ("students", "who")
PACE = ("logs", "attempts_median", "attempts_most", "minutes_median", "minutes_of_the_model")
NO_PACE = ("",) * len(PACE)


def class_tables(statistics: ClassStatistics) -> dict[str, str]:
    """The tables by the names of their files; what a spreadsheet could take for a formula gets an apostrophe."""
    return {f"{name}.csv": _to_csv(columns, partial(rows, statistics)) for name, (columns, rows) in TABLES.items()}


def _to_csv(columns: tuple[str, ...], make_rows: Callable[[], Rows]) -> str:
    """The table; what cannot be written is a row that says so: it must not cost the class the others."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(columns)
    with contain_failure("making this table") as faults:
        for row in make_rows():
            writer.writerow(_cells(row))
    writer.writerows([f"{REVIEW}: {fault}"] for fault in faults)
    return table.getvalue()


def _cells(row: Iterable[Any]) -> list[str]:
    with contain_failure("writing this row") as faults:
        return [_cell(value) for value in row]
    return [f"{REVIEW}: {faults[0]}"]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{round(value, 4):.12g}"
    return "" if value is None else escape_formula(to_one_line(str(value))) if isinstance(value, str) else str(value)


def _exercise(lesson: str, exercise: Exercise) -> tuple[str, ...]:
    return lesson, *exercise_cells(exercise)


def _who(students: tuple[str, ...]) -> tuple[int, str]:
    return len(students), " ".join(map(to_one_line, students))


def _students(statistics: ClassStatistics) -> Rows:
    for row in statistics.matrix:
        for lesson, cell in zip(statistics.lessons, row.cells, strict=True):
            yield row.student, row.name, row.section, lesson.id, cell.points, lesson.points, cell.note


def _lessons(statistics: ClassStatistics) -> Rows:
    for one in statistics.lessons:
        marks = (one.mean, one.median, one.scores[0], one.scores[-1]) if one.scores else (None,) * 4
        counts = (len(one.scores), one.unread, one.for_review, one.points, one.bonus_points)
        yield one.id, one.title, *counts, *marks, len(one.bonuses)


def _exercises(statistics: ClassStatistics) -> Rows:
    for lesson in statistics.lessons:
        pace = _pace(lesson)
        for one in lesson.exercises:
            d = one.discrimination
            goes = (None, None, None) if d.value is None else (d.value, d.low, d.high)
            counts = (*(one.counts[status] for status in STATUSES), one.unhinted)
            yield *_exercise(lesson.id, one.exercise), *counts, *goes, *pace.get(one.exercise.name, NO_PACE)


def _pace(lesson: LessonStatistics) -> dict[str, tuple[Any, ...]]:
    return {one.task.name: one.figures for one in lesson.pace.exercises} if lesson.pace else {}


def _hints(statistics: ClassStatistics) -> Rows:
    for one in statistics.misconceptions:
        yield from (_hint(hint, one.misconception.id, one.misconception.belief) for hint in one.hints)
    for lesson in statistics.lessons:
        yield from (_hint(hint, "", "") for hint in lesson.hints)


def _hint(hint: HintCount, misconception: str, belief: str) -> tuple[Any, ...]:
    return misconception, belief, *_exercise(hint.lesson, hint.exercise), hint.hint, hint.attempts, *_who(hint.students)


def _unexplained(statistics: ClassStatistics) -> Rows:
    for lesson in statistics.lessons:
        for group in lesson.unexplained:
            yield *_exercise(lesson.id, group.exercise), "; ".join(group.found), *_who(group.students)


def _shared(statistics: ClassStatistics) -> Rows:
    for lesson in statistics.lessons:
        for one in lesson.shared:
            yield *_exercise(lesson.id, one.exercise), one.alike, one.answers, *_who(one.students)


def _to_look_at(statistics: ClassStatistics) -> Rows:
    yield from (("unreadable", *row) for row in statistics.unreadable)
    yield from (("needs review", *row) for row in statistics.for_review)
    for lesson in statistics.lessons:
        for broken in lesson.broken:
            words = f"{broken.exercise.name}: {broken.sentence}: {broken.found}"
            yield from (("needs review", student, lesson.id, words) for student in broken.students)
        yield from (("odd", student, lesson.id, "; ".join(lines)) for student, lines in lesson.odd)


TABLES: dict[str, tuple[tuple[str, ...], Callable[[ClassStatistics], Rows]]] = {
    "students": (("student", "name", "section", "lesson", "points", "of", "note"), _students),
    "lessons": (
        (
            *("lesson", "title", "marked", "unreadable", "needs_review", "points", "bonus_points"),
            *("mean", "median", "least", "most", "bonuses"),
        ),
        _lessons,
    ),
    "exercises": (
        (*EXERCISE, *STATUSES, "failed without a hint", "correlation", "correlation_low", "correlation_high", *PACE),
        _exercises,
    ),
    "hints": (("misconception", "belief", *EXERCISE, "hint", "answers", *WHO), _hints),
    "unexplained": ((*EXERCISE, "found", *WHO), _unexplained),
    "shared": ((*EXERCISE, "alike", "answers", *WHO), _shared),
    "to-look-at": (("what", "student", "lesson", "reason"), _to_look_at),
}
