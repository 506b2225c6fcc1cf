"""`new-course` and `marks`: the term's one file, and what all its lessons come to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graders.commands import project_root

if TYPE_CHECKING:
    from graders.course.course import Course
    from graders.term.term import Term


def find_term_or_stop(course: Course) -> Term | None:
    """The term of the course, if it has a course file; what is wrong in it ends the command."""
    from graders.kernel.exercise import exercises_by_lesson
    from graders.term.course_file import CourseFileError, find_term

    try:
        return find_term(course.root, exercises_by_lesson())
    except CourseFileError as error:
        raise click.ClickException(f"{error}") from None


@click.command("new-course")
def new_course_command() -> None:
    """Make course.toml, the one file that says how the term runs, with every setting explained in it."""
    from graders.kernel.exercise import exercises_by_lesson
    from graders.term.course_file import FILE
    from graders.term.new_course import write_course_file

    try:
        path = write_course_file(project_root() / FILE, list(exercises_by_lesson()))
    except FileExistsError:
        raise click.ClickException(f"{project_root() / FILE} is there already: edit it, or move it away.") from None
    click.echo(f"made {path}: every line in it is explained, and those behind # change nothing yet.")


@click.command("marks")
@click.option("--results", default="results", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--gradebook", default="", help="A database URL; by default gradebook.db in the results.")
@click.option("--submitted", default="submitted", type=click.Path(file_okay=False, path_type=Path))
@click.option("--on", "at", type=click.DateTime(), help="Count what is due until then; by default until now.")
@click.option("--to", default="final-marks.csv", type=click.Path(dir_okay=False, path_type=Path))
def marks_command(results: Path, gradebook: str, submitted: Path, at: datetime | None, to: Path) -> None:
    """Write every student's marks as course.toml counts them: weights, late penalties, extra credit, a final mark."""
    from graders.course.course import Course
    from graders.grading.collect import TABLE, read_rows
    from graders.grading.final_marks import read_final_marks, warnings_about, write_final_marks
    from graders.term.course_file import CourseFileError

    term = find_term_or_stop(Course.at(project_root()))
    if term is None:
        raise click.ClickException("There is no course.toml: make one with `python -m graders new-course`.")
    until = term.in_zone(at) if at else datetime.now(UTC)
    url = gradebook or f"sqlite:///{(results / 'gradebook.db').resolve().as_posix()}"
    try:
        marks, grades = read_final_marks(url, term, until)
    except CourseFileError as error:
        raise click.ClickException(f"{error}") from None
    write_final_marks(to, marks)
    for warning in warnings_about(marks, grades, term, until, read_rows(submitted / TABLE)):
        click.echo(warning, err=True)
    click.echo(f"{to}: {len(marks)} students, as of {until.astimezone(term.zone):%Y-%m-%d %H:%M %Z}")
