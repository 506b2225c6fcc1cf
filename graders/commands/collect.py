"""`collect` and `minutes`: what students handed in becomes a folder of submissions, and says how long they took."""

from __future__ import annotations

from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graders.commands import project_root
from graders.commands.term import find_term_or_stop
from graders.kernel.readable import quantity

if TYPE_CHECKING:
    from graders.term.roster import Person


@click.command("collect")
@click.argument("download", type=click.Path(exists=True, path_type=Path))
@click.option("--to", "submitted", default="submitted", type=click.Path(file_okay=False, path_type=Path))
@click.option("--lesson", default="", help="Take only this lesson, such as 03-normalization.")
@click.option(
    "--roster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Canvas' exported gradebook or Moodle's grading worksheet; without it, the roster of course.toml.",
)
def collect_command(download: Path, submitted: Path, lesson: str, roster: Path | None) -> None:
    """Take the notebooks in DOWNLOAD, a zip or folder from Canvas or Moodle, as it is, and say what became of each.

    After `nbgrader collect`, name the folder of submissions itself: the table says who is late and missing.

    They go to submitted/<student>/<lesson>/<lesson>.ipynb, or below the folder given with --to.
    """
    from graders.course.course import Course
    from graders.figures.tables import table_text
    from graders.grading.class_matrix import days_late
    from graders.grading.collect import TABLE, Collection, keep_rows, rows_table

    course = Course.at(project_root())
    lessons = [folder.name for folder in course.lesson_folders]
    if lesson and lesson not in lessons:
        raise click.ClickException(f"There is no lesson {lesson}; there are {', '.join(lessons)}.")
    term = find_term_or_stop(course)
    people = _read_people(roster) if roster else list(term.people.values()) if term else []
    zone = term.zone if term else UTC
    collection = Collection(submitted, lessons, lesson, people, zone, partial(days_late, term=term))
    try:
        rows = collection.collect(download)
        keep_rows(submitted / TABLE, rows)
    except OSError as error:
        raise click.ClickException(f"{error.filename or download}: {error.strerror}.") from None
    click.echo(table_text(rows_table(rows), max_rows=len(rows)))
    click.echo(_summary([row.what for row in rows], sum(row.late for row in rows)))


def _read_people(path: Path) -> list[Person]:
    from graders.term.roster import read_roster

    try:
        return read_roster(path)
    except ValueError as error:
        raise click.ClickException(f"{path}: {error}.") from None


def _summary(outcomes: list[str], late: int) -> str:
    collected, missing, duplicate = (
        sum(outcome.startswith(start) for outcome in outcomes) for start in ("collected", "missing", "duplicate")
    )
    there = sum(outcome.startswith("was there") for outcome in outcomes)
    known = f", {there} there already" if there else ""
    return f"{quantity(collected, 'notebook')} collected{known}; {late} late, {missing} missing, {duplicate} duplicate."


@click.command("minutes")
@click.argument("submitted", type=click.Path(exists=True, file_okay=False, path_type=Path))
def minutes_command(submitted: Path) -> None:
    """Print attempts and minutes for each exercise, from SUBMITTED/<student>/<lesson>/attempts.jsonl."""
    from graders.course.course import Course, read_course
    from graders.course.faults import LessonError
    from graders.figures.tables import table_text
    from graders.grading.class_minutes import measure_pace
    from graders.grading.submissions import find_submissions

    try:
        lessons = read_course(Course.at(project_root()))
    except LessonError as error:
        raise click.ClickException(f"{error}") from None
    paces = measure_pace(lessons, find_submissions(submitted))
    if not paces:
        raise click.ClickException(
            f"There is no log of attempts in {submitted}: students write theirs with save_attempts() in the notebook."
        )
    for pace in paces:
        click.echo(f"{table_text(pace.table, max_rows=len(pace.exercises))}\n{pace.sentence}\n")
