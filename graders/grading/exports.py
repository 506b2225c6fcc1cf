"""Exports grades as CSV: one row for each exercise, or what Canvas and Moodle import; also as nbgrader's exporters."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from nbgrader.api import Gradebook, Student
from nbgrader.plugins.export import ExportPlugin
from traitlets import Bool, Enum

from graders.grading.grades import (
    ClassGrades,
    ExerciseScore,
    GradedExercise,
    LessonGrade,
    exercise_cells,
    format_score,
    read_grades,
)
from graders.grading.term_marks import apply_term
from graders.kernel.exercise import exercises_by_lesson
from graders.kernel.failures import contain_failure
from graders.kernel.readable import describe_points, describe_total, escape_formula, quantity, to_one_line
from graders.term.course_file import CourseFileError, find_term

EXERCISE_COLUMNS = (
    *("student", "last_name", "first_name", "email", "lesson", "number", "title", "exercise", "further"),
    *("score", "max_score", "manual_score", "status"),
)
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
IDENTIFIERS = ("username", "idnumber", "email")
# What Moodle writes itself for "no grade". It reads an empty cell of a new column as 0.
NO_GRADE = "-"


def write_exercises(path: Path, grades: ClassGrades) -> list[str]:
    """Write one row for each student, lesson and exercise; score and status are empty for an absent student."""

    def rows_of(student: Student) -> list[tuple[str, ...]]:
        person = _person_cells(student)
        return [
            (*person, lesson, *exercise_cells(exercise), *_score_cells(grades, student, lesson, exercise))
            for lesson, exercises in grades.lessons.items()
            for exercise in exercises.values()
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


def _score_cells(grades: ClassGrades, student: Student, lesson: str, exercise: GradedExercise) -> tuple[str, ...]:
    points, grade = format_score(exercise.max_score), grades.by_submission.get((student.id, lesson))
    score = grade.scores.get(exercise.name) if grade else None
    if score is None:
        return "", points, "", ""
    return format_score(score.score), points, format_score(score.manual_score), score.status


def write_canvas(path: Path, grades: ClassGrades) -> list[str]:
    """Write what Canvas's gradebook imports: one row for each student, one column for each lesson.

    The points possible are those of the lesson's main path; a student's score has the bonus in it. The student's id in
    the gradebook is the SIS Login ID; `lms_user_id`, where set, is Canvas's own ID.
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

    A student's score has the bonus in it, which Moodle must be told to take: a warning names those above the maximum.
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
    escaped = _escaped_names(name for name in named.values() if name)
    return _warn_unfinished(grades) + broken + without + escaped + _warn_above_maximum(grades)


def _warn_above_maximum(grades: ClassGrades) -> list[str]:
    above = [
        f"{student}/{lesson}"
        for (student, lesson), grade in grades.by_submission.items()
        if grade.bonus and (grade.score or 0) > grades.points(lesson)
    ]
    settings = "Moodle takes them only where its settings unlimitedgrades and gradepointmax allow it"
    return [f"above the lesson's points with the bonus: {', '.join(sorted(above))}; {settings}"] if above else []


def _feedback_cells(grades: ClassGrades, student: Student) -> list[str]:
    found = {lesson: grades.by_submission.get((student.id, lesson)) for lesson in grades.lessons}
    return [_describe_grade(grade, grades.points(lesson)) if grade else "" for lesson, grade in found.items()]


def _describe_grade(grade: LessonGrade, points: float) -> str:
    """Every score of the lesson in words, after what is a bonus in it."""
    lines = [_describe_score(score) for score in grade.scores.values()]
    if grade.bonus or grade.penalty:
        main = sum(each.score or 0.0 for each in grade.scores.values()) - grade.bonus
        late = f", less {format_score(grade.penalty)} for being late" if grade.penalty else ""
        lines.insert(0, describe_total(main, points, grade.bonus) + late)
    return "; ".join(lines)


def _describe_score(score: ExerciseScore) -> str:
    exercise = score.exercise
    further = ", further" if exercise.further else ""
    name = f"{exercise.number} {exercise.title} ({exercise.name}{further})" if exercise.number else exercise.name
    if score.score is None:
        return f"{name}: {score.status}"
    points = describe_points(format_score(score.score), format_score(exercise.max_score))
    return f"{name}: {points}, {score.status}"


def _warn_unfinished(grades: ClassGrades) -> list[str]:
    waiting = _name_submissions(grades, lambda grade: grade.waits)
    unreadable = _name_submissions(grades, lambda grade: grade.is_unreadable)
    verb = "waits" if len(waiting) == 1 else "wait"
    found = {f"{verb} for a person": waiting, "could not be read": unreadable}
    return [
        f"{quantity(len(names), 'submission')} {what}: {', '.join(names)}" for what, names in found.items() if names
    ]


def _name_submissions(grades: ClassGrades, is_meant: Callable[[LessonGrade], bool]) -> list[str]:
    return sorted(f"{student}/{lesson}" for (student, lesson), one in grades.by_submission.items() if is_meant(one))


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
            grades = self._follow_term(read_grades(gradebook, students, lessons))
        except (LookupError, CourseFileError) as error:
            raise SystemExit(str(error)) from None
        for warning in self.write(path, grades):
            self.log.warning(warning)
        self.log.info("Wrote %s", path)

    def _follow_term(self, grades: ClassGrades) -> ClassGrades:
        """`grades` as the course file counts them, if there is one in the folder that nbgrader was started in."""
        root = self.config.get("CourseDirectory", {}).get("root") or "."
        term = find_term(Path(root), exercises_by_lesson())
        return apply_term(grades, term) if term else grades

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
