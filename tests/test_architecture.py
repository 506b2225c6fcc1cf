"""Do the rooms of the package know only what lies below them, and does each file say what it is for?"""

import ast
from functools import cache
from pathlib import Path

import pytest

from benchmarks.package_shape import MAX_LINES, MIN_LINES, Module, read_modules, short_files

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "graders").rglob("*.py"), *(ROOT / "datasets").rglob("*.py")])

# What each room may import from.
BELOW = {
    "course_data": {"course_data", "labs", "sql"},
    "sql": {"sql"},
    "labs": {"labs", "sql"},
    "sandbox": {"sandbox", "labs", "sql"},
    "kernel": {"kernel", "sandbox", "labs", "sql"},
    "techniques": {"techniques", "kernel", "sandbox", "labs", "sql"},
    "course": {"course", "kernel"},
    "figures": {"figures", "techniques", "kernel", "labs", "sql"},
    "checks": {"checks", "figures", "techniques", "kernel", "sandbox", "labs", "sql", "course_data"},
    "notebook": {"notebook", "figures", "course", "techniques", "kernel", "labs", "sql", "course_data"},
    "frontend": {"frontend"},
    "fairness": {"fairness", "course", "kernel", "sql"},
    "build": {"build", "fairness", "checks", "course", "techniques", "kernel", "sandbox", "labs"},
    "term": {"term"},
    "grading": {
        "grading",
        "term",
        "build",
        "figures",
        "course",
        "techniques",
        "kernel",
        "sandbox",
        "labs",
        "course_data",
        "sql",
    },
    "commands": {
        "commands",
        "grading",
        "term",
        "build",
        "fairness",
        "frontend",
        "figures",
        "course",
        "techniques",
        "kernel",
        "sandbox",
        "labs",
    },
    "demonstrations": {"notebook", "figures", "techniques", "labs"},
    "__main__": {"commands"},
    "__init__": {"kernel", "notebook"},
}


# The techniques in their order: each may import those before it.
TECHNIQUES = (
    *("labelling", "queries", "dependencies", "plans", "schedules", "power_cuts", "attacks", "migrations", "batteries"),
    "backups",
    "scenarios",
)


def room_of(path: Path) -> str:
    if path.is_relative_to(ROOT / "datasets"):
        return "course_data"
    return path.relative_to(ROOT / "graders").with_suffix("").parts[0]


def imported_modules(tree: ast.Module) -> list[str]:
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return names + [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]


def imported_rooms(tree: ast.Module) -> set[str]:
    names = imported_modules(tree)
    rooms = {name.split(".")[1] for name in names if name.startswith("graders.")}
    return rooms | {"course_data" for name in names if name.split(".")[0] == "course_data"}


@cache
def parse_files() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_imports_run_downwards():
    """Does each file import only from rooms that its own may know?"""
    upward = {path: imported_rooms(tree) - BELOW[room_of(path)] for path, tree in parse_files().items()}
    assert len(upward) > 100
    assert {path.relative_to(ROOT).as_posix(): rooms for path, rooms in upward.items() if rooms} == {}


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_techniques_know_only_those_before_them(technique):
    """Does no technique import one that comes after it, nor another's modules past its front?"""
    known = TECHNIQUES[: TECHNIQUES.index(technique) + 1]
    folder = ROOT / "graders/techniques" / technique
    for path in [*folder.rglob("*.py"), *[folder.with_suffix(".py")] * folder.with_suffix(".py").is_file()]:
        for name in imported_modules(parse_files()[path]):
            if name.startswith("graders.techniques."):
                other, *past = name.split(".")[2:]
                assert other in known, (path.name, name)
                assert other == technique or not past, (path.name, name)


def test_techniques_are_used_through_their_fronts():
    """Does no other room import a module of a technique past the technique's `__init__.py`?"""
    others = [module for module in read_modules() if module.room != "techniques"]
    assert len(others) > 100
    past = {module.name: [name for name in imported_modules(module.tree) if is_past_front(name)] for module in others}
    assert {module: names for module, names in past.items() if names} == {}


def is_past_front(name: str) -> bool:
    return name.startswith("graders.techniques.") and name.count(".") > 2


def test_every_technique_has_its_place():
    """Is each package and module of techniques in the order?"""
    found = {path.stem for path in (ROOT / "graders/techniques").iterdir() if path.stem.strip("_") == path.stem}
    assert found == set(TECHNIQUES)


def test_files_say_what_they_are_for():
    """Does each file begin with a sentence, and have a name that says something?"""
    first_lines = {path: (ast.get_docstring(tree) or "").split("\n")[0] for path, tree in parse_files().items()}
    assert [path for path, line in first_lines.items() if not line.endswith((".", "?"))] == []
    nameless = {"utils", "helpers", "common", "misc"}
    assert [path for path in FILES if nameless & set(path.relative_to(ROOT).with_suffix("").parts)] == []


def test_the_judge_is_read_in_one_sitting():
    """Does the life of a check stay on a few pages?"""
    assert Module(ROOT / "graders/kernel/judge.py").lines <= 250


def test_no_file_is_too_long():
    """Is every file short enough to be read as a whole?"""
    assert [module.name for module in read_modules() if module.lines > MAX_LINES] == []


def test_no_file_is_too_short():
    """Does every file hold enough to be worth opening?"""
    assert [module.name for module in short_files(read_modules())] == [], f"under {MIN_LINES} lines"


def test_nothing_asks_a_function_for_its_parameters():
    """Is what a function is given decided where it is declared, and never read off its signature?"""
    assert [module.name for module in read_modules() if "inspect.signature" in module.text] == []
