"""`doctor`: which wall keeps a student's Python in its box on this machine, does it hold, which extras are there?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from graders.commands.project import project_root


@click.command("doctor")
@click.option("--wall", "only", help="Try this wall, rather than the best: bubblewrap or landlock.")
def doctor_command(only: str | None) -> None:
    """Try to break out of the box that grading would use here; exit with 0 only if every attempt fails."""
    from graders.sandbox import NoWall, best_wall, walls, weakness

    known = {wall.name: wall for wall in walls()}
    if only is not None and only not in known:
        raise click.ClickException(f"There is no wall {only}: the walls are {', '.join(known)}.")
    click.echo(_postgres())
    for line in _other_languages():
        click.echo(line)
    for wall in known.values():
        reason = weakness(wall)
        click.echo(f"✗ {wall.name}: {reason}" if reason else f"✓ {wall.name} ({wall.words})")
    try:
        wall = known[only] if only else best_wall()
    except NoWall as error:
        raise click.ClickException(str(error)) from None
    if weakness(wall):
        raise click.ClickException(f"{wall.name} does not hold here: {weakness(wall)}.")
    sys.exit(1 if _attempts(wall, _root()) else 0)


def _postgres() -> str:
    """Whether labs on PostgreSQL open here; the course can do without."""
    from graders.labs import MissingEngine, open_lab

    try:
        with open_lab("PostgreSQL") as lab:
            return f"✓ PostgreSQL {lab.execute('SHOW server_version').rows[0][0]}"
    except MissingEngine as error:
        return f"– {error}"


def _other_languages() -> list[str]:
    """Whether answers in JavaScript and Java can be graded here; one lesson has some."""
    from graders.sandbox.runtimes import why_missing

    names = {"javascript": "Sequelize (JavaScript)", "java": "Hibernate (Java)"}
    reasons = {name: why_missing(language, walled=True) for language, name in names.items()}
    return [f"– {reason}" if reason else f"✓ {name}" for name, reason in reasons.items()]


def _root() -> Path:
    """The project, if we are in one: its lessons are at stake too."""
    try:
        return project_root()
    except click.ClickException:
        return Path.cwd()


def _attempts(wall, root: Path) -> int:
    from graders.sandbox.breakouts import ATTEMPTS
    from graders.sandbox.stage import Stage

    click.echo(f"\nTrying to break out of a box behind {wall.name}:")
    out = 0
    with Stage(root) as stage:
        for name in ATTEMPTS:
            tried = stage.tried(name, wall)
            out += bool(tried.reached)
            click.echo(_line(name, tried))
    held = len(ATTEMPTS) - out
    click.echo(f"\n{held} of {len(ATTEMPTS)} attempts failed, as they should.")
    return out


def _line(name: str, tried) -> str:
    if tried.reached:
        return f"✗ {name}: it came through ({', '.join(tried.reached)[:160]})"
    return f"✓ {name}: {'it was ended, for ' + tried.ended if tried.ended else 'refused'}"
