"""Mistakes that students make with whole statements of Python: order, conditions, errors, arguments taken otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import libcst as cst
import libcst.matchers as m

# Each breaks on arguments which it could not change.
CONVERSIONS = (
    *("{0}.strip()", "{0}.lower()", "int({0}.strip())", "{0}[:5]", "set({0}[:])", "type({0})(list({0})[:1])"),
)
PASS = "pass"
# Only what leaves something behind is another thing when it is done twice; the methods that end a transaction do not.
LASTING = ("execute(", "append(", "add(", "+=", "-=")


def _statement(code: str) -> cst.BaseStatement:
    statement = cst.parse_statement(f"{code}\n")
    assert isinstance(statement, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
    return statement


def change_block(node: cst.IndentedBlock) -> Iterator[cst.IndentedBlock]:
    """A statement dropped or repeated, or two that follow each other swapped."""
    body = node.body
    for place, statement in enumerate(body):
        if _is_docstring(statement):
            continue
        before, after = body[:place], body[place + 1 :]
        yield _with_body(node, [*before, *after])
        if isinstance(statement, cst.SimpleStatementLine) and _lasts(statement):
            yield _with_body(node, [*before, statement, statement, *after])
        if after:
            yield _with_body(node, [*before, after[0], statement, *after[1:]])


def _lasts(statement: cst.SimpleStatementLine) -> bool:
    code = cst.Module([]).code_for_node(statement)
    leaves = m.matches(statement.body[0], m.Return() | m.Raise())
    return not leaves and any(word in code for word in LASTING) and "SELECT" not in code.upper()


def _is_docstring(node: cst.CSTNode) -> bool:
    return m.matches(node, m.SimpleStatementLine(body=[m.Expr(value=m.SimpleString())]))


def _with_body(node: cst.IndentedBlock, body: Sequence[cst.BaseStatement]) -> cst.IndentedBlock:
    return node.with_changes(body=body or [_statement(PASS)])


def change_condition(node: cst.If) -> Iterator[cst.If]:
    """A condition that is always, never or contrarily met."""
    yield node.with_changes(test=cst.Name("True"))
    yield node.with_changes(test=cst.Name("False"))
    parenthesized = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), parenthesized))


def loop_once(node: cst.While) -> Iterator[cst.BaseStatement]:
    """A loop that is gone through once at most."""
    if not node.orelse:
        yield cst.If(node.test, _leave_at_end(node.body))


def _leave_at_end(body: cst.BaseSuite) -> cst.BaseSuite:
    leaving = m.findall(body, m.Break() | m.Continue())
    for statement in leaving:
        changed = body.deep_replace(statement, cst.Pass())
        assert isinstance(changed, cst.BaseSuite)
        body = changed
    return body


def change_handler(node: cst.ExceptHandler) -> Iterator[cst.ExceptHandler]:
    """An error that is swallowed, answered with True, raised as another, or caught too widely or not at all."""
    for code in (PASS, "return True", "raise", 'raise RuntimeError("another")'):
        yield node.with_changes(body=cst.IndentedBlock([_statement(code)]))
    if node.type is not None:
        for kind in ("Exception", "ZeroDivisionError"):
            yield node.with_changes(type=cst.Name(kind))


def change_raise(node: cst.SimpleStatementLine) -> Iterator[cst.BaseStatement]:
    """An error that is not raised, or one of another class; nobody promises what a RuntimeError says."""
    if m.matches(node, m.SimpleStatementLine(body=[m.Raise()])):
        yield _statement(PASS)
        if not m.matches(node, m.SimpleStatementLine(body=[m.Raise(m.Call(m.Name("RuntimeError")))])):
            yield _statement('raise RuntimeError("another")')


def change_return(node: cst.Return) -> Iterator[cst.Return]:
    """Nothing, or True, in the place of what is returned."""
    if node.value is not None:
        for name in ("None", "True"):
            if not m.matches(node.value, m.Name(name)):
                yield cst.Return(cst.Name(name))


def convert_argument(node: cst.FunctionDef) -> Iterator[cst.FunctionDef]:
    """An argument that is changed before it is used; one that is not used stays."""
    if not isinstance(node.body, cst.IndentedBlock):
        return
    for name in (parameter.name.value for parameter in node.params.params):
        if not m.findall(node.body, m.Name(name)):
            continue
        for conversion in CONVERSIONS:
            line = _statement(f"{name} = {conversion.format(name)}")
            yield node.with_changes(body=node.body.with_changes(body=[line, *node.body.body]))


STATEMENT_OPERATORS: list[tuple[type, Callable[[Any], Iterable[cst.CSTNode]]]] = [
    (cst.IndentedBlock, change_block),
    (cst.If, change_condition),
    (cst.While, loop_once),
    (cst.ExceptHandler, change_handler),
    (cst.SimpleStatementLine, change_raise),
    (cst.Return, change_return),
    (cst.FunctionDef, convert_argument),
]
