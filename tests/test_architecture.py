"""Do the rooms of the package know only what lies below them, and does each file say what it is for?"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*(ROOT / "graders").rglob("*.py"), *(ROOT / "datasets").glob("*.py")])

# What each room may import from; single modules of the package count as rooms of their own.
BELOW = {
    "box": {"box", "labs", "report"},
    "labs": {"labs"},
    "engines": {"engines", "box", "labs"},
    "report": set(),
    "containment": set(),
    "claims": set(),
    "chance": set(),
    "exercise": {"box"},
    "answers": set(),
    "datasets": {"datasets", "labs"},
    "drawing": {"drawing", "report", "techniques", "labs"},
    "techniques": {"techniques", "box", "labs", "report", "claims", "exercise", "chance"},
    "checks": {"checks", "techniques", "labs", "datasets", "drawing", "report", "claims", "chance"},
    "judge": {"box", "engines", "labs", "techniques", "claims", "exercise", "report", "chance", "containment"},
    "notebook": {
        *("notebook", "drawing", "judge", "exercise", "answers", "claims", "datasets", "labs", "report", "techniques"),
    },
    "build": {"build", "checks", "judge", "labs", "exercise", "claims", "techniques", "box", "report", "answers"},
    "grading": {
        "grading",
        "box",
        "datasets",
        "build",
        "judge",
        "exercise",
        "answers",
        "claims",
        "report",
        "drawing",
        "containment",
    },
    "commands": {
        *(
            "commands",
            "box",
            "build",
            "grading",
            "judge",
            "exercise",
            "answers",
            "drawing",
            "labs",
            "techniques",
            "containment",
            "report",
        ),
    },
    "__main__": {"commands"},
    "__init__": {"claims", "report", "notebook"},
}


def room_of(path: Path) -> str:
    if path.is_relative_to(ROOT / "datasets"):
        return "datasets"
    return path.relative_to(ROOT / "graders").with_suffix("").parts[0]


def imported_rooms(tree: ast.Module) -> set[str]:
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("graders.")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_downwards(path):
    """Does the file import only from rooms that its own may know?"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert imported_rooms(tree) - BELOW[room_of(path)] == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_say_what_they_are_for(path):
    """Does the file begin with a sentence, and have a name that says something?"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert (ast.get_docstring(tree) or "").split("\n")[0].endswith((".", "?"))
    assert not {"utils", "helpers", "common", "misc"} & set(path.relative_to(ROOT).with_suffix("").parts)
