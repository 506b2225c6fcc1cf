"""Runs PostgreSQL's own psql on the database of a shared lab: an exit code, and what it says."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.labs.find_postgres import MissingEngine, installations
from graders.labs.shared import SharedLab

SECONDS = 60
START_UP_FILE = ".psqlrc"


@dataclass(frozen=True)
class PsqlRun:
    """How psql ended."""

    code: int
    """Its exit code: 0 for "all went well", 3 for a script that it has stopped."""
    said: str
    """What it wrote, errors among it."""


def run_psql(lab: SharedLab, words: Sequence[str], files: Mapping[str, str], standard_input: str = "") -> PsqlRun:
    """Run psql with the arguments `words` in a folder with `files`, which is its user's home too.

    The database and the role are those of the lab. The arguments can name any file and program of this machine: what
    a student wrote must have been looked at before.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_text(content, encoding="utf-8")
        done = subprocess.run(
            [find_psql(), *words],
            cwd=folder,
            env={"HOME": folder, "LC_ALL": "C", "PATH": "", **lab.connection_variables()},
            input=standard_input,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    return PsqlRun(done.returncode, done.stdout + done.stderr)


def find_psql() -> Path:
    """The psql that comes with the PostgreSQL of labs, or one in PATH; raise `MissingEngine` if there is none."""
    beside = [installation.programs / "psql" for installation in installations()]
    in_path = shutil.which("psql")
    found = next((path for path in [*beside, *([Path(in_path)] if in_path else [])] if path.exists()), None)
    if found is None:
        raise MissingEngine("psql, PostgreSQL's own client, is not here.")
    return found
