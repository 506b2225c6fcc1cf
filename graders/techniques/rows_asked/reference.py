"""What the solution gives on a data set, as far as it is determined: columns, rows, and runs of ties."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sqlglot import exp

from graders.labs import EngineError, Result
from graders.sql.dialects import dialect_of
from graders.sql.parsing import Unreadable, parse
from graders.techniques.instances import Bench, Instance
from graders.techniques.rows import compare, normal
from graders.techniques.rows.values import Row

PICKS = (exp.Limit, exp.Offset, exp.Fetch, exp.Window, exp.GroupConcat)
MOST_TURNS = 8


@dataclass(frozen=True)
class Reference:
    """A solution: its text, the text with sort keys as further columns, and the places of the sort keys.

    `width` is the number of its own columns; `picks` says that it picks rows by their place, as LIMIT does.
    """

    query: str
    keyed: str
    sort_keys: tuple[int, ...]
    width: int
    picks: bool

    def result(self, bench: Bench, data: Instance, tolerance: float = 0) -> tuple[Result, tuple[int, ...]] | None:
        """Give the solution's result on `data`, and the lengths of its runs of ties.

        None if the engine refuses the data or the query, or if the rows depend on how the data are stored (a
        LIMIT among ties, say): then nobody can be asked for them.
        """
        try:
            result = bench.run(self.keyed, data)
        except EngineError:
            return None
        turns = min(max(map(len, data.values()), default=1), MOST_TURNS) if self.picks else 1
        again = (_shuffled(bench, self.keyed, data, turn) or result for turn in range(turns))
        if any(compare(other, result, tolerance=tolerance) for other in again):
            return None
        rows = [row[: self.width] for row in result.rows]
        return Result(result.columns[: self.width], rows), _runs(result.rows, self.sort_keys)


def _shuffled(bench: Bench, query: str, data: Instance, turn: int) -> Result | None:
    try:
        return bench.run_shuffled(query, data, turn)
    except EngineError:
        return None


def _runs(rows: list[Row], places: tuple[int, ...]) -> tuple[int, ...]:
    if not places:
        return ()
    return tuple(len(list(run)) for _, run in groupby(rows, key=lambda row: [normal(row[place]) for place in places]))


def read_reference(bench: Bench, query: str) -> Reference:
    """Read the sort keys of `query` from its ORDER BY; those that are no output column become columns."""
    columns = bench.run(query, {}).columns
    tree = parse(query, bench.engine)
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
    text = query if keyed == tree else keyed.sql(dialect_of(bench.engine))
    return Reference(query, text, tuple(places), len(columns), tree.find(*PICKS) is not None)


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


def asked_names(bench: Bench, reference: Reference) -> tuple[str, ...]:
    """The column names that an answer must give: empty where the solution itself gives no name."""
    columns = bench.run(reference.query, {}).columns
    tree = parse(reference.query, bench.engine)
    if tree.is_star or len(tree.selects) != len(columns):
        return columns
    named = [bool(output.alias) or isinstance(output, exp.Column) for output in tree.selects]
    return tuple(column if has else "" for column, has in zip(columns, named, strict=True))


def tables_read(query: str, engine: str) -> list[str]:
    """The names of the tables (or views) that `query` reads, as it writes them; none if it cannot be read."""
    try:
        tree = parse(query, engine)
    except Unreadable:
        return []
    own = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    names = [table.name for table in tree.find_all(exp.Table) if table.name.casefold() not in own]
    return list(dict.fromkeys(names))
