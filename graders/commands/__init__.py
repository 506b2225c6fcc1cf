"""The verbs of `python -m graders`; and where the project is: the folder that holds lessons/."""

from __future__ import annotations

from pathlib import Path

import click


def project_root(start: Path | None = None) -> Path:
    """The nearest folder from `start` upwards that holds lessons/ and nbgrader_config.py."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "lessons").is_dir() and (folder / "nbgrader_config.py").is_file():
            return folder
    raise click.ClickException(
        f"{start} is not inside the course's project folder: go to the folder that holds lessons/."
    )
