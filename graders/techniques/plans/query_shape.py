"""What a query asks of its tables, and why it reads more of them than it must."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from graders.sql import Unreadable
from graders.sql.lexer import dialect_of
from graders.sql.parsing import parse, recursion_room
from graders.techniques.queries import BaseTable

EQUAL = (exp.EQ, exp.In, exp.Is)
RANGED = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.Glob)
PATTERN = (exp.Like, exp.ILike)
OFFSET = "OFFSET reads every row that it leaves out. Which value does the page begin after?"
CORRELATED = "The subquery is asked again for every row outside. What would ask it once for all of them?"
WRAPPED = "`{column}` is not compared as it is. Which condition on `{column}` alone says the same?"
WILDCARD = "The pattern may begin with anything, so no place in the index is its beginning. What is its beginning?"
ANY_CASE = "LIKE takes upper and lower case for the same, the index does not. Which range has one case only?"
EITHER = "No single search finds both sides of OR. Which two searches together do?"
OTHER_TYPE = "`{column}` is compared with a value of another type, so each value is converted. Which type has it?"
NUMBERS = ("INT", "REAL", "DOUBLE", "FLOAT", "DECIMAL", "NUMERIC")


@dataclass(frozen=True)
class Shape:
    """The columns of one table in a query, each in the order in which they first stand there.

    `equal` are compared by equality and `ranged` by a range, as they are; `wrapped` stand in a function, a cast or
    an arithmetic expression that is compared; `ordered` are the sort columns and whether each one sorts downwards.
    `tests` are the comparisons of a column with constants, as SQL.
    """

    equal: tuple[str, ...]
    ranged: tuple[str, ...]
    wrapped: tuple[str, ...]
    ordered: tuple[tuple[str, bool], ...]
    used: tuple[str, ...]
    tests: Mapping[str, str]


def shape_of(query: str, table: BaseTable, engine: str = "SQLite") -> Shape:
    """What `query` asks of `table`; raise `Unreadable` if it cannot be read."""
    tree = parse(query, engine)
    names = _names(tree, table.name)
    columns = {column.name.casefold(): column.name for column in table.columns}

    def own(column: exp.Expr | None) -> str:
        if not isinstance(column, exp.Column) or column.table.casefold() not in names:
            return ""
        return columns.get(column.name.casefold(), "")

    def compared(kinds: tuple[type[exp.Expr], ...]) -> tuple[str, ...]:
        return _distinct(own(side) for one in tree.find_all(*kinds) for side in (one.this, one.args.get("expression")))

    wrapped = (own(column) for side in _wrapping(tree) for column in side.find_all(exp.Column))
    ordered = [(own(one.this), bool(one.args.get("desc"))) for one in tree.find_all(exp.Ordered)]
    used = list(columns.values()) if _takes_all(tree) else [own(column) for column in tree.find_all(exp.Column)]
    return Shape(
        compared(EQUAL),
        compared(RANGED),
        _distinct(wrapped),
        tuple((name, down) for name, down in ordered if name),
        _distinct(used),
        _tests(tree, own, engine),
    )


def _tests(tree: exp.Expr, own: Callable[[exp.Expr | None], str], engine: str) -> dict[str, str]:
    tests: dict[str, list[str]] = {}
    for one in tree.find_all(*EQUAL, *RANGED):
        if own(one.this) and len(list(one.find_all(exp.Column))) == 1 and not one.find(exp.Select):
            bare = one.copy()
            bare.this.set("table", None)
            tests.setdefault(own(one.this), []).append(bare.sql(dialect=dialect_of(engine)))
    return {name: " AND ".join(conditions) for name, conditions in tests.items()}


def _names(tree: exp.Expr, table: str) -> set[str]:
    """How a column of `table` may be qualified; not at all, too."""
    own = (one for one in tree.find_all(exp.Table) if one.name.casefold() == table.casefold())
    return {"", table.casefold()} | {one.alias.casefold() for one in own}


def _distinct(names: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _takes_all(tree: exp.Expr) -> bool:
    return any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star))


def _wrapping(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The sides of comparisons that are more than a column or a constant."""
    for one in tree.find_all(*EQUAL, *RANGED, *PATTERN):
        for side in (one.this, one.args.get("expression")):
            if isinstance(side, exp.Expr) and not isinstance(side, (exp.Column, exp.Subquery, exp.Select)):
                yield side


def rewrite_hint(query: str, tables: Sequence[BaseTable], engine: str) -> str:
    """Why `query` reads too much of `tables`, or nothing if that is not recognised."""
    try:
        tree = parse(query, engine)
        with recursion_room():
            return next(_rewrite_hints(query, tree, tables, engine), "")
    except Unreadable:
        return ""


def _rewrite_hints(query: str, tree: exp.Expr, tables: Sequence[BaseTable], engine: str) -> Iterator[str]:
    """The hints for all mistakes that are recognised, the gravest first."""
    if any(offset.expression.name != "0" for offset in tree.find_all(exp.Offset)):
        yield OFFSET
    if any(_is_correlated(scope) for scope in traverse_scope(tree)):
        yield CORRELATED
    yield from (WRAPPED.format(column=name) for table in tables for name in shape_of(query, table, engine).wrapped)
    yield from _condition_hints(tree, engine)
    yield from (OTHER_TYPE.format(column=name) for table in tables for name in _compared_with_other_type(tree, table))


def _is_correlated(scope: Scope) -> bool:
    """Whether a subquery names a table of the query around it; a column without a table is taken for one of its own."""
    return scope.is_subquery and any(column.table and column.table not in scope.sources for column in scope.columns)


def _condition_hints(tree: exp.Expr, engine: str) -> Iterator[str]:
    patterns = [one.expression.name for one in tree.find_all(*PATTERN, exp.Glob) if one.expression.is_string]
    if any(pattern.startswith(("%", "_", "*", "?")) for pattern in patterns):
        yield WILDCARD
    if engine == "SQLite" and tree.find(exp.Like):
        yield ANY_CASE
    if any(len({column.name for column in one.find_all(exp.Column)}) > 1 for one in tree.find_all(exp.Or)):
        yield EITHER


def _compared_with_other_type(tree: exp.Expr, table: BaseTable) -> Iterator[str]:
    types = {column.name: column.type for column in table.columns}
    for one in tree.find_all(exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE):
        column, value = one.this, one.expression
        if isinstance(column, exp.Column) and isinstance(value, exp.Literal) and column.name in types:
            is_number = types[column.name].upper().startswith(NUMBERS)
            if is_number == value.is_string:
                yield column.name
