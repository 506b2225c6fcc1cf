"""`minutes`: how long a class took for each exercise, from the logs that students handed in."""

from __future__ import annotations

from pathlib import Path

import click

from graders.commands import project_root


@click.command("minutes")
@click.argument("submitted", type=click.Path(exists=True, file_okay=False, path_type=Path))
def minutes_command(submitted: Path) -> None:
    """Print attempts and minutes for each exercise, from SUBMITTED/<student>/<lesson>/attempts.jsonl."""
    from graders.course.course import Course, read_course
    from graders.course.faults import LessonError
    from graders.figures.tables import table_text
    from graders.grading.class_minutes import measure_pace

    try:
        lessons = read_course(Course.at(project_root()))
    except LessonError as error:
        raise click.ClickException(f"{error}") from None
    paces = measure_pace(lessons, submitted)
    if not paces:
        raise click.ClickException(
            f"There is no log of attempts in {submitted}: students write theirs with save_attempts() in the notebook."
        )
    for pace in paces:
        click.echo(f"{table_text(pace.table, max_rows=len(pace.exercises))}\n{pace.sentence}\n")
