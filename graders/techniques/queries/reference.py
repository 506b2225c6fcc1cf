"""What the solution gives on a data set, as far as it is determined: columns, rows, and runs of ties."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import sqlglot
from sqlglot import exp

from graders.labs import EngineError, Result
from graders.techniques.queries.comparison import Row, compare, normal
from graders.techniques.queries.generation import Instance
from graders.techniques.queries.literals import DIALECTS
from graders.techniques.queries.reusable_lab import ReusableLab

PICKS = (exp.Limit, exp.Offset, exp.Fetch, exp.Window, exp.GroupConcat)
MAX_TURNS = 8


@dataclass(frozen=True)
class Reference:
    """A solution, as the rows of answers are compared with it."""

    query: str
    keyed: str
    """The query with its sort keys as further columns."""
    sort_keys: tuple[int, ...]
    """The places of the sort keys among the columns of `keyed`."""
    columns: tuple[str, ...]
    """The query's own columns."""
    picks: bool
    """Whether it picks rows by their place, as LIMIT does."""

    def result(self, lab: ReusableLab, data: Instance, tolerance: float = 0) -> tuple[Result, tuple[int, ...]] | None:
        """Give the solution's result on `data`, and the lengths of its runs of ties.

        None if the engine refuses the data or the query, or if the rows depend on how the data are stored (a
        LIMIT among ties, say): then nobody can be asked for them.
        """
        try:
            result = lab.run(self.keyed, data)
        except EngineError:
            return None
        turns = min(max(map(len, data.values()), default=1), MAX_TURNS) if self.picks else 1
        again = (_shuffled(lab, self.keyed, data, turn) or result for turn in range(turns))
        if any(compare(other, result, tolerance=tolerance) for other in again):
            return None
        width = len(self.columns)
        rows = [row[:width] for row in result.rows]
        return Result(result.columns[:width], rows), _runs(result.rows, self.sort_keys)


def _shuffled(lab: ReusableLab, query: str, data: Instance, turn: int) -> Result | None:
    try:
        return lab.run_shuffled(query, data, turn)
    except EngineError:
        return None


def _runs(rows: list[Row], places: tuple[int, ...]) -> tuple[int, ...]:
    if not places:
        return ()
    return tuple(len(list(run)) for _, run in groupby(rows, key=lambda row: [normal(row[place]) for place in places]))


def read_reference(lab: ReusableLab, query: str) -> Reference:
    """Read the sort keys of `query` from its ORDER BY; those that are no output column become columns."""
    columns = lab.run(query, {}).columns
    tree = sqlglot.parse_one(query, dialect=DIALECTS[lab.engine])
    order = tree.args.get("order")
    places: list[int] = []
    keyed = tree.copy()
    for ordered in order.expressions if order else ():
        place = _place(ordered.this, tree, columns)
        if place is None:
            if not isinstance(tree, exp.Select) or tree.args.get("distinct"):
                break
            keyed = keyed.select(_plain_key(ordered.this), append=True)
            place = len(keyed.selects) - len(tree.selects) + len(columns) - 1
        places.append(place)
    text = query if keyed == tree else keyed.sql(DIALECTS[lab.engine])
    return Reference(query, text, tuple(places), columns, tree.find(*PICKS) is not None)


def _place(key: exp.Expr, tree: exp.Query, columns: tuple[str, ...]) -> int | None:
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


def expected_names(reference: Reference, engine: str) -> tuple[str, ...]:
    """The column names that an answer must give: empty where the solution itself gives no name."""
    tree = sqlglot.parse_one(reference.query, dialect=DIALECTS[engine])
    if tree.is_star or len(tree.selects) != len(reference.columns):
        return reference.columns
    has_name = [bool(output.alias) or isinstance(output, exp.Column) for output in tree.selects]
    return tuple(column if has else "" for column, has in zip(reference.columns, has_name, strict=True))


def tables_read(query: str, engine: str) -> list[str]:
    """The names of the tables (or views) that `query` reads, as it writes them; none if it cannot be read."""
    try:
        tree = sqlglot.parse_one(query, dialect=DIALECTS[engine])
    except sqlglot.errors.SqlglotError:
        return []
    own = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    names = [table.name for table in tree.find_all(exp.Table) if table.name.casefold() not in own]
    return list(dict.fromkeys(names))
