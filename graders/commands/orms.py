"""`orms`: brings Sequelize and Hibernate, which one lesson tries beside Python's mappers."""

from __future__ import annotations

import urllib.error

import click


@click.command("orms")
def orms_command() -> None:
    """Bring Sequelize (by npm) and Hibernate with H2 (from Maven Central), each file checked against its digest."""
    from graders.sandbox.runtimes.bringing import bring_hibernate, bring_sequelize
    from graders.sandbox.runtimes.runtimes import installed

    for name, bring in (("Sequelize", bring_sequelize), ("Hibernate", bring_hibernate)):
        click.echo(f"{name} …")
        try:
            bring()
        except (RuntimeError, urllib.error.URLError) as error:
            raise click.ClickException(f"{name}: {error}") from None
    click.echo(f"They are in {installed()}.")
