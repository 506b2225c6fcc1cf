"""Exports marks as CSV: one row for each exercise, or what Canvas and Moodle import; also as nbgrader's exporters."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from nbgrader.api import Gradebook, Student
from nbgrader.plugins.export import ExportPlugin
from traitlets import Bool, Enum

from graders.grading.marksheet import HandedIn, Mark, Marksheet, read_marksheet
from graders.grading.spreadsheets import plain
from graders.grading.submissions import shown
from graders.kernel.failures import contain_failure

EXERCISE_COLUMNS = (
    *("student", "last_name", "first_name", "email", "lesson", "exercise"),
    *("score", "max_score", "manual_score", "status"),
)
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
IDENTIFIERS = ("username", "idnumber", "email")
# What Moodle writes itself for "no grade". It reads an empty cell of a new column as 0.
NO_GRADE = "-"


def number(value: float | None) -> str:
    """A mark with at most four decimals; nothing where there is none."""
    return "" if value is None else f"{round(value, 4):.12g}"


def write_exercises(path: Path, sheet: Marksheet) -> list[str]:
    """Write one row for each student, lesson and exercise; score and status are empty for an absent student."""

    def rows_of(student: Student) -> list[tuple[str, ...]]:
        return [
            (*_person(student), lesson, exercise, *_mark(sheet.handed_in.get((student.id, lesson)), exercise, points))
            for lesson, exercises in sheet.lessons.items()
            for exercise, points in exercises.items()
        ]

    rows, broken = _collect(sheet.students, rows_of)
    _write(path, [EXERCISE_COLUMNS, *rows])
    return _unfinished(sheet) + broken


def _collect(
    students: Iterable[Student], rows_of: Callable[[Student], list[tuple[str, ...]]]
) -> tuple[list[tuple[str, ...]], list[str]]:
    """The rows of all students, and a warning for each whose rows cannot be made: better no mark than a wrong one."""
    rows: list[tuple[str, ...]] = []
    warnings: list[str] = []
    for student in students:
        faults: list[str] = []
        with contain_failure("exporting", faults.append):
            rows += rows_of(student)
        warnings += [f"{shown(str(student.id))} is left out and needs review: {fault}" for fault in faults]
    return rows, warnings


def _person(student: Student) -> tuple[str, ...]:
    return tuple(plain(text) for text in (student.id, student.last_name, student.first_name, student.email))


def _mark(handed_in: HandedIn | None, exercise: str, points: float) -> tuple[str, ...]:
    mark = handed_in.marks.get(exercise) if handed_in else None
    if mark is None:
        return "", number(points), "", ""
    return number(mark.score), number(points), number(mark.manual_score), mark.status


def write_canvas(path: Path, sheet: Marksheet) -> list[str]:
    """Write what Canvas's gradebook imports: one row for each student, one column for each lesson.

    The student's id in the gradebook is the SIS Login ID; `lms_user_id`, where set, is Canvas's own ID.
    """
    points = [number(sheet.points(lesson)) for lesson in sheet.lessons]

    def rows_of(student: Student) -> list[tuple[str, ...]]:
        name, canvas_id = plain(_sortable(student)), plain(student.lms_user_id)
        return [(name, canvas_id, "", plain(student.id), "", *_scores(sheet, student))]

    rows, broken = _collect(sheet.students, rows_of)
    _write(path, [(*CANVAS_COLUMNS, *sheet.lessons), ("    Points Possible", "", "", "", "", *points), *rows])
    return _unfinished(sheet) + broken + _changed(student.id for student in sheet.students)


def _sortable(student: Student) -> str:
    """The name as Canvas sorts it: "Last, First"; the id if there is none."""
    return ", ".join(name for name in (student.last_name, student.first_name) if name) or student.id


def _scores(sheet: Marksheet, student: Student, absent: str = "") -> list[str]:
    found = (sheet.handed_in.get((student.id, lesson)) for lesson in sheet.lessons)
    return [number(one.score) or absent if one else absent for one in found]


def write_moodle(path: Path, sheet: Marksheet, identifier: str = "username", feedback: bool = False) -> list[str]:
    """Write what Moodle imports: one row for each student, one column for each lesson and, if wanted, its feedback.

    `identifier` says what the first column is: "username" and "idnumber" are the student's id in the gradebook,
    "email" the address there. A row without it is left out: Moodle would give its marks to the student above.
    """
    named = {student: student.email if identifier == "email" else student.id for student in sheet.students}
    # To Moodle, which is written in PHP, "0" is as empty as nothing.
    left_out = [student.id for student, name in named.items() if (name or "").strip() in ("", "0")]

    def rows_of(student: Student) -> list[tuple[str, ...]]:
        remarks = _feedback(sheet, student) if feedback else ()
        return [(plain(named[student]), *_scores(sheet, student, NO_GRADE), *remarks)]

    rows, broken = _collect((student for student in named if student.id not in left_out), rows_of)
    remarks = [f"{lesson} feedback" for lesson in sheet.lessons] if feedback else []
    _write(path, [(identifier, *sheet.lessons, *remarks), *rows])
    without = (
        [f"left out, because the gradebook has no usable {identifier} of: {', '.join(left_out)}"] if left_out else []
    )
    return _unfinished(sheet) + broken + without + _changed(name for name in named.values() if name)


def _feedback(sheet: Marksheet, student: Student) -> list[str]:
    found = (sheet.handed_in.get((student.id, lesson)) for lesson in sheet.lessons)
    return ["; ".join(_words(*pair) for pair in one.marks.items()) if one else "" for one in found]


def _words(exercise: str, mark: Mark) -> str:
    if mark.score is None:
        return f"{exercise}: {mark.status}"
    return f"{exercise}: {number(mark.score)} of {number(mark.max_score)} points, {mark.status}"


def _unfinished(sheet: Marksheet) -> list[str]:
    waiting = [f"{student}/{lesson}" for (student, lesson), one in sheet.handed_in.items() if not one.finished]
    return [f"{len(waiting)} submissions wait for a person: {', '.join(sorted(waiting))}"] if waiting else []


def _changed(names: Iterable[str]) -> list[str]:
    changed = [name for name in names if plain(name) != name]
    return [f"these begin like a formula and got an apostrophe before them: {', '.join(changed)}"] if changed else []


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


class _MarksExport(ExportPlugin):
    """An nbgrader exporter that reads the marks, writes them, and warns of what is not finished."""

    default = ""

    def export(self, gradebook: Gradebook) -> None:
        path = Path(self.to or self.default)
        students, lessons = ([str(one) for one in names] for names in (self.student, self.assignment))
        try:
            sheet = read_marksheet(gradebook, students, lessons)
        except LookupError as error:
            raise SystemExit(str(error)) from None
        for warning in self.write(path, sheet):
            self.log.warning(warning)
        self.log.info("Wrote %s", path)

    def write(self, path: Path, sheet: Marksheet) -> list[str]:
        """Write `sheet` to `path` and give what an instructor must know about it."""
        raise NotImplementedError


class ExerciseExport(_MarksExport):
    """One row for each student, lesson and exercise."""

    default = "exercises.csv"

    def write(self, path: Path, sheet: Marksheet) -> list[str]:
        return write_exercises(path, sheet)


class CanvasExport(_MarksExport):
    """What Canvas's gradebook imports."""

    default = "canvas.csv"

    def write(self, path: Path, sheet: Marksheet) -> list[str]:
        return write_canvas(path, sheet)


class MoodleExport(_MarksExport):
    """What Moodle's gradebook imports."""

    default = "moodle.csv"
    identifier = Enum(IDENTIFIERS, "username", help="what the first column identifies a student by").tag(config=True)
    feedback = Bool(False, help="add a column of feedback for each lesson").tag(config=True)

    def write(self, path: Path, sheet: Marksheet) -> list[str]:
        return write_moodle(path, sheet, self.identifier, self.feedback)
