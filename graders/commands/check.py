"""`check`: a student's notebook, checked from the shell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graders.kernel.failures import contain_failure

if TYPE_CHECKING:
    from graders.kernel.exercise import Exercise
    from graders.kernel.report import Report


@click.command("check")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--exercise", "only", help="Check this exercise alone.")
def check_command(notebook: Path, only: str | None) -> None:
    """Check every answer in NOTEBOOK as `check(...)` does, and print the reports."""
    from graders.course.answer_cells import read_answers
    from graders.course.notebook_cells import UnreadableNotebook
    from graders.figures.report import describe_reports
    from graders.kernel.judge import judge

    named = _exercises(notebook, only)
    exercises = [exercise for exercise in named if exercise.kind != "prose"]
    try:
        answers = read_answers(notebook, exercises)
    except UnreadableNotebook as error:
        raise click.ClickException(f"{notebook}: {error}.") from None
    for line in answers.remarks:
        click.echo(f"Note: {line}.")
    reports = [judge(exercise, answers.texts[exercise.name]) for exercise in exercises]
    for report in reports:
        click.echo(_text(report) + "\n")
    click.echo(describe_reports(list(zip(exercises, reports, strict=True))))
    for exercise in named:
        if exercise.kind == "prose":
            click.echo(
                f"{exercise.heading} · {exercise.name} is read by a person, for {exercise.points:g} more points."
            )


def _text(report: Report) -> str:
    """The report for a terminal or, where it cannot be drawn, its first line and why."""
    from graders.figures.report import headline, report_text

    with contain_failure("drawing this report") as faults:
        return report_text(report)
    return f"{headline(report)}\n  ! {faults[0]}"


def _exercises(notebook: Path, only: str | None) -> list[Exercise]:
    from graders.kernel.exercise import find_exercise, key_file, list_lessons

    known = {key_file(lesson)["id"]: lesson for lesson in list_lessons()}
    names = [name for lesson in known.values() for name in key_file(lesson)["exercises"]]
    if only is not None and only not in names:
        raise click.ClickException(f"There is no exercise {only}: its name is in its check cell.")
    lesson = _lesson(notebook)
    if only is None and lesson not in known:
        raise click.ClickException(f"{notebook} is of no lesson that is known here; there are {', '.join(known)}.")
    chosen = [only] if only else list(key_file(known[lesson])["exercises"])
    exercises = [find_exercise(name) for name in chosen]
    return [exercise for exercise in exercises if exercise]


def _lesson(notebook: Path) -> str:
    """The lesson that the notebook says it is of or, if it says nothing, the one it is named after."""
    from graders.course.notebook_cells import UnreadableNotebook, named_lesson, read_notebook

    try:
        return named_lesson(read_notebook(notebook)) or notebook.stem
    except UnreadableNotebook as error:
        raise click.ClickException(f"{notebook}: {error}.") from None
