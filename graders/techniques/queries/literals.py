"""The literals of queries, and the columns they are compared with: where they change sides, mistakes show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

DIALECTS = {"SQLite": "sqlite", "DuckDB": "duckdb"}
DATE_FUNCTION = re.compile(r"date|time|day|month|year|tsords", re.I)
DURATION = re.compile(r"^[+-]?(\d+)\s*day", re.I)
COMPARISONS = (exp.Predicate, exp.In, exp.Like, exp.Glob)


@dataclass
class Literals:
    """What queries compare: `of` a column (by its bare name, lower case) its literals, as they come.

    `loose` are numbers compared with no column, `counts` those that say how many rows matter (LIMIT, COUNT),
    `together` the groups of columns compared with each other, `dated` the columns used as dates.
    """

    of: dict[str, list[object]] = field(default_factory=dict)
    loose: list[object] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    together: list[tuple[str, ...]] = field(default_factory=list)
    dated: list[str] = field(default_factory=list)


def literals(queries: Iterable[str], engine: str) -> Literals:
    """Collect the literals of `queries`; a text that sqlglot cannot read is passed over."""
    found = Literals()
    for tree in _parsed(queries, engine):
        for node in tree.walk():
            _visit(node, found)
    return found


def texts_in(query: str, engine: str) -> list[str]:
    """Every text that is written out in `query`, once; none where sqlglot cannot read it."""
    found = (node.this for tree in _parsed([query], engine) for node in tree.find_all(exp.Literal) if node.is_string)
    return list(dict.fromkeys(found))


def _parsed(queries: Iterable[str], engine: str) -> Iterator[exp.Expr]:
    for query in queries:
        try:
            yield from filter(None, sqlglot.parse(query, dialect=DIALECTS[engine]))
        except sqlglot.errors.SqlglotError:
            continue


def _visit(node: exp.Expr, found: Literals) -> None:
    if isinstance(node, (exp.Limit, exp.Offset)):
        found.counts += [int(value) for value in _values(node) if isinstance(value, int)]
    elif isinstance(node, COMPARISONS) and not isinstance(node, (exp.Exists, exp.SubqueryPredicate)):
        _compare(node, found)
    elif isinstance(node, exp.Case) and node.this:
        _note(_columns(node), _values(node), found)
    elif isinstance(node, exp.Literal) and not node.is_string and not _inside_comparison(node):
        found.loose += _values(node)


def _compare(node: exp.Expr, found: Literals) -> None:
    columns, values = _columns(node), _values(node)
    if any(isinstance(part, exp.Count) for part in _level(node)):
        found.counts += [value for value in values if isinstance(value, int)]
    if any(isinstance(part, exp.Func) and DATE_FUNCTION.search(_function(part)) for part in _level(node)):
        found.dated += columns
    if len(columns) > 1:
        found.together.append(tuple(columns))
    _note(columns, values + _combined(node, values), found)


def _note(columns: list[str], values: list[object], found: Literals) -> None:
    for column in columns:
        found.of.setdefault(column, []).extend(values)
    if not columns:
        found.loose += [value for value in values if not isinstance(value, str)]


def _level(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of `node` that are not in a query nested in it."""
    return node.walk(prune=lambda part: part is not node and isinstance(part, exp.Query))


def _columns(node: exp.Expr) -> list[str]:
    """The columns that `node` compares, those that a nested query gives back among them."""
    names = [part.name.lower() for part in _level(node) if isinstance(part, exp.Column)]
    for part in _level(node):
        if isinstance(part, exp.Select):
            names += [output.name.lower() for output in part.selects if isinstance(output, exp.Column)]
    return list(dict.fromkeys(names))


def _values(node: exp.Expr) -> list[object]:
    return [_value(part) for part in _level(node) if isinstance(part, exp.Literal)]


def _value(literal: exp.Literal) -> object:
    """The value of `literal`; a number of days written as text or interval is that number."""
    if literal.is_string:
        days = DURATION.match(literal.this)
        return int(days[1]) if days else int(literal.this) if _interval(literal) else literal.this
    number = float(literal.this)
    number = -number if isinstance(literal.parent, exp.Neg) else number
    return int(number) if literal.is_int else number


def _interval(literal: exp.Literal) -> bool:
    return isinstance(literal.parent, exp.Interval) and literal.this.isdigit()


def _combined(node: exp.Expr, values: list[object]) -> list[object]:
    """What makes both sides meet where literals are combined: `pay * 2 = 84` needs 42, a SUM needs parts."""
    numbers = [value for value in values if isinstance(value, int)]
    made = [one // other for one in numbers for other in numbers if other > 1 and one != other]
    made += [one - other for one in numbers for other in numbers if one != other]
    if any(isinstance(part, exp.AggFunc) for part in _level(node)):
        made += [number // 2 for number in numbers]
    return list(made)


def _function(node: exp.Func) -> str:
    return node.name if isinstance(node, exp.Anonymous) else node.sql_name()


def _inside_comparison(node: exp.Expr) -> bool:
    return node.find_ancestor(*COMPARISONS, exp.Limit, exp.Offset, exp.Case, exp.DataType) is not None
