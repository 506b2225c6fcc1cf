"""`grade`: a folder of submissions becomes marks, feedback pages and a table of grades."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from graders.commands.project import project_root


@click.command("grade")
@click.argument("submitted", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where results go.")
@click.option("--gradebook", default="", help="A database URL; by default OUT/gradebook.db.")
def grade_command(submitted: Path, out: Path, gradebook: str) -> None:
    """Grade SUBMITTED/<student>/<lesson>/<lesson>.ipynb and write everything to OUT."""
    from graders.build.course import Course
    from graders.grading.run import grade
    from graders.grading.seed import course_seed

    root = project_root()
    seed, made = course_seed(root)
    console = Console(stderr=True, soft_wrap=True)
    if made:
        console.print(made)
    with _bar(console) as bar:
        task = bar.add_task("grading", total=None)

        def tell(marked, done, total):
            bar.update(task, completed=done, total=total, description=marked.submission.student)
            if marked.reason:
                name = f"{marked.submission.student}/{marked.submission.lesson}"
                bar.console.print(f"{name}: {marked.reason}", markup=False, highlight=False)

        found = grade(Course.at(root), seed, submitted, out, gradebook, tell)
    unread = sum(bool(marked.reason) for marked in found)
    click.echo(f"{len(found)} submissions, {unread} of them unreadable: {out / 'grades.csv'}")
    sys.exit(0 if found else 1)


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)
