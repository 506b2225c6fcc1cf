"""`install-frontend`: JupyterLab set up for the course in the environment of this Python."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("install-frontend")
def install_frontend_command() -> None:
    """Set JupyterLab up in this Python environment: start-up hook, settings, no teacher's menus for students."""
    from graders.frontend import install

    try:
        made = install(Path(sys.prefix))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{error}.") from None
    click.echo(f"JupyterLab in {sys.prefix} is set up for the course ({len(made)} files).")
