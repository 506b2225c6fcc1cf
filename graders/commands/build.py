"""`build`: lessons/*.md become notebooks and key files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from graders.commands.project import project_root


@click.command("build")
@click.option("--only", multiple=True, metavar="LESSON", help="Build this lesson alone; may be repeated.")
@click.option("--drift", "only_drift", is_flag=True, help="Write nothing; fail if what is committed differs.")
@click.option("--quick", is_flag=True, help="Do not try out the answers that the lessons foresee.")
def build_command(only: tuple[str, ...], only_drift: bool, quick: bool) -> None:
    """Make build/source, notebooks and the checks' keys from the lesson files."""
    from graders.build.course import Course, LessonError, build, drift

    course = Course.at(project_root())
    try:
        if only_drift:
            _report_drift(course, drift)
        else:
            build(course, only=only, try_answers=not quick, tell=click.echo)
    except LessonError as error:
        raise click.ClickException(str(error)) from None


def _report_drift(course, drift) -> None:
    with tempfile.TemporaryDirectory(prefix="build-") as scratch:
        differing = drift(course, Path(scratch))
    if differing:
        raise click.ClickException("Not as the lessons say; run `make build`: " + ", ".join(differing))
    click.echo("notebooks and keys are as the lessons say")
