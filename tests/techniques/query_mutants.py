"""Mutants of a solution: queries with one typical mistake, to measure whether the grading data notice it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from graders.kernel.report import Mismatch
from graders.techniques.queries import QueryExercise, QueryKey, QueryTrial, ReusableLab
from graders.techniques.queries.literals import DIALECTS

Change = Callable[[exp.Expr], None]
OPPOSITES: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.LT: (exp.LTE, exp.GT),
    exp.LTE: (exp.LT, exp.GTE),
    exp.GT: (exp.GTE, exp.LT),
    exp.GTE: (exp.GT, exp.LTE),
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
}
AGGREGATES = {exp.Sum: exp.Avg, exp.Avg: exp.Sum, exp.Min: exp.Max, exp.Max: exp.Min}
# A bare number in a SELECT list is what EXISTS gives, in ORDER BY or GROUP BY the place of a column.
PLACES = (exp.Select, exp.Ordered, exp.Group)
MAX_COLUMNS = 3


@dataclass(frozen=True)
class Mutant:
    """A query with one mistake made on purpose; `kind` names the mistake."""

    kind: str
    sql: str


def mutants(query: str, dialect: str = "sqlite") -> list[Mutant]:
    """Give the queries that differ from `query` by one mistake, each text once.

    The mistakes are those of mutation analysis of SQL (Tuya, Suárez-Cabal, de la Riva: Mutating database
    queries, 2007): clauses, operators, NULLs and identifiers, as far as students make them.
    """
    tree = sqlglot.parse_one(query, dialect=dialect)
    found = {tree.sql(dialect): ""}
    for place, node in enumerate(tree.walk()):
        for kind, change in _changes(node, tree):
            copy = tree.copy()
            change(list(copy.walk())[place])
            found.setdefault(copy.sql(dialect), kind)
    return [Mutant(kind, sql) for sql, kind in found.items() if kind]


def survivors(exercise: QueryExercise, solution: str, key: QueryKey) -> list[Mutant]:
    """Give the mutants of `solution` that are right on every data set of `key`.

    Each of them either means the same as the solution, or shows a mistake that the exercise does not notice.
    """
    with ReusableLab(exercise.engine, exercise.schema) as lab:
        made = mutants(solution, DIALECTS[exercise.engine])
        return [mutant for mutant in made if _survives(QueryTrial(exercise, key, lab, mutant.sql))]


def _survives(trial: QueryTrial) -> bool:
    try:
        return not any(result.difference for result in trial.results())
    except Mismatch:
        return False


def _changes(node: exp.Expr, tree: exp.Expr) -> Iterator[tuple[str, Change]]:
    """The mistakes that can be made at `node`, each as a change to the same node of a copy of `tree`."""
    yield from _operators(node)
    yield from _clauses(node)
    yield from _conjuncts(node)
    yield from _aggregates(node, tree)
    yield from _negations(node)
    yield from _literals(node)


def _operators(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    for other in OPPOSITES.get(type(node), ()):
        yield "operator", lambda at, other=other: _become(at, other(this=at.this, expression=at.expression))
    if isinstance(node, exp.Coalesce):
        yield "COALESCE dropped", lambda at: _become(at, at.this)


def _become(at: exp.Expr, new: exp.Expr) -> None:
    at.replace(new.copy())


def _clauses(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if isinstance(node, exp.Join) and (node.args.get("on") or node.args.get("using")):
        side = "" if node.side else "LEFT"
        yield "join kind", lambda at: (at.set("side", side), at.set("kind", None))
    if isinstance(node, exp.Select) and not node.find_ancestor(exp.Exists, exp.In):
        distinct = None if node.args.get("distinct") else exp.Distinct()
        yield "DISTINCT", lambda at: at.set("distinct", distinct)
    if isinstance(node, exp.SetOperation):
        yield "UNION or UNION ALL", lambda at: at.set("distinct", not at.args.get("distinct"))
    if isinstance(node, (exp.Where, exp.Having, exp.Order, exp.Limit, exp.Offset)):
        yield f"{node.key.upper()} dropped", lambda at: at.pop()
    if isinstance(node, exp.Ordered):
        yield "ORDER BY direction", _turn
        if len(node.parent.expressions) > 1:
            yield "ORDER BY key dropped", lambda at: at.pop()


def _turn(at: exp.Expr) -> None:
    at.set("desc", not at.args.get("desc"))
    at.set("nulls_first", not at.args.get("nulls_first"))


def _conjuncts(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if isinstance(node, (exp.And, exp.Or)):
        yield "condition dropped", lambda at: _become(at, at.this)
        yield "condition dropped", lambda at: _become(at, at.expression)


def _aggregates(node: exp.Expr, tree: exp.Expr) -> Iterator[tuple[str, Change]]:
    if type(node) in AGGREGATES:
        other = AGGREGATES[type(node)]
        yield "aggregate", lambda at: _become(at, other(this=at.this))
    if not isinstance(node, exp.Count):
        return
    counted = node.this
    if isinstance(counted, exp.Distinct):
        yield "COUNT without DISTINCT", lambda at: at.set("this", counted.expressions[0].copy())
    elif not isinstance(counted, exp.Star):
        yield "COUNT(*)", lambda at: at.set("this", exp.Star())
        yield "COUNT(DISTINCT)", lambda at: at.set("this", exp.Distinct(expressions=[counted.copy()]))
    else:
        for column in list(dict.fromkeys(tree.find_all(exp.Column)))[:MAX_COLUMNS]:
            yield "COUNT of a column", lambda at, column=column: at.set("this", column.copy())


def _negations(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if not isinstance(node, (exp.Is, exp.In, exp.Exists, exp.Like, exp.Between)):
        return
    if isinstance(node.parent, exp.Not):
        yield "NOT dropped", lambda at: _become(at.parent, at)
    else:
        yield "NOT added", lambda at: _become(at, exp.Not(this=at.copy()))


def _literals(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if isinstance(node, exp.Literal) and node.is_int and not isinstance(node.parent, PLACES):
        for number in (int(node.this) - 1, int(node.this) + 1):
            yield "literal", lambda at, number=number: _become(at, exp.Literal.number(number))
