"""Writes the marks of a whole term, one row for each student, and says what an instructor should know about them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook

from graders.grading.collect import Row
from graders.grading.grades import ClassGrades, format_score, read_grades
from graders.grading.term_marks import UNREADABLE, FinalMark, final_marks, lessons_without_weight, time_of
from graders.kernel.readable import escape_formula
from graders.term.course_file import FILE, CourseFileError
from graders.term.term import Term

PERSON_COLUMNS = ("student", "name", "section", "percent", "final")


def read_final_marks(url: str, term: Term, at: datetime) -> tuple[list[FinalMark], ClassGrades]:
    """The final marks of all students as of `at`, and the grades in the gradebook at `url` that they come from.

    Raise `CourseFileError` if some of the lessons that were graded have a weight, and others have none.
    """
    with Gradebook(url) as gradebook:
        grades = read_grades(gradebook)
    if without := lessons_without_weight(grades, term):
        raise CourseFileError(
            f"{FILE}: lessons.{without[0]}: it has no weight, and others have. Give every lesson that was graded "
            f"a weight, or none; without: {', '.join(without)}."
        )
    return final_marks(grades, term, at), grades


def write_final_marks(path: Path, marks: Sequence[FinalMark]) -> None:
    """Write one row for each student: the final mark in per cent, then each lesson's points, and what became of it."""
    lessons = list(marks[0].lessons) if marks else []
    columns = [column for lesson in lessons for column in (lesson, f"{lesson} of", f"{lesson} status")]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*PERSON_COLUMNS, *columns])
        writer.writerows(_row(mark) for mark in marks)


def _row(mark: FinalMark) -> list[str]:
    person = [escape_formula(text) for text in (mark.person.student, mark.person.name, mark.person.section)]
    percent = "" if mark.percent is None else f"{mark.percent:.2f}"
    cells = [*person, percent, "yes" if mark.is_final else "not yet"]
    for lesson in mark.lessons.values():
        cells += [format_score(lesson.earned) if lesson.is_counted else "", format_score(lesson.points), lesson.words]
    return cells


def warnings_about(
    marks: Sequence[FinalMark], grades: ClassGrades, term: Term, at: datetime, collected: Sequence[Row]
) -> list[str]:
    """What an instructor should know before giving out `marks`, a sentence each."""
    return [
        *_not_graded(grades, term, at),
        *_unreadable(marks),
        *_not_on_the_roster(marks, term),
        *_late_without_time(grades, term, collected),
    ]


def _not_graded(grades: ClassGrades, term: Term, at: datetime) -> Iterator[str]:
    for lesson, plan in term.file.lessons.items():
        if plan.counts and plan.due and term.in_zone(plan.due) <= at and lesson not in grades.lessons:
            yield f"{lesson} was due and nobody's has been graded: it does not count yet"


def _unreadable(marks: Sequence[FinalMark]) -> Iterator[str]:
    names = [
        f"{mark.person.student}/{lesson}"
        for mark in marks
        for lesson, one in mark.lessons.items()
        if one.status == UNREADABLE
    ]
    if names:
        yield f"could not be read, and counts as 0 until it is handed in again: {', '.join(names)}"


def _not_on_the_roster(marks: Sequence[FinalMark], term: Term) -> Iterator[str]:
    strangers = [mark.person.student for mark in marks if term.people and mark.person.student not in term.people]
    if strangers:
        yield f"not on the roster: {', '.join(strangers)}"


def _late_without_time(grades: ClassGrades, term: Term, collected: Sequence[Row]) -> Iterator[str]:
    for row in collected:
        grade = grades.by_submission.get((row.student, row.lesson))
        if row.late and row.is_taken and time_of(grade, term, row.student, row.lesson) is None:
            yield (
                f"{row.student}/{row.lesson} was late, and the download does not say how late: nothing is taken off. "
                "Write when it was handed in into course.toml, under [[hand_ins]]"
            )
