"""`student`: one zip with all that a student needs, and no lesson source."""

from __future__ import annotations

from pathlib import Path

import click

from graders.commands.project import project_root


@click.command("student")
@click.option("--out", default="dist", type=click.Path(file_okay=False, path_type=Path), help="Where the zip goes.")
def student_command(out: Path) -> None:
    """Make the student bundle: notebooks, the package as a wheel, pins and a short README."""
    from graders.build.bundle import make_bundle
    from graders.course.faults import LessonError

    try:
        path = make_bundle(project_root(), out)
    except (RuntimeError, LessonError) as error:
        raise click.ClickException(f"{error}") from None
    click.echo(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
