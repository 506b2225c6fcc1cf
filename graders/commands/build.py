"""`build`: the folders of lessons/ become notebooks and key files."""

from __future__ import annotations

import click

from graders.commands.project import project_root


@click.command("build")
@click.option("--only", multiple=True, metavar="LESSON", help="Build this lesson alone; may be repeated.")
@click.option("--exercise", metavar="NAME", help="Try the foreseen answers to this exercise, and write nothing.")
@click.option("--drift", "only_drift", is_flag=True, help="Write nothing; fail if what is committed differs.")
@click.option("--quick", is_flag=True, help="Do not try out the answers that the lessons foresee.")
@click.option("--fresh", is_flag=True, help="Build and try everything, whether or not it has changed.")
def build_command(only: tuple[str, ...], exercise: str | None, only_drift: bool, quick: bool, fresh: bool) -> None:
    """Make build/source, notebooks and the checks' keys from lessons/, as far as they have changed."""
    from graders.build.builder import build
    from graders.build.record import Record
    from graders.build.workers import try_one
    from graders.course.course import Course
    from graders.course.faults import LessonError

    course = Course.at(project_root())
    try:
        if only_drift:
            _report_drift(course)
        elif exercise:
            try_one(course, exercise, click.echo)
        else:
            record = Record(course.root / "build" / "record.json", fresh=fresh)
            build(course, only=only, answers=not quick, record=record, tell=click.echo)
    except LessonError as error:
        raise click.ClickException(f"{len(error.faults)} fault(s)\n{error}") from None


def _report_drift(course) -> None:
    from graders.build.builder import drift

    if differing := drift(course):
        raise click.ClickException("Not as the lessons say; run `make build`: " + ", ".join(differing))
    click.echo("notebooks and keys are as the lessons say")
