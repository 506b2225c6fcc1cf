"""What a report depends on beside its request, as one digest: our code that judges, engines, mappers and runtimes."""

from __future__ import annotations

import hashlib
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

import course_data
import graders
from graders.labs.find_postgres import installations
from graders.sandbox.runtimes import find_java, find_node, installed_libraries

PROJECT = "databases-by-experiment"
EXTRAS_THAT_JUDGE = ("", "postgres", "orms")
# A request brings its exercise's key, so that a change to one key leaves the reports on all others as they are.
IGNORED = frozenset({"commands", "grading", "notebook", "keys", "__pycache__"})


@cache
def rules_digest() -> str:
    """A digest of everything but the request that a report depends on: our files that judge, and `find_versions`."""
    digest = hashlib.sha256("\x1f".join(find_versions()).encode())
    for name, path in find_judging_files():
        digest.update(f"\x1f{name}\x1f".encode() + path.read_bytes())
    return digest.hexdigest()


def find_versions() -> list[str]:
    """The versions of Python, the engines, mappers and runtimes here, and the libraries of other languages."""
    packages = [f"{name} {_version(name)}" for name in _packages()]
    return [platform.python_version(), sqlite3.sqlite_version, *packages, *_programs(), *installed_libraries()]


def _packages() -> list[str]:
    """The packages that answers and claims run on, as the project declares them."""
    declared = map(Requirement, requires(PROJECT) or [])
    return sorted({one.name for one in declared if _judges(one)})


def _judges(requirement: Requirement) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": one}) for one in EXTRAS_THAT_JUDGE)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _programs() -> Iterator[str]:
    """What the programs that pip did not bring say of their versions: theirs are packages like others."""
    servers = [each.programs / "postgres" for each in installations()[:1]]
    for path in (find_node(), find_java(), *servers):
        if path is not None and not path.is_relative_to(sys.prefix):
            yield subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout


def find_judging_files() -> list[tuple[str, Path]]:
    """The files of the project that may change a report, in any language, each with its name."""
    return [*_files_in(Path(graders.__file__).parent), *_files_in(Path(course_data.__file__).parent)]


def _files_in(package: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if path.is_file() and not path.name.startswith(".") and not IGNORED.intersection((parts[0], *parts[-2:-1])):
            yield path.relative_to(package.parent).as_posix(), path
