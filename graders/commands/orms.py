"""`orms`: installs Sequelize and Hibernate, which one lesson tries beside Python's mappers."""

from __future__ import annotations

import urllib.error

import click


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
