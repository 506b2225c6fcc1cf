"""`new-lesson`: the skeleton of a lesson that already builds and passes its tests."""

from __future__ import annotations

import click

from graders.commands.project import project_root


@click.command("new-lesson")
@click.argument("name")
def new_lesson_command(name: str) -> None:
    """Begin a lesson called NAME ("query-patterns"): one lesson file and one module of claims."""
    from graders.build.new_lesson import begin_lesson

    try:
        made = begin_lesson(project_root(), name)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    for path in made:
        click.echo(f"made {path}")
    click.echo("Run `make build`, then open the notebook it made.")
