"""What was built from what: the record of an earlier build, and digests of all that its outcome depends on."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import sqlite3
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from graders.course.course import Course, following_lesson
from graders.course.lesson import Task, name_of
from graders.labs.find_postgres import URL_VARIABLE, installations, why_no_postgres
from graders.sandbox.runtimes import find_java, find_node, why_missing


class Record:
    """A file of digests. What it lacks is made and tried again, so it may be deleted or broken at any time."""

    def __init__(self, path: Path, *, fresh: bool = False):
        """Read the record at `path`; a `fresh` one begins empty, whatever is there."""
        self.path = path
        self._lessons: dict[str, dict[str, Any]] = {}
        self._exercises: dict[str, dict[str, Any]] = {}
        if fresh:
            return
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(path.read_text(encoding="utf-8"))
            self._lessons, self._exercises = dict(data["lessons"]), dict(data["exercises"])

    def has_lesson(self, lesson_id: str, digest: str, made: Iterable[Path]) -> bool:
        """Whether the lesson was built from what has this digest, and all files `made` of it are as they were."""
        known = self._lessons.get(lesson_id, {})
        return known.get("digest") == digest and known.get("made") == _contents(made)

    def add_lesson(self, lesson_id: str, digest: str, made: Iterable[Path]) -> None:
        """Note that the lesson was built, and all its answers tried, without a fault."""
        self._lessons[lesson_id] = {"digest": digest, "made": _contents(made)}

    def hints_met(self, exercise: str, digest: str) -> list[str] | None:
        """The hints that the answers to `exercise` met when they were tried; None if they must be tried again."""
        known = self._exercises.get(exercise, {})
        return list(known["hints"]) if known.get("digest") == digest else None

    def add_exercise(self, exercise: str, digest: str, hints: Sequence[str]) -> None:
        """Note that all answers to `exercise` came out as foreseen, and the hints that they met."""
        self._exercises[exercise] = {"digest": digest, "hints": list(hints)}

    def save(self) -> None:
        """Write the record, as a whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}")
        text = json.dumps({"lessons": self._lessons, "exercises": self._exercises}, indent=1, sort_keys=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.path)


def _contents(paths: Iterable[Path]) -> list[str]:
    return [file_digest(path) for path in paths]


PACKAGE, CLAIMS, DATASETS = "graders", "graders.checks", "course_data"
# In these, modules serve one lesson each or anybody; in every other package a module may read or run its neighbours.
SEPARATE = (PACKAGE, CLAIMS, DATASETS)
PLACES = {PACKAGE: PACKAGE, DATASETS: "datasets/course_data"}
BUILD = ("graders.build.workers", "graders.build.release", "graders.course.course")


def environment_digest(course: Course) -> str:
    """Changes with the pins, the packages that are installed, Python, and the engines and runtimes that are here."""
    packages = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    runtimes = [str(find_java()), str(find_node()), *map(why_missing, ("java", "javascript", "shell"))]
    engines = [sqlite3.sqlite_version, os.environ.get(URL_VARIABLE, ""), why_no_postgres(), *map(str, installations())]
    pins = sorted([*course.root.glob("requirements*.txt"), *course.root.glob("nbgrader_config.py")])
    return digest(sys.version, *packages, *engines, *runtimes, files_digest(course.root, pins))


def lesson_digest(course: Course, path: Path, environment: str) -> str:
    """Changes with anything that the files made of the lesson in the folder `path`, or a fault of it, depend on."""
    texts = sorted(path.glob("*.md"))
    way_on = str(following_lesson(course, path))
    return digest(claims_digest(course, name_of(path.name), environment), files_digest(course.root, texts), way_on)


def claims_digest(course: Course, lesson: str, environment: str) -> str:
    """Changes with the claims of `lesson`, with what judges them and makes its files, and with the environment."""
    claim_files = course.claim_files(lesson)
    modules = [*BUILD, *(f"{CLAIMS}.{path.parent.name}.{path.stem}" for path in claim_files)]
    files = sorted({*files_behind(course.root, modules), *claim_files})
    return digest(environment, files_digest(course.root, files))


def exercise_digest(task: Task, stub: str, claims: str) -> str:
    """Changes with what is judged of `task`; not with its prompt, nor with where it is written."""
    plain = asdict(task) | {"place": "", "number": 0, "title": "", "prompt": "", "hints": [], "because": ""}
    for role in ("wrong", "right", "equivalent"):
        plain[role] = [(foreseen.text, foreseen.says) for foreseen in getattr(task, role)]
    return digest(claims, stub, json.dumps(plain, sort_keys=True, default=str))


def files_digest(root: Path, files: Iterable[Path]) -> str:
    """A digest of the names and the contents of `files`."""
    return digest(*(f"{path.relative_to(root)} {file_digest(path)}" for path in files))


def file_digest(path: Path) -> str:
    """A digest of the content of the file at `path`; empty if there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def digest(*words: str) -> str:
    """A digest of `words`."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def files_behind(root: Path, modules: Iterable[str]) -> list[Path]:
    """The files of the project at `root` that importing `modules` may read, in the order of their paths.

    Beside what is imported anywhere in a module, these are the other files of its package, data sets that a text
    names, and modules that a text names in full.
    """
    files: set[Path] = set()
    names, to_do = set(), list(modules)
    while to_do:
        name = to_do.pop()
        path = module_file(root, name) if name not in names else None
        names.add(name)
        if path is None:
            continue
        files.add(path)
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        to_do += [*_with_parents(package), *_names_in(path, package)]
        if package not in SEPARATE:
            files |= set(_data_beside(path.parent))
            to_do += [f"{package}.{module.stem}" for module in path.parent.glob("*.py") if module.stem != "__init__"]
    return sorted(files)


def _with_parents(package: str) -> Iterator[str]:
    """The name of a package and of those that it is in, which are imported before it."""
    parts = package.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def module_file(root: Path, name: str) -> Path | None:
    """The file of the module or package called `name`, if it is one of the project's."""
    first, *rest = name.split(".")
    if first not in PLACES:
        return None
    stem = root.joinpath(PLACES[first], *rest)
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


def _data_beside(folder: Path) -> Iterator[Path]:
    """The files in `folder` that are no modules, with those of its folders that are no packages."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != "__pycache__" and not (path / "__init__.py").exists():
            yield from (inner for inner in path.rglob("*") if inner.is_file())
        elif path.is_file() and path.suffix != ".py":
            yield path


@cache
def _names_in(path: Path, package: str) -> tuple[str, ...]:
    """What the module at `path` imports or names in a text, as far as it may be a module of the project."""
    return tuple(_names(ast.parse(path.read_text(encoding="utf-8")), package))


def _names(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_dotted_name(node.value):
            yield node.value if node.value.startswith(f"{PACKAGE}.") else f"{DATASETS}.{node.value}"


def _is_dotted_name(value: str) -> bool:
    return all(part.isidentifier() for part in value.split("."))
