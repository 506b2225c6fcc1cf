"""One lab that is emptied and filled again for each data set, the same tables without keys, and what it may run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab, Result, open_lab
from graders.sql import TooLarge, Unreadable, check_size, first_keyword, quote_identifier
from graders.sql.parsing import parse, parse_script, recursion_room
from graders.techniques.queries.comparison import Row
from graders.techniques.queries.tables import read_tables

Data = Mapping[str, Sequence[Row]]
ROWID = re.compile(r"\b(?:rowid|_rowid_|oid)\b", re.I)
VIEWS = {
    "SQLite": "SELECT sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid",
    "DuckDB": "SELECT sql FROM duckdb_views() WHERE NOT internal ORDER BY view_oid",
}
READS = {"SELECT", "VALUES", "FROM"}


def read_query(lab: Lab, text: str) -> str:
    """Give the one statement of `text`, which must read data and change none; else raise `Mismatch`."""
    try:
        statements = lab.statements(text)
    except EngineError as error:
        raise Mismatch("a query", error.says) from None
    if len(statements) != 1:
        raise Mismatch("one query", f"{len(statements)} statements" if statements else "no statement")
    word = first_keyword(statements[0], lab.engine)
    # What begins with no keyword is left to the engine, which says what is wrong.
    if word and word not in READS:
        raise Mismatch("one SELECT, which reads data and changes none", f"a statement that starts with {word}")
    try:
        check_size(statements[0], lab.engine)
    except TooLarge as reason:
        raise Mismatch("a query of ordinary size", str(reason)) from None
    return statements[0]


class ReusableLab:
    """A lab on `engine` with the tables of `schema`, for running queries on one data set after the other.

    `here` keeps it in this process, for queries of our own.
    """

    def __init__(self, engine: str, schema: str, *, here: bool = False):
        self.engine = engine
        self.schema = schema
        self.here = here
        self.lab = open_lab(engine, schema, here=here)
        self._filled: list[str] = []
        self._without_keys: ReusableLab | None = None
        self._rowids: dict[str, str] = {}

    def load(self, data: Data) -> None:
        """Make `data` the content of the database; tables come after those they refer to.

        Raise `EngineError` if the engine refuses a row.
        """
        self._empty()
        for table, rows in data.items():
            if rows:
                self.add(table, rows)

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Put `rows` into `table` beside what is there; raise `EngineError` if the engine refuses one."""
        if table not in self._filled:
            self._filled.append(table)
        self.lab.put(table, rows)

    def add_accepted(self, table: str, rows: Sequence[Row]) -> list[Row]:
        """Put those of `rows` into `table` that the engine takes, and give them."""
        if table not in self._filled:
            self._filled.append(table)
        return self.lab.put_accepted(table, rows)

    def _empty(self) -> None:
        try:
            self.lab.empty(self._filled[::-1])
        except EngineError:
            self._reopen()
        self._filled = []

    def _reopen(self) -> None:
        self.lab.close()
        self.lab = open_lab(self.engine, self.schema, here=self.here)

    def run(self, query: str, data: Data) -> Result:
        """Run `query` on `data`; raise `EngineError` if the engine refuses the data or the query."""
        return _single_result(self.run_each(query, [data]))

    def run_each(self, query: str, data_sets: Sequence[Data]) -> list[Result | EngineError]:
        """Run `query` on each of `data_sets` alone; give its result on each, or what the engine refused."""
        outcomes: list[Result | EngineError] = []
        self._empty()
        while len(outcomes) < len(data_sets):
            outcomes += self.lab.on_each(data_sets[len(outcomes) :], query)
            if len(outcomes) < len(data_sets):
                self._reopen()
        self._filled = [table for data in data_sets[-1:] for table, rows in data.items() if rows]
        return outcomes

    def run_shuffled(self, query: str, data: Data, turn: int = 0) -> Result:
        """Run `query` on `data` stored the other way round from row `turn` on, in tables without keys.

        What the query leaves open, the order of ties above all, then comes out otherwise. Raise `EngineError`
        if the engine refuses the query there.
        """
        return _single_result(self.run_each_shuffled(query, [data], turn))

    def run_each_shuffled(self, query: str, data_sets: Sequence[Data], turn: int = 0) -> list[Result | EngineError]:
        """Run `query` on each of `data_sets` as `run_shuffled` does; give its result on each, or the refusal."""
        if self._without_keys is None:
            self._without_keys = ReusableLab(self.engine, schema_without_keys(self.lab, self.schema), here=self.here)
            self._rowids = {table.name.casefold(): table.rowid for table in read_tables(self.lab) if table.rowid}
        shuffled = [{table: _rotate_and_reverse(rows, turn) for table, rows in data.items()} for data in data_sets]
        return self._without_keys.run_each(replace_rowids(query, self._rowids), shuffled)

    def close(self) -> None:
        """Throw the lab away."""
        self.lab.close()
        if self._without_keys is not None:
            self._without_keys.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _single_result(outcomes: list[Result | EngineError]) -> Result:
    (outcome,) = outcomes
    if isinstance(outcome, EngineError):
        raise outcome
    return outcome


def _rotate_and_reverse(rows: Sequence[Row], turn: int) -> list[Row]:
    first = turn % len(rows) if rows else 0
    return [*rows[first:], *rows[:first]][::-1]


def schema_without_keys(lab: Lab, schema: str) -> str:
    """The script that makes the tables of `lab` with names, types and collations only, and its views."""
    collations = _collations(schema, lab.engine)
    statements = []
    for table in read_tables(lab):
        columns = ", ".join(
            f"{quote_identifier(column.name)} {column.type} "
            + collations.get((table.name.lower(), column.name.lower()), "")
            for column in table.columns
        )
        statements.append(f"CREATE TABLE {quote_identifier(table.name)} ({columns})")
    statements += [sql.strip().rstrip(";") for (sql,) in lab.execute(VIEWS[lab.engine]).rows]
    return ";\n".join(statements)


def _collations(schema: str, engine: str) -> dict[tuple[str, str], str]:
    """The COLLATE clauses of `schema` by table and column, which the engines themselves do not tell."""
    try:
        trees = parse_script(schema, engine)
    except Unreadable:
        return {}
    found = {}
    for tree in trees:
        for collate in tree.find_all(exp.CollateColumnConstraint):
            column, table = collate.find_ancestor(exp.ColumnDef), tree.find(exp.Table)
            if column and table:
                found[table.name.lower(), column.name.lower()] = f"COLLATE {collate.this.name}"
    return found


def replace_rowids(query: str, rowids: Mapping[str, str]) -> str:
    """`query` with the column in place of each rowid that is another name of it; `rowids` gives it by table.

    Without its keys a table numbers its rows anew.
    """
    if not ROWID.search(query):
        return query
    try:
        tree = parse(query, "SQLite")
        with recursion_room():
            for scope in traverse_scope(tree):
                for column in scope.columns:
                    _replace_rowid(column, scope.sources, rowids)
            return tree.sql("sqlite")
    except Unreadable:
        return query


def _replace_rowid(column: exp.Column, sources: Mapping[str, object], rowids: Mapping[str, str]) -> None:
    if not ROWID.fullmatch(column.name):
        return
    source = sources.get(column.table) if column.table else next(iter(sources.values()), None)
    if isinstance(source, exp.Table) and source.name.casefold() in rowids:
        column.set("this", exp.to_identifier(rowids[source.name.casefold()], quoted=True))


def serialize_database(lab: Lab) -> bytes:
    """Give the file of a SQLite lab, for `open_image`; what a transaction that is still open did is kept.

    Raise `Mismatch` if there is nothing that a file could hold.
    """
    lab.outcomes(["COMMIT"])
    try:
        return lab.image()
    except EngineError:
        raise Mismatch("a table", "an empty database: nothing was created in it") from None
