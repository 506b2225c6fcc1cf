"""The same answer written otherwise, which must earn the same: in case, comments, quotes and layout."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from graders.course.lesson import Task
from graders.fairness.program_forms import program_forms
from graders.fairness.sql_mutants import read_whole
from graders.sql.lexer import Kind, dialect_of, tokenize
from graders.sql.parsing import is_keyword
from graders.sql.statements import split_statements

# What stands in it means the same in backquotes: no quotes, no backslash and no substitution within it.
SIMPLE_SUBSTITUTION = re.compile(r"\$\(([^()`\"'\\$]+)\)")
BARE_PATH = re.compile(r"(?<=\s)(/backups/[\w.]+)(?=\s)")
SET = re.compile(r"^set -([eu]+)$", re.M)
PSQL_OPTION = re.compile(r"(\bpsql\b[^\n|;&]* )(-[X1q])(?=\s)")
SHELL_OPTIONS = {"e": "errexit", "u": "nounset"}
PSQL_OPTIONS = {"-X": "--no-psqlrc", "-1": "--single-transaction", "-q": "--quiet"}


def other_forms(task: Task, engine: str) -> Iterator[tuple[str, str]]:
    """For each form what it is, and the solution of `task` in it."""
    if task.kind == "sql":
        yield from sql_forms(task.solution, engine)
    elif task.kind == "python":
        yield from python_forms(task.solution, task.answer)
    elif task.kind == "shell":
        yield from shell_forms(task.solution)
    elif task.kind in ("javascript", "java"):
        yield from program_forms(task.solution, task.kind, task.answer)


def sql_forms(script: str, engine: str) -> Iterator[tuple[str, str]]:
    """`script` with the same meaning in another form."""
    ended = script.rstrip().rstrip(";")
    yield "without the last semicolon", ended
    yield "with a comment behind the last semicolon", f"{ended};\n/* done; */ -- so it is\n"
    yield "with a comment before it", f"/* first: */ -- my answer\n{script}"
    yield "with line feeds of Windows", script.replace("\n", "\r\n")
    yield "with keywords in lower case", _recase(script, engine, str.lower)
    yield "with keywords in upper case", _recase(script, engine, str.upper)
    yield "with a blank line after each statement", ";\n\n\n".join([*split_statements(script, engine), ""])
    yield from _written_by_sqlglot(script, engine)


def _recase(script: str, engine: str, case: Callable[[str], str]) -> str:
    parts, end = [], 0
    for token in tokenize(script, engine):
        is_word = token.kind is Kind.WORD and is_keyword(token.text, engine)
        parts += [script[end : token.start], case(token.text) if is_word else token.text]
        end = token.end
    return "".join([*parts, script[end:]])


def _written_by_sqlglot(script: str, engine: str) -> Iterator[tuple[str, str]]:
    # sqlglot moves comments, and where there are any they may mean something.
    if any(token.kind is Kind.COMMENT for token in tokenize(script, engine)):
        return
    dialect = dialect_of(engine)
    trees = [read_whole(statement, dialect) for statement in split_statements(script, engine)]
    if all(trees):
        yield "laid out by sqlglot", "".join(f"{tree.sql(dialect, pretty=True)};\n" for tree in trees if tree)
        quoted = "".join(f"{tree.sql(dialect, identify=True)};\n" for tree in trees if tree)
        yield "with every name in quotes", quoted


def shell_forms(script: str) -> Iterator[tuple[str, str]]:
    """`script` with the same meaning in another form."""
    yield "with a comment before it", f"# my answer\n{script}"
    yield "with a blank line after each line", script.replace("\n", "\n\n")
    yield "with line feeds of Windows", script.replace("\n", "\r\n")
    yield "with blanks before each line", "\n".join(f"  {line}" for line in script.splitlines())
    rewritten = {
        "with backquotes": SIMPLE_SUBSTITUTION.sub(r"`\1`", script),
        "with paths in quotes": BARE_PATH.sub(r'"\1"', script),
        "with long options": _with_long_options(script),
    }
    yield from ((form, text) for form, text in rewritten.items() if text != script)


def _with_long_options(script: str) -> str:
    """`script` with the options of the shell and of psql by their long names, where each stands by itself."""
    script = SET.sub(lambda found: "set" + "".join(f" -o {SHELL_OPTIONS[letter]}" for letter in found[1]), script)
    return PSQL_OPTION.sub(lambda found: found[1] + PSQL_OPTIONS[found[2]], script)


def python_forms(source: str, name: str) -> Iterator[tuple[str, str]]:
    """`source` with the same meaning in another form."""
    tree = ast.parse(source)
    yield "without comments, laid out anew", ast.unparse(tree)
    yield "with line feeds of Windows", source.replace("\n", "\r\n")
    yield "with comments", f"# my answer\n{source}\n# the end"
    yield "indented by tabs", source.replace("    ", "\t")
    function = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if function:
        yield "through a function of its own", _through_another(source, function)


def _through_another(source: str, function: ast.FunctionDef) -> str:
    names = ast.unparse(function.args)
    given = ", ".join(argument.arg for argument in function.args.args)
    return f"{source}\n\n_solve = {function.name}\n\n\ndef {function.name}({names}):\n    return _solve({given})\n"
