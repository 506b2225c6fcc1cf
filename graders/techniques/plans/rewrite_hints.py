"""Recognises why a query reads more than it must, from what the query says and what its tables are indexed by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from graders.sql.parsing import Unreadable, parse, recursion_room
from graders.techniques.plans.query_shape import PATTERN, shape_of
from graders.techniques.queries import BaseTable

OFFSET = "OFFSET reads every row that it leaves out. Which value does the page begin after?"
CORRELATED = "The subquery is asked again for every row outside. What would ask it once for all of them?"
WRAPPED = "`{column}` is not compared as it is. Which condition on `{column}` alone says the same?"
WILDCARD = "The pattern may begin with anything, so no place in the index is its beginning. What is its beginning?"
ANY_CASE = "LIKE takes upper and lower case for the same, the index does not. Which range has one case only?"
EITHER = "No single search finds both sides of OR. Which two searches together do?"
OTHER_TYPE = "`{column}` is compared with a value of another type, so each value is converted. Which type has it?"
NUMBERS = ("INT", "REAL", "DOUBLE", "FLOAT", "DECIMAL", "NUMERIC")


def rewrite_hint(query: str, tables: Sequence[BaseTable], engine: str) -> str:
    """Why `query` reads too much of `tables`, or nothing if that is not recognised."""
    try:
        tree = parse(query, engine)
        with recursion_room():
            found = (sign(query, tree, table, engine) for sign in SIGNS for table in tables or [None])
            return next(filter(None, found), "")
    except Unreadable:
        return ""


def _offset(query: str, tree: exp.Expression, table: BaseTable | None, engine: str) -> str:
    return OFFSET if any(one.expression.name != "0" for one in tree.find_all(exp.Offset)) else ""


def _correlated(query: str, tree: exp.Expression, table: BaseTable | None, engine: str) -> str:
    return CORRELATED if any(scope.is_correlated_subquery for scope in traverse_scope(tree)) else ""


def _wrapped(query: str, tree: exp.Expression, table: BaseTable | None, engine: str) -> str:
    wrapped = shape_of(query, table, engine).wrapped if table else ()
    return WRAPPED.format(column=wrapped[0]) if wrapped else ""


def _wildcard(query: str, tree: exp.Expression, table: BaseTable | None, engine: str) -> str:
    begins = [one.expression.name[:1] for one in tree.find_all(*PATTERN, exp.Glob) if one.expression.is_string]
    return WILDCARD if any(sign in ("%", "_", "*", "?") for sign in begins) else ""


def _any_case(query: str, tree: exp.Expression, table: BaseTable | None, engine: str) -> str:
    return ANY_CASE if engine == "SQLite" and tree.find(exp.Like) else ""


def _either(query: str, tree: exp.Expression, table: BaseTable | None, engine: str) -> str:
    return EITHER if any(len({c.name for c in one.find_all(exp.Column)}) > 1 for one in tree.find_all(exp.Or)) else ""


def _other_type(query: str, tree: exp.Expression, table: BaseTable | None, engine: str) -> str:
    if not table:
        return ""
    kinds = {column.name: column.type for column in table.columns}
    for one in tree.find_all(exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE):
        column, value = one.this, one.expression
        if isinstance(column, exp.Column) and isinstance(value, exp.Literal) and column.name in kinds:
            number = kinds[column.name].upper().startswith(NUMBERS)
            if number == value.is_string:
                return OTHER_TYPE.format(column=column.name)
    return ""


SIGNS: tuple[Callable[[str, exp.Expression, BaseTable | None, str], str], ...] = (
    _offset,
    _correlated,
    _wrapped,
    _wildcard,
    _any_case,
    _either,
    _other_type,
)
