"""`grade` and `regrade`: a folder of submissions becomes scores, feedback pages and a table of grades."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from graders.commands import project_root
from graders.commands.term import find_term_or_stop
from graders.kernel.readable import quantity

if TYPE_CHECKING:
    from graders.grading.submissions import GradedSubmission
    from graders.kernel.report import Report


@click.command("grade")
@click.argument("submitted", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where results go.")
@click.option("--gradebook", default="", help="A database URL; by default OUT/gradebook.db.")
@click.option("--jobs", default=0, type=click.IntRange(min=0), help="Worker processes; by default one a core.")
@click.option("--scheduler", default="", help="Judge on a dask cluster, at an address like tcp://host:8786.")
@click.option("--again", is_flag=True, help="Judge once more what was left for review because it took too long.")
@click.option("--unsafe", is_flag=True, help="Run students' code without isolation; written on every such report.")
def grade_command(submitted: Path, out: Path, gradebook: str, unsafe: bool, **how: Any) -> None:
    """Grade SUBMITTED/<student>/<lesson>/<lesson>.ipynb and write everything to OUT."""
    from graders.course.course import Course
    from graders.grading.grade_class import grade_class
    from graders.grading.secret_seed import course_seed
    from graders.kernel.failures import describe_stop

    root = project_root()
    if not unsafe:
        _require_isolation()
    course = Course.at(root)
    term = find_term_or_stop(course)
    seed, made = course_seed(root)
    console = Console(stderr=True, soft_wrap=True)
    if made:
        console.print(made)
    with _progress_bar(console) as bar:
        task = bar.add_task("reading", total=None)

        def show_progress(graded: GradedSubmission, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=graded.submission.name)
            for line in _warnings(graded):
                bar.console.print(f"{graded.submission.name}: {line}", markup=False, highlight=False)

        try:
            how |= {"unsafe": unsafe, "term": term}
            submissions = grade_class(course, seed, submitted, out, gradebook, show_progress, **how)
        except Exception as error:
            raise click.ClickException(
                f"{describe_stop(error)}. What is done is kept: run the same command again."
            ) from error
    click.echo(f"{_summary(submissions)}: {out / 'grades.csv'}")
    sys.exit(0 if submissions else 1)


@click.command("regrade")
@click.argument("submitted", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where the results are.")
@click.option("--gradebook", default="", help="A database URL; by default OUT/gradebook.db.")
@click.option("--student", default="", help="Only this student's answers.")
@click.option("--lesson", default="", help="Only answers to this lesson, such as 03-normalization.")
@click.option("--exercise", default="", help="Only answers to this exercise.")
@click.option("--why", required=True, help="The reason, which the log of changed marks keeps.")
def regrade_command(submitted: Path, out: Path, gradebook: str, **what: str) -> None:
    """Judge answers once more, and log in OUT/regrades.csv which marks changed, when and why.

    Marks that a person gave stay.
    """
    from graders.course.course import Course
    from graders.grading.grades import format_score
    from graders.grading.regrade import LOG, Regrade, regrade
    from graders.grading.secret_seed import course_seed

    _require_isolation()
    course = Course.at(project_root())
    term, seed = find_term_or_stop(course), course_seed(course.root)[0]
    try:
        changes = regrade(course, seed, submitted, out, Regrade(**what), gradebook, term)
    except LookupError as error:
        raise click.ClickException(f"{error}: look at --student, --lesson and --exercise.") from None
    for one in changes:
        before, after = (format_score(mark) or "no mark" for mark in (one.before, one.after))
        click.echo(f"{one.student} {one.lesson} {one.exercise}: {before} -> {after}")
    click.echo(f"{quantity(len(changes), 'mark')} changed: {out / LOG}")


def _summary(submissions: list[GradedSubmission]) -> str:
    unread = sum(bool(graded.reason) and not graded.our_fault for graded in submissions)
    review = sum(graded.our_fault or any(map(_needs_review, graded.reports.values())) for graded in submissions)
    more = f", {review} with something to review" if review else ""
    return f"{quantity(len(submissions), 'submission')}, {unread} of them unreadable{more}"


def _needs_review(report: Report) -> bool:
    return report.status == "needs review"


def _require_isolation() -> None:
    """Refuse to grade where no isolation holds around a student's code."""
    from graders.sandbox import IsolationUnavailable, best_isolation

    try:
        best_isolation()
    except IsolationUnavailable as error:
        raise click.ClickException(f"{error} To grade without isolation all the same, type --unsafe.") from None


def _warnings(graded: GradedSubmission) -> list[str]:
    """What an instructor should hear about a submission, a line each."""
    lines = [graded.status] if graded.reason else graded.answers.remarks
    broken = {name: report for name, report in graded.reports.items() if _needs_review(report)}
    return lines + [f"{name}: needs review: {_why(report)}" for name, report in broken.items()]


def _why(report: Report) -> str:
    return next(verdict.found for verdict in report.verdicts if verdict.outcome.value == "our fault")


class _Rate(ProgressColumn):
    """Submissions a second, so far."""

    def render(self, task) -> Text:
        return Text(f"{task.completed / task.elapsed:.1f}/s" if task.elapsed and task.completed else "")


def _progress_bar(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console)
