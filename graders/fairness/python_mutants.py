"""Mistakes made on purpose in a Python answer: mutmut's operators, those of our students, and SQL inside its texts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import libcst as cst
import libcst.matchers as m
from mutmut.mutation.mutators import mutation_operators, operator_string

from graders.fairness.mutants import Mutant, unlike
from graders.fairness.sql_mutants import mutate_statement

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
    """Nothing, or True, in place of what is returned."""
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


Operator = tuple[type, Callable[[Any], Iterable[cst.CSTNode]]]
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min", "fetchall": "fetchone", "commit": "rollback"}
NAMES |= {"rollback": "commit", "executemany": "execute"}
FIRST_WORDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "WITH", "REPLACE", "ALTER", "DROP", "BEGIN")
UNHURT = (cst.Import, cst.ImportFrom, cst.Annotation, cst.Raise, cst.Decorator)


def python_mutants(source: str, dialect: str = "sqlite", given: str = "") -> list[Mutant]:
    """The programs that differ from `source` by one mistake, each once.

    What stands in the cell `given` as a whole, such as a function, is nobody's mistake and stays as it is.
    """
    module = cst.parse_module(source)
    texts = (Mutant(kind, text, source) for kind, text in _changed(module, dialect, given))
    return list(unlike(mutant for mutant in texts if _compiles(mutant.text)))


def _compiles(source: str) -> bool:
    try:
        compile(source, "answer", "exec")
    except SyntaxError:
        return False
    return True


def _changed(module: cst.Module, dialect: str, given: str) -> Iterator[tuple[str, str]]:
    own = (statement for statement in module.body if module.code_for_node(statement).strip() not in given)
    for node in (node for statement in own for node in _nodes(statement)):
        for kind, new in _replacements(node, dialect):
            changed = module.deep_replace(node, new)
            if isinstance(changed, cst.Module):
                yield kind, changed.code


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """`node` and all below it, without annotations, imports, docstrings, and what an error says."""
    yield node
    for child in node.children:
        if not isinstance(child, UNHURT) and not _is_docstring(child):
            yield from _nodes(child)


def _replacements(node: cst.CSTNode, dialect: str) -> Iterator[tuple[str, cst.CSTNode]]:
    if isinstance(node, cst.SimpleString) and (sql := _sql_in(node)):
        for kind, text, _ in mutate_statement(sql, dialect):
            yield f"SQL: {kind}", node.with_changes(value=_literal(text))
        return
    for node_type, operator in _operators():
        if isinstance(node, node_type):
            for new in operator(node):
                yield operator.__name__.removeprefix("operator_").replace("_", " "), new


def _operators() -> list[Operator]:
    kept = [(kind, operator) for kind, operator in mutation_operators if operator is not operator_string]
    return [*kept, *OWN_OPERATORS, *STATEMENT_OPERATORS]


def _sql_in(node: cst.SimpleString) -> str:
    value = ast.literal_eval(node.value)
    return value if isinstance(value, str) and value.lstrip().upper().startswith(FIRST_WORDS) else ""


def _literal(text: str) -> str:
    return repr(" ".join(line.strip() for line in text.splitlines()))


def _exchange_name(node: cst.Name) -> Iterator[cst.Name]:
    if node.value in NAMES:
        yield node.with_changes(value=NAMES[node.value])


def _drop_operand(node: cst.BooleanOperation) -> Iterator[cst.BaseExpression]:
    yield node.left
    yield node.right


def _bound_range(node: cst.Call) -> Iterator[cst.Call]:
    if m.matches(node.func, m.Name("range")):
        yield node.with_changes(args=[cst.Arg(cst.Integer("3"))])


def _cut_iterable(node: cst.For | cst.CompFor) -> Iterator[cst.CSTNode]:
    for cut in ("[:1]", "[-1:]") if _is_short(node.iter) else ("[:1]", "[-1:]", "[:10]"):
        yield node.with_changes(iter=cst.parse_expression(f"list({_code(node.iter)}){cut}"))


def _is_short(node: cst.BaseExpression) -> bool:
    """Whether it is written out with ten things at most, so that to cut it at ten changes nothing."""
    if isinstance(node, cst.Call) and m.matches(node, m.Call(m.Name("range"), [m.AtLeastN(m.Arg(m.Integer()), n=1)])):
        return len(range(*(int(_code(argument.value)) for argument in node.args))) <= 10
    return isinstance(node, (cst.Tuple, cst.List)) and len(node.elements) <= 10


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _drop_comprehension_condition(node: cst.CompFor) -> Iterator[cst.CompFor]:
    for place in range(len(node.ifs)):
        yield node.with_changes(ifs=[*node.ifs[:place], *node.ifs[place + 1 :]])


def _turn_index(node: cst.Subscript) -> Iterator[cst.Subscript]:
    # The first column of one row is mostly the only one.
    first = m.Subscript(slice=[m.SubscriptElement(m.Index(m.Integer("0")))])
    if m.matches(node, first) and not m.matches(node.value, m.Call(m.Attribute(attr=m.Name("fetchone")))):
        yield node.with_changes(slice=[cst.SubscriptElement(cst.Index(cst.parse_expression("-1")))])


def _spoil_text(node: cst.SimpleString) -> Iterator[cst.BaseExpression]:
    # mutmut's own operator changes the case too, which means nothing in a piece of SQL.
    yield from islice(operator_string(node), 1)


OWN_OPERATORS: list[Operator] = [
    (cst.SimpleString, _spoil_text),
    (cst.Name, _exchange_name),
    (cst.BooleanOperation, _drop_operand),
    (cst.Call, _bound_range),
    (cst.For, _cut_iterable),
    (cst.CompFor, _cut_iterable),
    (cst.CompFor, _drop_comprehension_condition),
    (cst.Subscript, _turn_index),
]
