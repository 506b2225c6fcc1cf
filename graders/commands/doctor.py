"""`doctor`, `orms`, `install-frontend`: what this computer has for the course, and what it is given."""

from __future__ import annotations

import os
import sys
import urllib.error
from pathlib import Path

import click

from graders.commands import project_root


@click.command("doctor")
@click.option("--isolation", "only", help="Try this isolation, rather than the best: bubblewrap or landlock.")
def doctor_command(only: str | None) -> None:
    """Try to break out of the sandbox that grading would use here; exit with 0 only if every attempt fails."""
    from graders.sandbox import IsolationUnavailable, best_isolation, isolations, weakness

    known = {isolation.name: isolation for isolation in isolations()}
    if only is not None and only not in known:
        raise click.ClickException(f"there is no isolation {only}: there are {', '.join(known)}.")
    click.echo(_sqlite())
    click.echo(_postgres())
    for line in _other_languages():
        click.echo(line)
    for each in known.values():
        reason = weakness(each)
        click.echo(f"✗ {each.name}: {reason}" if reason else f"✓ {each.name} ({each.words})")
    try:
        isolation = known[only or best_isolation().name]
    except IsolationUnavailable as error:
        raise click.ClickException(str(error)) from None
    if weakness(isolation):
        raise click.ClickException(f"{isolation.name} does not hold here: {weakness(isolation)}.")
    sys.exit(1 if _attempts(isolation, _root()) else 0)


def _sqlite() -> str:
    """Whether marks on this SQLite are those of every other that the course is made for."""
    import sqlite3

    from graders.labs.sqlite_lab import why_too_old

    return f"✗ {why_too_old()}" if why_too_old() else f"✓ SQLite {sqlite3.sqlite_version}"


def _postgres() -> str:
    """Whether labs on PostgreSQL open here; the course can do without."""
    from graders.labs import MissingEngine, open_lab

    try:
        with open_lab("PostgreSQL") as lab:
            return f"✓ PostgreSQL {lab.execute('SHOW server_version').rows[0][0]}"
    except MissingEngine as error:
        return f"– {error}"


def _other_languages() -> list[str]:
    """Whether answers in JavaScript, in Java and in the shell can be graded here; two lessons have some."""
    from graders.sandbox.runtimes import why_missing

    names = {"javascript": "Sequelize (JavaScript)", "java": "Hibernate (Java)", "shell": "sh and bash"}
    reasons = {name: why_missing(language, isolated=True) for language, name in names.items()}
    return [f"– {reason}" if reason else f"✓ {name}" for name, reason in reasons.items()]


def _root() -> Path:
    """The project, if we are in one: its lessons are at stake too."""
    try:
        return project_root()
    except click.ClickException:
        return Path.cwd()


def _attempts(isolation, root: Path) -> int:
    from graders.commands.breakout_trial import Stage
    from graders.commands.breakouts import ATTEMPTS

    click.echo(f"\nTrying to break out of a sandbox in {isolation.name}:")
    out = 0
    with Stage(root) as stage:
        for name in ATTEMPTS:
            tried = stage.try_attempt(name, isolation)
            out += bool(tried.reached)
            click.echo(_line(name, tried))
    held = len(ATTEMPTS) - out
    click.echo(f"\n{held} of {len(ATTEMPTS)} attempts failed, as they should.")
    return out


def _line(name: str, tried) -> str:
    from graders.kernel.answers import to_mismatch

    if tried.reached:
        return f"✗ {name}: it came through ({', '.join(tried.reached)[:160]})"
    if tried.error is None:
        return f"✓ {name}: refused"
    return f"✓ {name}: it was ended, for {to_mismatch(tried.error).found}"


@click.command("orms")
def orms_command() -> None:
    """Install Sequelize (by npm) and Hibernate with H2 (from Maven Central), each file checked against its digest."""
    from graders.sandbox.runtimes import library_folder
    from graders.sandbox.runtimes.install import install_hibernate, install_sequelize

    for name, install in (("Sequelize", install_sequelize), ("Hibernate", install_hibernate)):
        click.echo(f"{name} …")
        try:
            install()
        except (RuntimeError, urllib.error.URLError) as error:
            raise click.ClickException(f"{name}: {error}") from None
    click.echo(f"They are in {library_folder('node').parent}.")


@click.command("install-frontend")
@click.option("--assignment-list", is_flag=True, help="Students get nbgrader's Assignment List: for its exchange.")
@click.option("--teacher", is_flag=True, help="You alone get nbgrader's menus: for an instructor on a hub.")
def install_frontend_command(assignment_list: bool, teacher: bool) -> None:
    """Set JupyterLab up in this Python environment: start-up hook, settings, no teacher's menus for students."""
    from graders.frontend import install, install_for_teacher

    own = os.environ.get("JUPYTER_CONFIG_DIR") or Path.home() / ".jupyter"
    place = Path(own if teacher else sys.prefix)
    try:
        made = install_for_teacher(place) if teacher else install(place, assignment_list=assignment_list)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{error}.") from None
    click.echo(f"JupyterLab in {place} is set up for {'you' if teacher else 'the course'} ({len(made)} files).")
