"""Queries that differ from another one in a number, a comparison, what is counted, or where they stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sqlglot import exp

from graders.sql import Unreadable
from graders.sql.lexer import dialect_of
from graders.sql.parsing import parse

Change = Callable[[exp.Expr], object]
NEXT: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.EQ: exp.GTE,
}
BOUNDS = (exp.Limit, exp.Offset)
WHERE_NUMBERS_COUNT = (exp.Predicate, *BOUNDS)
STEPS = (-1, 1, 3, 10)
FIRST_ROWS = 100
MAX_VARIANTS, MAX_COLUMNS = 60, 8


def vary_limits(query: str, engine: str, columns: Sequence[str] = ()) -> list[str]:
    """The queries that differ from `query` by one number, comparison or aggregate; none where it cannot be read.

    `columns` are what may be counted in place of rows.
    """
    try:
        tree = parse(query, engine)
    except Unreadable:
        return []
    dialect = dialect_of(engine)
    found: dict[str, None] = {}
    for place, node in enumerate(tree.walk()):
        for change in _changes(node, columns):
            copy = tree.copy()
            change(list(copy.walk())[place])
            found[copy.sql(dialect)] = None
    found.pop(tree.sql(dialect), None)
    return list(found)[:MAX_VARIANTS]


def cut_off(query: str, engine: str) -> list[str]:
    """`query` with its first rows alone, and with the first rows alone of each table that it reads."""
    try:
        tree = parse(query, engine)
    except Unreadable:
        return []
    dialect = dialect_of(engine)
    own = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    found = [f"SELECT * FROM ({query}) LIMIT {FIRST_ROWS}"]
    for place, node in enumerate(tree.walk()):
        if isinstance(node, exp.Table) and node.name.casefold() not in own:
            copy = tree.copy()
            table = list(copy.walk())[place]
            first = exp.select("*").from_(exp.to_table(node.name)).limit(FIRST_ROWS)
            table.replace(first.subquery(node.alias_or_name))
            found.append(copy.sql(dialect))
    return found


def outer_limit(query: str, engine: str) -> int | None:
    """After how many rows `query` stops, where its outermost LIMIT says so in a number."""
    try:
        tree = parse(query, engine)
    except Unreadable:
        return None
    limit = tree.args.get("limit")
    number = limit.expression if isinstance(limit, exp.Limit) else None
    return int(number.this) if isinstance(number, exp.Literal) and number.is_int else None


def _changes(node: exp.Expr, columns: Sequence[str]) -> Iterator[Change]:
    if type(node) in NEXT and node.find(exp.AggFunc, exp.Literal, exp.Query):
        other = NEXT[type(node)]
        yield lambda at: at.replace(other(this=at.this, expression=at.expression))
    if isinstance(node, exp.Between):
        yield lambda at: at.replace(exp.GTE(this=at.this, expression=at.args["low"]))
    if isinstance(node, (*BOUNDS, exp.Having)):
        yield lambda at: at.pop()
    yield from _aggregate_changes(node, columns)
    yield from _number_changes(node)


def _aggregate_changes(node: exp.Expr, columns: Sequence[str]) -> Iterator[Change]:
    if not isinstance(node, (exp.Count, exp.Sum, exp.Avg)):
        return
    if isinstance(node.this, exp.Distinct):
        yield lambda at: at.set("this", at.this.expressions[0].copy())
        return
    if isinstance(node, exp.Sum) and isinstance(node.this, exp.Mul):
        yield partial(_multiply_apart, one=exp.Avg, other=exp.Sum)
        yield partial(_multiply_apart, one=exp.Sum, other=exp.Avg)
    counted: list[exp.Expr] = (
        [exp.column(name) for name in columns[:MAX_COLUMNS]] if isinstance(node.this, exp.Star) else []
    )
    for column in counted:
        yield partial(_count, counted=column)
    for part in counted or [node.this.copy()]:
        yield partial(_count, counted=exp.Distinct(expressions=[part]))


def _count(at: exp.Expr, counted: exp.Expr) -> None:
    at.set("this", counted.copy())


def _multiply_apart(at: exp.Expr, one: type[exp.Expr], other: type[exp.Expr]) -> None:
    """Aggregate each factor of a sum of products alone."""
    left, right = at.this.this, at.this.expression
    at.replace(exp.Mul(this=one(this=left.copy()), expression=other(this=right.copy())))


def _number_changes(node: exp.Expr) -> Iterator[Change]:
    if not isinstance(node, exp.Literal) or not node.is_int or not node.find_ancestor(*WHERE_NUMBERS_COUNT):
        return
    for step in STEPS:
        yield partial(_replace_number, number=int(node.this) + step)


def _replace_number(at: exp.Expr, number: int) -> None:
    at.replace(exp.Literal.number(number))
