"""Exports grades as CSV: one row for each exercise, or what Canvas and Moodle import; also as nbgrader's exporters."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from nbgrader.api import Gradebook, Student
from nbgrader.plugins.export import ExportPlugin
from traitlets import Bool, Enum

from graders.grading.grades import ClassGrades, ExerciseScore, read_grades
from graders.kernel.failures import contain_failure
from graders.kernel.readable import escape_formula, quantity, to_one_line

EXERCISE_COLUMNS = (
    *("student", "last_name", "first_name", "email", "lesson", "exercise"),
    *("score", "max_score", "manual_score", "status"),
)
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
IDENTIFIERS = ("username", "idnumber", "email")
# What Moodle writes itself for "no grade". It reads an empty cell of a new column as 0.
NO_GRADE = "-"


def format_score(value: float | None) -> str:
    """A score with at most four decimals; nothing where there is none."""
    return "" if value is None else f"{round(value, 4):.12g}"


def write_exercises(path: Path, grades: ClassGrades) -> list[str]:
    """Write one row for each student, lesson and exercise; score and status are empty for an absent student."""

    def rows_of(student: Student) -> list[tuple[str, ...]]:
        return [
            (*_person_cells(student), lesson, exercise, *_score_cells(grades, student, lesson, exercise))
            for lesson, exercises in grades.lessons.items()
            for exercise in exercises
        ]

    rows, broken = _collect(grades.students, rows_of)
    _write(path, [EXERCISE_COLUMNS, *rows])
    return _warn_unfinished(grades) + broken


def _collect(
    students: Iterable[Student], rows_of: Callable[[Student], list[tuple[str, ...]]]
) -> tuple[list[tuple[str, ...]], list[str]]:
    """The rows of all students, and a warning for each whose rows cannot be made: better no score than a wrong one."""
    rows: list[tuple[str, ...]] = []
    warnings: list[str] = []
    for student in students:
        with contain_failure("exporting") as faults:
            rows += rows_of(student)
        warnings += [f"{to_one_line(str(student.id))} is left out and needs review: {fault}" for fault in faults]
    return rows, warnings


def _person_cells(student: Student) -> tuple[str, ...]:
    return tuple(escape_formula(text) for text in (student.id, student.last_name, student.first_name, student.email))


def _score_cells(grades: ClassGrades, student: Student, lesson: str, exercise: str) -> tuple[str, ...]:
    points, grade = format_score(grades.lessons[lesson][exercise]), grades.by_submission.get((student.id, lesson))
    score = grade.scores.get(exercise) if grade else None
    if score is None:
        return "", points, "", ""
    return format_score(score.score), points, format_score(score.manual_score), score.status


def write_canvas(path: Path, grades: ClassGrades) -> list[str]:
    """Write what Canvas's gradebook imports: one row for each student, one column for each lesson.

    The student's id in the gradebook is the SIS Login ID; `lms_user_id`, where set, is Canvas's own ID.
    """
    points = [format_score(grades.points(lesson)) for lesson in grades.lessons]

    def rows_of(student: Student) -> list[tuple[str, ...]]:
        name, canvas_id = escape_formula(_sortable_name(student)), escape_formula(student.lms_user_id)
        return [(name, canvas_id, "", escape_formula(student.id), "", *_scores(grades, student))]

    rows, broken = _collect(grades.students, rows_of)
    _write(path, [(*CANVAS_COLUMNS, *grades.lessons), ("    Points Possible", "", "", "", "", *points), *rows])
    return _warn_unfinished(grades) + broken + _escaped_names(student.id for student in grades.students)


def _sortable_name(student: Student) -> str:
    """The name as Canvas sorts it: "Last, First"; the id if there is none."""
    return ", ".join(name for name in (student.last_name, student.first_name) if name) or student.id


def _scores(grades: ClassGrades, student: Student, absent: str = "") -> list[str]:
    found = (grades.by_submission.get((student.id, lesson)) for lesson in grades.lessons)
    return [format_score(one.score) or absent if one else absent for one in found]


def write_moodle(path: Path, grades: ClassGrades, identifier: str = "username", feedback: bool = False) -> list[str]:
    """Write what Moodle imports: one row for each student, one column for each lesson and, if wanted, its feedback.

    `identifier` says what the first column is: "username" and "idnumber" are the student's id in the gradebook,
    "email" the address there. A row without it is left out: Moodle would give its scores to the student above.
    """
    named = {student: student.email if identifier == "email" else student.id for student in grades.students}
    # To Moodle, which is written in PHP, "0" is as empty as nothing.
    left_out = [student.id for student, name in named.items() if (name or "").strip() in ("", "0")]

    def rows_of(student: Student) -> list[tuple[str, ...]]:
        remarks = _feedback_cells(grades, student) if feedback else ()
        return [(escape_formula(named[student]), *_scores(grades, student, NO_GRADE), *remarks)]

    rows, broken = _collect((student for student in named if student.id not in left_out), rows_of)
    remarks = [f"{lesson} feedback" for lesson in grades.lessons] if feedback else []
    _write(path, [(identifier, *grades.lessons, *remarks), *rows])
    without = (
        [f"left out, because the gradebook has no usable {identifier} of: {', '.join(left_out)}"] if left_out else []
    )
    return _warn_unfinished(grades) + broken + without + _escaped_names(name for name in named.values() if name)


def _feedback_cells(grades: ClassGrades, student: Student) -> list[str]:
    found = (grades.by_submission.get((student.id, lesson)) for lesson in grades.lessons)
    return ["; ".join(_describe_score(*pair) for pair in one.scores.items()) if one else "" for one in found]


def _describe_score(exercise: str, score: ExerciseScore) -> str:
    if score.score is None:
        return f"{exercise}: {score.status}"
    return f"{exercise}: {format_score(score.score)} of {format_score(score.max_score)} points, {score.status}"


def _warn_unfinished(grades: ClassGrades) -> list[str]:
    names = [f"{student}/{lesson}" for (student, lesson), one in grades.by_submission.items() if not one.is_final]
    verb = "waits" if len(names) == 1 else "wait"
    return [f"{quantity(len(names), 'submission')} {verb} for a person: {', '.join(sorted(names))}"] if names else []


def _escaped_names(names: Iterable[str]) -> list[str]:
    changed = [name for name in names if escape_formula(name) != name]
    return [f"these begin like a formula and got an apostrophe before them: {', '.join(changed)}"] if changed else []


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


class _GradesExport(ExportPlugin):
    """An nbgrader exporter that reads the grades, writes them, and warns of what is not finished."""

    default = ""

    def export(self, gradebook: Gradebook) -> None:
        path = Path(self.to or self.default)
        students, lessons = ([str(one) for one in names] for names in (self.student, self.assignment))
        try:
            grades = read_grades(gradebook, students, lessons)
        except LookupError as error:
            raise SystemExit(str(error)) from None
        for warning in self.write(path, grades):
            self.log.warning(warning)
        self.log.info("Wrote %s", path)

    def write(self, path: Path, grades: ClassGrades) -> list[str]:
        """Write `grades` to `path` and give what an instructor must know about it."""
        raise NotImplementedError


class ExerciseExport(_GradesExport):
    """One row for each student, lesson and exercise."""

    default = "exercises.csv"

    def write(self, path: Path, grades: ClassGrades) -> list[str]:
        return write_exercises(path, grades)


class CanvasExport(_GradesExport):
    """What Canvas's gradebook imports."""

    default = "canvas.csv"

    def write(self, path: Path, grades: ClassGrades) -> list[str]:
        return write_canvas(path, grades)


class MoodleExport(_GradesExport):
    """What Moodle's gradebook imports."""

    default = "moodle.csv"
    identifier = Enum(IDENTIFIERS, "username", help="what the first column identifies a student by").tag(config=True)
    feedback = Bool(False, help="add a column of feedback for each lesson").tag(config=True)

    def write(self, path: Path, grades: ClassGrades) -> list[str]:
        return write_moodle(path, grades, self.identifier, self.feedback)
