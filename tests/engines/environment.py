"""Makes a virtual environment with this one's packages and other engines: `environment.py FOLDER [PACKAGES]`."""

from __future__ import annotations

import site
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import apsw

# Read by every Python of the environment, sandboxes included: what is loaded first is the SQLite of all.
PATHS = """\
import ctypes; ctypes.CDLL({sqlite!r}, mode=ctypes.RTLD_GLOBAL)
import site; list(map(site.addsitedir, {folders!r}))
"""
VERSIONS = "import sqlite3; from importlib.metadata import version; print(sqlite3.sqlite_version, version('duckdb'))"


def make_environment(folder: Path, packages: Path | None = None) -> Path:
    """Make the environment in `folder`, with `packages`, a list for pip, instead of ours; give its Python.

    Its SQLite is the one that comes with apsw as a library of its own.
    """
    venv.create(folder, clear=True, symlinks=True)
    python = folder / "bin" / "python"
    own = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (own / "engines.pth").write_text(PATHS.format(sqlite=str(newest_sqlite()), folders=site.getsitepackages()))
    if packages:
        words = ["--python", str(python), "install", "--quiet", "--no-deps", "--target", str(own), "-r", str(packages)]
        subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *words], check=True)
    return python


def newest_sqlite() -> Path:
    """The library of SQLite in the apsw that is installed here."""
    (library,) = Path(apsw.__file__).parent.glob("sqlite_extra_binaries/libsqlite3_tool.so")
    return library


def versions(python: Path | str) -> tuple[str, str]:
    """The versions of SQLite and DuckDB that `python` runs, as an isolated sandbox of it does."""
    said = subprocess.run([python, "-I", "-c", VERSIONS], capture_output=True, text=True, check=True).stdout.split()
    return said[0], said[1]


if __name__ == "__main__":
    made = make_environment(*map(Path, sys.argv[1:]))
    print("Here: SQLite {} and DuckDB {}.".format(*versions(sys.executable)))
    print("There: SQLite {} and DuckDB {}.".format(*versions(made)))
