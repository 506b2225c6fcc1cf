"""`prove`: whether each exercise catches every wrong answer and accepts every right one."""

from __future__ import annotations

import click

from graders.commands import project_root


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
    from graders.build.prove import prove_exercises
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
