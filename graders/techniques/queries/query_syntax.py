"""What a query says: the literals it compares with, the tables it reads, its sort keys and column names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from graders.sql import Unreadable
from graders.sql.lexer import dialect_of
from graders.sql.parsing import parse, parse_script

DATE_FUNCTION = re.compile(r"date|time|day|month|year|tsords", re.I)
DURATION = re.compile(r"^[+-]?(\d{1,9})\s*day", re.I)
# Longer numbers are no values that data can have, and each pair of numbers in one comparison is combined.
MAX_DIGITS, MAX_COMBINED = 30, 40
COMPARISONS = (exp.Predicate, exp.In, exp.Like, exp.Glob)
COUNTED, ADDED = (exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank), (exp.Sum, exp.Avg)
PICKS = (exp.Limit, exp.Offset, exp.Fetch, exp.Window, exp.GroupConcat)


@dataclass(frozen=True)
class AggregateLimit:
    """What a sum or an average is compared with."""

    columns: tuple[str, ...]
    """The columns that are added up, by their bare names in lower case."""
    is_average: bool
    value: int | float = 0
    """The number it is compared with."""
    partner: str = ""
    """The column it is compared with, in place of a number."""


@dataclass
class Literals:
    """What queries compare."""

    by_column: dict[str, list[object]] = field(default_factory=dict)
    """The literals compared with each column, by its bare name in lower case."""
    unattached: list[object] = field(default_factory=list)
    """Numbers compared with no column."""
    row_counts: list[int] = field(default_factory=list)
    """Numbers that say how many rows matter (LIMIT, COUNT)."""
    aggregate_limits: list[AggregateLimit] = field(default_factory=list)
    """The numbers that sums and averages are compared with."""
    compared_columns: list[tuple[str, ...]] = field(default_factory=list)
    """The groups of columns that are compared with each other."""
    date_columns: list[str] = field(default_factory=list)
    """The columns used as dates."""


def collect_literals(queries: Iterable[str], engine: str) -> Literals:
    """Collect the literals of `queries`; a text that cannot be read is passed over."""
    found = Literals()
    trees = list(_parsed(queries, engine))
    for tree in trees:
        for node in tree.walk():
            _visit(node, found)
    for tree in trees:
        for alias in tree.find_all(exp.Alias):
            _note_limits(alias.find_all(*COUNTED, *ADDED), found.by_column.get(alias.alias.lower(), ()), found)
    return found


def text_literals(query: str, engine: str) -> list[str]:
    """Every text that is written out in `query`, once; none where it cannot be read."""
    found = (node.this for tree in _parsed([query], engine) for node in tree.find_all(exp.Literal) if node.is_string)
    return list(dict.fromkeys(found))


def _parsed(queries: Iterable[str], engine: str) -> Iterator[exp.Expr]:
    for query in queries:
        try:
            yield from parse_script(query, engine)
        except Unreadable:
            continue


def _visit(node: exp.Expr, found: Literals) -> None:
    if isinstance(node, (exp.Limit, exp.Offset)):
        found.row_counts += [int(value) for value in _values(node) if isinstance(value, int)]
    elif isinstance(node, COMPARISONS) and not isinstance(node, (exp.Exists, exp.SubqueryPredicate)):
        _compare(node, found)
    elif isinstance(node, exp.Case) and node.this:
        _note(_columns(node), _values(node), found)
    elif isinstance(node, exp.Literal) and not node.is_string and not _inside_comparison(node):
        found.unattached += _values(node)


def _compare(node: exp.Expr, found: Literals) -> None:
    columns, values = _columns(node), _values(node)
    _note_limits(_aggregates(node), values, found, columns)
    if any(isinstance(part, exp.Func) and DATE_FUNCTION.search(_function(part)) for part in _level(node)):
        found.date_columns += columns
    if len(columns) > 1:
        found.compared_columns.append(tuple(columns))
    _note(columns, values + _combined(node, values), found)


def _aggregates(node: exp.Expr) -> Iterator[exp.Expr]:
    """What `node` compares that is counted or added up, also by a query nested in it."""
    for part in _level(node):
        if isinstance(part, (*COUNTED, *ADDED)):
            yield part
        elif isinstance(part, exp.Query) and part is not node:
            for output in part.selects:
                yield from output.find_all(*COUNTED, *ADDED)


def _note_limits(
    aggregates: Iterable[exp.Expr], values: Iterable[object], found: Literals, partners: Iterable[str] = ()
) -> None:
    numbers = [value for value in values if isinstance(value, (int, float))]
    for aggregate in aggregates:
        if isinstance(aggregate, COUNTED):
            found.row_counts += [number for number in numbers if isinstance(number, int)]
            continue
        columns = tuple(dict.fromkeys(column.name.lower() for column in aggregate.find_all(exp.Column)))
        average = isinstance(aggregate, exp.Avg)
        others = [name for name in partners if name not in columns] if columns else []
        found.aggregate_limits += [AggregateLimit(columns, average, partner=name) for name in others]
        found.aggregate_limits += [AggregateLimit(columns, average, number) for number in numbers if columns]


def _note(columns: list[str], values: list[object], found: Literals) -> None:
    for column in columns:
        found.by_column.setdefault(column, []).extend(values)
    if not columns:
        found.unattached += [value for value in values if not isinstance(value, str)]


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
    literals = (part for part in _level(node) if isinstance(part, exp.Literal))
    return [_value(literal) for literal in literals if literal.is_string or len(literal.this) <= MAX_DIGITS]


def _value(literal: exp.Literal) -> object:
    """The value of `literal`; a number of days written as text or interval is that number."""
    if literal.is_string:
        days = DURATION.match(literal.this)
        return int(days[1]) if days else int(literal.this) if _interval(literal) else literal.this
    number = float(literal.this)
    number = -number if isinstance(literal.parent, exp.Neg) else number
    return int(number) if literal.is_int and math.isfinite(number) else number


def _interval(literal: exp.Literal) -> bool:
    return isinstance(literal.parent, exp.Interval) and literal.this.isdecimal() and len(literal.this) <= MAX_DIGITS


def _combined(node: exp.Expr, values: list[object]) -> list[object]:
    """What makes both sides meet where literals are combined: `pay * 2 = 84` needs 42, a SUM needs parts."""
    numbers = [value for value in values if isinstance(value, int)][:MAX_COMBINED]
    made = [one // other for one in numbers for other in numbers if other > 1 and one != other]
    made += [one - other for one in numbers for other in numbers if one != other]
    if any(isinstance(part, exp.AggFunc) for part in _level(node)):
        made += [number // 2 for number in numbers]
    return list(made)


def _function(node: exp.Func) -> str:
    return node.name if isinstance(node, exp.Anonymous) else node.sql_name()


def _inside_comparison(node: exp.Expr) -> bool:
    return node.find_ancestor(*COMPARISONS, exp.Limit, exp.Offset, exp.Case, exp.DataType) is not None


def with_sort_keys(query: str, columns: Sequence[str], engine: str) -> tuple[str, tuple[int, ...]]:
    """`query` with its sort keys as further columns, and the positions of its sort keys among all columns.

    `columns` are the query's own. The sort keys end before the first that cannot become a column.
    """
    tree = parse(query, engine)
    if not isinstance(tree, exp.Query) or not tree.args.get("order"):
        return query, ()
    positions: list[int] = []
    keyed = tree
    for ordered in tree.args["order"].expressions:
        position = _position(ordered.this, tree, columns)
        if position is None:
            if not isinstance(tree, exp.Select) or tree.args.get("distinct"):
                break
            keyed = keyed.select(_plain_key(ordered.this), append=True)
            position = len(keyed.selects) - len(tree.selects) + len(columns) - 1
        positions.append(position)
    return query if keyed is tree else keyed.sql(dialect_of(engine)), tuple(positions)


def _position(key: exp.Expr, tree: exp.Query, columns: Sequence[str]) -> int | None:
    """The output column that the sort key `key` names, by its number, its name or its expression."""
    if isinstance(key, exp.Literal) and key.is_int:
        return int(key.this) - 1
    names = [column.casefold() for column in columns]
    if isinstance(key, exp.Column) and not key.table and key.name.casefold() in names:
        return names.index(key.name.casefold())
    written = [output.unalias() for output in tree.selects]
    return written.index(key) if key in written and not tree.is_star else None


def _plain_key(key: exp.Expr) -> exp.Expr:
    """The sort key as a value; what sorts regardless of case ties regardless of case."""
    if isinstance(key, exp.Collate) and key.expression.name.upper() == "NOCASE":
        return exp.Lower(this=key.this.copy())
    return key.copy()


def picks_rows(query: str, engine: str) -> bool:
    """Whether `query` picks rows by their position, as LIMIT does."""
    return parse(query, engine).find(*PICKS) is not None


def required_names(query: str, columns: tuple[str, ...], engine: str) -> tuple[str, ...]:
    """The names of `columns`, which `query` gives: empty where it gives a column no name itself."""
    tree = parse(query, engine)
    if not isinstance(tree, exp.Query) or tree.is_star or len(tree.selects) != len(columns):
        return columns
    has_name = [bool(output.alias) or isinstance(output, exp.Column) for output in tree.selects]
    return tuple(column if has else "" for column, has in zip(columns, has_name, strict=True))


def tables_read(query: str, engine: str) -> list[str]:
    """The names of the tables (or views) that `query` reads, as it writes them; none if it cannot be read."""
    try:
        tree = parse(query, engine)
    except Unreadable:
        return []
    own = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    names = [table.name for table in tree.find_all(exp.Table) if table.name.casefold() not in own]
    return list(dict.fromkeys(names))
