"""`build`, `prove`, `new-lesson`, `publish`, `student`, `self-study`: what authors make, for a class or for one."""

from __future__ import annotations

from pathlib import Path

import click

from graders.commands import project_root


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


@click.command("publish")
@click.argument("repository")
def publish_command(repository: str) -> None:
    """Write links to Binder, Colab and Codespaces into the README, for REPOSITORY: OWNER/NAME, or a URL on GitHub."""
    from graders.build.pages import parse_address, write_address, write_pages
    from graders.course.course import Course, read_course
    from graders.course.faults import LessonError

    course = Course.at(project_root())
    try:
        address = parse_address(repository)
        write_address(course.root, address)
        write_pages(course, read_course(course))
    except (ValueError, LessonError) as error:
        raise click.ClickException(f"{error}") from None
    click.echo(f"README.md and pyproject.toml now name {address.url}: commit them, then push.")


@click.command("student")
@click.option("--out", default="dist", type=click.Path(file_okay=False, path_type=Path), help="Where the zip goes.")
@click.option("--self-study", is_flag=True, help="The edition with solutions, for those who study alone.")
def student_command(out: Path, self_study: bool) -> None:
    """Make the student bundle: notebooks, the package as a wheel, pins and a short README."""
    from graders.build.bundle import make_parts, write_bundle
    from graders.course.faults import LessonError

    try:
        with make_parts(project_root()) as parts:
            path = write_bundle(parts, out, self_study=self_study)
    except (RuntimeError, LessonError) as error:
        raise click.ClickException(f"{error}") from None
    click.echo(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")


@click.command("self-study")
def self_study_command() -> None:
    """Make this checkout a self-study edition: put the solutions beside the notebooks, for `solution("…")`."""
    from graders.build.bundle import write_course_solutions
    from graders.course.faults import LessonError

    try:
        path = write_course_solutions(project_root(), project_root() / "notebooks")
    except LessonError as error:
        raise click.ClickException(f"{error}") from None
    click.echo(f"made {path}: delete it, and this is the class edition again.")


@click.command("prove")
@click.option("--only", multiple=True, metavar="LESSON", help="Prove this lesson's exercises; may be repeated.")
@click.option("--exercise", "names", multiple=True, metavar="NAME", help="Prove this exercise; may be repeated.")
@click.option(
    "--seeds",
    type=click.IntRange(2),
    default=20,
    show_default=True,
    help="On how many seeds foreseen answers are judged.",
)
def prove_command(only: tuple[str, ...], names: tuple[str, ...], seeds: int) -> None:
    """Prove exercises fair: mutants of the solution lose points, idle answers earn none, other forms of it earn all.

    Every foreseen answer is judged on many seeds. What is proved stays proved until something it depends on changes.
    """
    from graders.build.workers import prove_exercises
    from graders.course.course import Course, read_course
    from graders.course.faults import LessonError
    from graders.kernel.claims import OPEN_SEED

    course = Course.at(project_root())
    try:
        lessons = [lesson for lesson in read_course(course) if not only or lesson.name in only]
    except LessonError as error:
        raise click.ClickException(f"{error}") from None
    work = [(lesson, task) for lesson in lessons for task in lesson.tasks.values() if not names or task.name in names]
    if not work:
        raise click.ClickException("There is no such exercise; `--only` and `--exercise` take names as lessons/ has.")
    tried = (OPEN_SEED, *range(101, 100 + seeds))
    faults = prove_exercises(course, work, tried, lambda proof: click.echo(str(proof)))
    if faults:
        raise click.ClickException("\n".join([f"{len(faults)} fault(s)", *map(str, sorted(set(faults)))]))
    click.echo("every exercise is proved fair")
