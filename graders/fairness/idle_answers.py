"""Answers that do nothing, which must earn nothing: a constant returned, an argument given back, an empty query."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.course.lesson import Task

CONSTANTS = ("None", "0", "''", "[]", "()", "{}", "set()", "True", "False")
QUERIES = (";", "SELECT NULL", "SELECT 1", "SELECT NULL WHERE 0", "PRAGMA user_version", "BEGIN; COMMIT")


def idle_answers(task: Task, stub: str) -> Iterator[str]:
    """Each answer to `task` that does nothing; `stub` is the answer cell as released."""
    if task.kind == "python":
        yield from idle_programs(task.solution, task.answer)
    if task.kind == "sql":
        yield from QUERIES
    if task.kind == "parsons":
        yield min(task.body["steps"])
    yield stub


def idle_programs(solution: str, name: str) -> Iterator[str]:
    """`solution` with a body that does nothing in the function `name`, or with idle data under that name."""
    tree = ast.parse(solution)
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if function is None:
        yield from (f"{name} = {constant}" for constant in CONSTANTS)
        return
    arguments = [argument.arg for argument in function.args.args]
    for value in (*CONSTANTS, *arguments):
        yield _with_body(tree, function, f"return {value}")
    yield _with_body(tree, function, 'raise ValueError("no")')


def _with_body(tree: ast.Module, function: ast.FunctionDef, line: str) -> str:
    idle = ast.FunctionDef(function.name, function.args, ast.parse(line).body, [], function.returns, lineno=1)
    kept = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return ast.unparse(ast.fix_missing_locations(ast.Module([*kept, idle], [])))
