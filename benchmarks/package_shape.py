"""`python -m benchmarks.package_shape`: how large the package is, how its modules hang together, how far checks go."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import CodeType, FrameType
from typing import TypeVar

from graders.course.course import Course, read_course
from graders.kernel.exercise import find_exercise
from graders.kernel.judge import judge

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "graders"
MAX_MODULES = 200
MAX_LINES = 400
MIN_LINES = 30
MAX_FUNCTION_LINES = 25
MAX_PATH = 12
LONGEST = 10
QUERY, INDEX = "reconcile-totals", "covering-index"
Value = TypeVar("Value")
OPENERS = {"open_lab", "open_image", "open_shared_lab"}


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    path: Path

    @property
    def name(self) -> str:
        """Its dotted name: "graders.kernel" is the front of that room."""
        name = ".".join(self.path.relative_to(ROOT).with_suffix("").parts)
        return name.removesuffix(".__init__")

    @property
    def room(self) -> str:
        """The folder of the package in which it is; the package's own name for a file beside the rooms."""
        parts = self.path.relative_to(PACKAGE).parts
        return parts[0] if len(parts) > 1 else PACKAGE.name

    @cached_property
    def text(self) -> str:
        """What is in it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @property
    def holds_something(self) -> bool:
        """Whether it is more than the mark of a package, an `__init__.py` with nothing but its sentence."""
        return len(self.tree.body) > 1

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.text.count("\n")

    def imports(self) -> Iterator[str]:
        """The dotted names that it imports, wherever in the file: both "a.b" and "a.b.c" for `from a.b import c`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def functions(self) -> Iterator[tuple[str, int]]:
        """The name and the number of lines of each function, its docstring left out."""
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                docstring = node.body[0] if ast.get_docstring(node) else None
                documented = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
                yield node.name, node.end_lineno - node.lineno + 1 - documented


@cache
def read_modules() -> list[Module]:
    """All modules of the package but those that only mark one."""
    return [one for one in map(Module, sorted(PACKAGE.rglob("*.py"))) if one.holds_something]


def short_files(modules: list[Module]) -> list[Module]:
    """The files under 30 lines; an `__init__.py` may be short."""
    return [one for one in modules if one.lines < MIN_LINES and one.path.name != "__init__.py"]


def modules_with_one_importer(modules: list[Module]) -> list[str]:
    """The names of the modules, `__init__.py` left out, that exactly one other module imports."""
    importers: Counter[str] = Counter()
    for module in modules:
        importers.update(set(module.imports()) - {module.name})
    files = [module.name for module in modules if module.path.name != "__init__.py"]
    return [name for name in files if importers[name] == 1]


@dataclass(frozen=True)
class CheckPath:
    """What one check entered: files and functions of ours, and how many labs it opened."""

    files: tuple[str, ...]
    functions: int
    labs: int


def trace(action: Callable[[], Value]) -> tuple[Value, CheckPath]:
    """Run `action` in this thread: what it gives, and which of our functions were entered."""
    calls: Counter[CodeType] = Counter()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(f"{PACKAGE}/"):
            calls[frame.f_code] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        value = action()
    finally:
        sys.setprofile(before)
    functions = [code for code in calls if code.co_name == "<lambda>" or not code.co_name.startswith("<")]
    files = {str(Path(code.co_filename).relative_to(PACKAGE)) for code in functions}
    labs = sum(count for code, count in calls.items() if code.co_name in OPENERS)
    return value, CheckPath(tuple(sorted(files)), len(functions), labs)


def trace_check(name: str) -> CheckPath:
    """The path of the first check, as in the notebook, of the solution of the exercise `name`."""
    exercise = find_exercise(name)
    solution = next(lesson.tasks[name].solution for lesson in read_course(Course.at(ROOT)) if name in lesson.tasks)
    report, path = trace(lambda: judge(exercise, solution))
    if report.status != "right":
        raise RuntimeError(f"the solution of {name} is {report.status}")
    return path


def main() -> None:
    """Print the figures."""
    modules = read_modules()
    _print_rooms(modules)
    _print_list(f"longest files (no file over {MAX_LINES})", _longest(modules))
    short = [f"{one.lines:4} {one.name}" for one in short_files(modules)]
    _print_list(f"files under {MIN_LINES} lines", short)
    single = modules_with_one_importer(modules)
    print(f"modules with one importer: {len(single)} of {len(modules)}\n  {', '.join(single)}")
    long = [
        f"{lines:4} {one.name}.{name}"
        for one in modules
        for name, lines in one.functions()
        if lines > MAX_FUNCTION_LINES
    ]
    _print_list(f"functions over {MAX_FUNCTION_LINES} lines", sorted(long, reverse=True))
    _print_path(QUERY)
    _print_path(INDEX)


def _print_rooms(modules: list[Module]) -> None:
    counts, lines = Counter(one.room for one in modules), Counter()
    for one in modules:
        lines[one.room] += one.lines
    for room, count in counts.most_common():
        print(f"{room:12} {count:4} modules {lines[room]:7,} lines")
    print(f"{'all':12} {len(modules):4} modules {lines.total():7,} lines (bar: fewer than {MAX_MODULES} modules)")


def _longest(modules: list[Module]) -> list[str]:
    return [f"{one.lines:4} {one.name}" for one in sorted(modules, key=lambda one: -one.lines)[:LONGEST]]


def _print_list(title: str, items: list[str]) -> None:
    print(f"{title}: {len(items)}")
    for item in items:
        print(f"  {item}")


def _print_path(name: str) -> None:
    path = trace_check(name)
    print(f"path of one check, {name}: {len(path.files)} files (bar: {MAX_PATH}), {path.functions} functions,", end=" ")
    print(f"{path.labs} labs\n  {', '.join(path.files)}")


if __name__ == "__main__":
    main()
