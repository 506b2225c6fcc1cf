"""Finds every file that what is imported may depend on, from the syntax trees of the modules."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

PACKAGE, CLAIMS, DATASETS = "graders", "graders.checks", "course_data"
# In these, modules serve one lesson each or anybody; in every other package a module may read or run its neighbours.
SEPARATE = (PACKAGE, CLAIMS, DATASETS)
PLACES = {PACKAGE: PACKAGE, DATASETS: "datasets/course_data"}


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
        elif isinstance(node, ast.Constant) and _is_dotted_name(node.value):
            yield node.value if node.value.startswith(f"{PACKAGE}.") else f"{DATASETS}.{node.value}"


def _is_dotted_name(value: object) -> bool:
    return isinstance(value, str) and all(part.isidentifier() for part in value.split("."))
