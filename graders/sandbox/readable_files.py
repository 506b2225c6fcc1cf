"""What of the file system Python needs in order to run, and nothing else: the most that a sandbox may read."""

from __future__ import annotations

import site
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SYSTEM = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/lib", "/lib32", "/lib64", "/nix/store"),
    *("/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime"),
)
COURSE = Path(__file__).resolve().parents[1]


@cache
def find_required_paths() -> tuple[Path, ...]:
    """The files and folders that a Python started as `sys.executable` reads, none inside another."""
    found = {Path(path) for path in SYSTEM} | set(_links(Path(sys.executable)))
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}:
        found |= {Path(prefix, name) for name in ("lib", "lib64", "pyvenv.cfg")}
    there = sorted(path for path in found if path.exists())
    return tuple(path for path in there if not any(parent in there for parent in path.parents))


def _links(path: Path) -> Iterator[Path]:
    """`path`, and what it points to, link by link: all of them must be there for `path` to open."""
    yield path
    if path.is_symlink():
        yield from _links(path.parent / path.readlink())


@cache
def find_hidden_paths() -> tuple[Path, ...]:
    """The course's own package, wherever a copy of it lies in what is needed."""
    copies = {COURSE, *(Path(folder, "graders").resolve() for folder in site.getsitepackages())}
    return tuple(sorted(copy for copy in copies if copy.is_dir() and _inside(copy)))


def _inside(path: Path) -> bool:
    return any(path.is_relative_to(other.resolve()) for other in find_required_paths())


@cache
def find_readable_paths() -> tuple[Path, ...]:
    """What is needed without what is hidden, piece by piece, for isolation that can only allow."""
    return tuple(piece for path in find_required_paths() for piece in _pieces(path))


def _pieces(path: Path) -> Iterator[Path]:
    real = path.resolve()
    if real in find_hidden_paths():
        return
    if any(copy.is_relative_to(real) for copy in find_hidden_paths()):
        for child in sorted(path.iterdir()):
            yield from _pieces(child)
    else:
        yield path
