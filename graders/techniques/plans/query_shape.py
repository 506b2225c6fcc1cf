"""What a query asks of one table: the columns it compares, wraps, sorts by and needs at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from graders.labs import Lab
from graders.techniques.queries.literals import DIALECTS

EQUAL = (exp.EQ, exp.In, exp.Is)
RANGED = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.Glob)
PATTERN = (exp.Like, exp.ILike)


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


def parsed(query: str, engine: str) -> exp.Expression:
    """The syntax tree of `query`; raise `sqlglot.errors.SqlglotError` if it cannot be read."""
    try:
        return sqlglot.parse_one(query, dialect=DIALECTS[engine])
    except RecursionError:
        raise SqlglotError("nested too deep") from None


def shape_of(lab: Lab, query: str, table: str) -> Shape:
    """What `query` asks of `table`; raise `sqlglot.errors.SqlglotError` if it cannot be read."""
    tree = parsed(query, lab.engine)
    names = _names(tree, table)
    columns = {name.casefold(): name for name in lab.columns(table)}

    def own(column: exp.Expression | None) -> str:
        if not isinstance(column, exp.Column) or column.table.casefold() not in names:
            return ""
        return columns.get(column.name.casefold(), "")

    def compared(kinds: tuple[type, ...]) -> tuple[str, ...]:
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
        _tests(tree, own, lab.engine),
    )


def _tests(tree: exp.Expression, own: Callable[[exp.Expression | None], str], engine: str) -> dict[str, str]:
    tests: dict[str, list[str]] = {}
    for one in tree.find_all(*EQUAL, *RANGED):
        if own(one.this) and len(list(one.find_all(exp.Column))) == 1 and not one.find(exp.Select):
            bare = one.copy()
            bare.this.set("table", None)
            tests.setdefault(own(one.this), []).append(bare.sql(dialect=DIALECTS[engine]))
    return {name: " AND ".join(conditions) for name, conditions in tests.items()}


def _names(tree: exp.Expression, table: str) -> set[str]:
    """How a column of `table` may be qualified; not at all, too."""
    own = (one for one in tree.find_all(exp.Table) if one.name.casefold() == table.casefold())
    return {"", table.casefold()} | {one.alias.casefold() for one in own}


def _distinct(names: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _takes_all(tree: exp.Expression) -> bool:
    return any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star))


def _wrapping(tree: exp.Expression) -> Iterator[exp.Expression]:
    """The sides of comparisons that are more than a column or a constant."""
    for one in tree.find_all(*EQUAL, *RANGED, *PATTERN):
        for side in (one.this, one.args.get("expression")):
            if isinstance(side, exp.Expression) and not isinstance(side, (exp.Column, exp.Subquery, exp.Select)):
                yield side
