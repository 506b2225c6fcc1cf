"""Digests of all that a lesson's files and the verdicts on its foreseen answers depend on."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from graders.build.closure import CLAIMS, files_behind
from graders.build.course import Course
from graders.course.lesson import Task
from graders.labs.postgres_finding import URL_VARIABLE, installations, why_no_postgres
from graders.sandbox.runtimes import find_java, find_node, why_missing

BUILD = ("graders.build.worker", "graders.build.steps", "graders.build.rules")


def environment_digest(course: Course) -> str:
    """Changes with the pins, the packages that are installed, Python, and the engines and runtimes that are here."""
    packages = sorted(path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    runtimes = [str(find_java()), str(find_node()), why_missing("java"), why_missing("javascript")]
    engines = [sqlite3.sqlite_version, os.environ.get(URL_VARIABLE, ""), why_no_postgres(), *map(str, installations())]
    pins = sorted([*course.root.glob("requirements*.txt"), *course.root.glob("nbgrader_config.py")])
    return digest(sys.version, *packages, *engines, *runtimes, files_digest(course.root, pins))


def lesson_digest(course: Course, path: Path, environment: str) -> str:
    """Changes with anything that the files made of the lesson at `path`, or a fault of it, depend on."""
    return digest(claims_digest(course, path.stem.partition("-")[2], environment), path.read_text(encoding="utf-8"))


def claims_digest(course: Course, lesson: str, environment: str) -> str:
    """Changes with the claims of `lesson`, with what judges them and makes its files, and with the environment."""
    claim_files = course.claim_files(lesson)
    modules = [*BUILD, *(f"{CLAIMS}.{path.parent.name}.{path.stem}" for path in claim_files)]
    files = sorted({*files_behind(course.root, modules), *claim_files})
    return digest(environment, files_digest(course.root, files))


def exercise_digest(task: Task, stub: str, claims: str) -> str:
    """Changes with what is judged of `task`; not with its prompt, nor with the line on which it stands."""
    plain = asdict(task) | {"line": 0, "title": "", "prompt": "", "hints": []}
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
