"""What a migration must achieve, the states of a database before and after, and the faults by which they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError, Lab, SharedLab, in_order, open_lab, open_shared_lab
from graders.labs.lab import Row
from graders.sql import quote_identifier
from graders.techniques.migrations.catalogues import READERS, qualify, read_schema
from graders.techniques.migrations.schema import Schema, compare_schemas, table_columns

Data = Mapping[str, Sequence[Row]]
"""The rows of each table, tables in an order that foreign keys allow."""


@dataclass(frozen=True)
class DatabaseState:
    """All that a migration may change of a database."""

    schema: Schema
    """Its objects; a view of SQLite, which keeps its text as it was written, by the columns that it shows."""
    rows: Mapping[str, tuple[tuple[str, ...], tuple[Row, ...]]]
    """Of each table, the names of its columns in alphabetical order, and its rows, sorted."""
    views: Mapping[str, tuple[tuple[str, ...], tuple[Row, ...]]]
    """Of each view of SQLite that can be read, its columns and its rows, sorted."""


def read_state(lab: Lab) -> DatabaseState:
    """Read the schema and the rows of a lab; raise `Mismatch` if they cannot be read."""
    schema = read_schema(lab)
    tables = table_columns(schema)
    queries = [
        f"SELECT {', '.join(map(quote_identifier, columns))} FROM {qualify(lab, table)}"
        for table, columns in tables.items()
    ]
    rows = {}
    for (table, columns), outcome in zip(tables.items(), lab.outcomes(queries), strict=True):
        if isinstance(outcome, EngineError):
            raise Mismatch(f"a table {table} that can be read", f"{lab.engine} says: {outcome}")
        rows[table] = tuple(columns), tuple(in_order(outcome.rows))
    names = [name for kind, name in schema if kind == "view"] if lab.engine == "SQLite" else []
    views = _read_views(lab, names)
    shown = {name: f"shows {', '.join(views[name][0])}" if name in views else "cannot be read" for name in names}
    return DatabaseState({**schema, **{("view", name): words for name, words in shown.items()}}, rows, views)


def _read_views(lab: Lab, names: Sequence[str]) -> dict[str, tuple[tuple[str, ...], tuple[Row, ...]]]:
    """The columns and the rows of each view that can be read."""
    outcomes = lab.outcomes([f"SELECT * FROM {qualify(lab, name)}" for name in names])
    return {
        name: (outcome.columns, tuple(in_order(outcome.rows)))
        for name, outcome in zip(names, outcomes, strict=True)
        if not isinstance(outcome, EngineError)
    }


@dataclass(frozen=True)
class Change:
    """What a migration must achieve.

    Change(
        before="CREATE TABLE t (a INTEGER);",
        after="CREATE TABLE t (a INTEGER, double INTEGER);",
        snapshots={"empty": {"t": []}, "nasty": {"t": [(1,), (None,)]}},
        convert=lambda data: {"t": [(a, a and 2 * a) for (a,) in data["t"]]},
    )
    """

    before: str
    """The schema before, in SQL."""
    after: str
    """The schema after, in SQL."""
    snapshots: Mapping[str, Data]
    """Data on which the migration is tried, by a name such as "nasty"; the last has most to lose."""
    convert: Callable[[Data], Data]
    """Gives the rows that such data must become, in the order of the columns of `after`."""
    lossy: bool = False
    """Whether going down cannot bring every row back, so that only its schema is compared."""
    engine: str = "SQLite"
    """The engine: "SQLite", "DuckDB" or "PostgreSQL"."""
    _states: dict[tuple[str, bool], DatabaseState] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The states that have been made, by snapshot and by whether they are after the change: nobody changes one."""

    def __post_init__(self):
        if self.engine not in READERS:
            raise ValueError(f"a change cannot run on `{self.engine}`: choose one of {', '.join(READERS)}")

    def open(self, snapshot: str) -> Lab:
        """A lab with the schema before and the rows of `snapshot`."""
        return open_lab(self.engine, self.before, self.snapshots[snapshot])

    def open_durable(self, snapshot: str, *, up: str = "", after: bool = False) -> SharedLab:
        """A shared lab that survives a power cut: before the change, `after` it, or as the script `up` leaves it."""
        options = {"durable": True} if self.engine == "DuckDB" else {}
        schema, data = self._tables(snapshot, after=after)
        return open_shared_lab(self.engine, schema, data, then=up, **options)

    def start(self, snapshot: str) -> DatabaseState:
        """The state before the change."""
        return self._state(snapshot, after=False)

    def goal(self, snapshot: str) -> DatabaseState:
        """The state that the change must reach."""
        return self._state(snapshot, after=True)

    def _state(self, snapshot: str, *, after: bool) -> DatabaseState:
        if (snapshot, after) not in self._states:
            schema, data = self._tables(snapshot, after=after)
            with open_lab(self.engine, schema, data, here=True) as lab:
                self._states[snapshot, after] = read_state(lab)
        return self._states[snapshot, after]

    def _tables(self, snapshot: str, *, after: bool) -> tuple[str, Data]:
        """The schema and the rows before or after the change."""
        data = self.snapshots[snapshot]
        return (self.after, self.convert(data)) if after else (self.before, data)


HINTS = {
    "refused": "Run the statements one by one: which is the first that does not fit the schema at that point?",
    "refused on rows": "An empty table accepts it. What does this statement ask of the rows that are there already?",
    "refused after writes": "DuckDB sets no NOT NULL after an UPDATE in the same transaction. Could a new table?",
    "left open": "What is never committed is rolled back when the connection closes. Where does the transaction end?",
    "rows lost": "Which statement deleted rows of another table? Were foreign keys on when a table was dropped?",
    "row changed": "Look at the marked row: which expression gave this value?",
    "table lost": "Which statement was to make this table, or to give it its name?",
    "table left": "An intermediate table is still there. What was to become of it?",
    "table changed": "The new table is not declared as asked. Compare them column by column.",
    "column lost": "Compare the columns one by one: which is missing?",
    "column left": "Which column has done its work and can go?",
    "column changed": "Compare type, NOT NULL and DEFAULT of this column with what was asked.",
    "index lost": "An index goes with its table or its column. Who makes it again?",
    "index left": "What is this index for, now?",
    "index changed": "Does the index have the columns that were asked for?",
    "trigger lost": "A trigger goes when its table is dropped. Who makes it again?",
    "trigger left": "Which application still needs this trigger?",
    "trigger changed": "The trigger no longer does what it did.",
    "view lost": "Who still reads this view?",
    "view left": "Which application still needs this view?",
    "view changed": "The view no longer shows what it showed.",
    "foreign key lost": "What keeps children without a parent out now?",
    "foreign key left": "Which rule does this foreign key keep?",
    "foreign key changed": "ALTER TABLE … RENAME takes foreign keys along. To which name do they point?",
    "unique lost": "Which rule did UNIQUE keep, and who keeps it now?",
    "unique left": "Was UNIQUE asked for here?",
    "unique changed": "Compare what this rule said with what it says now.",
    "check lost": "Which rule did CHECK keep, and who keeps it now?",
    "check left": "Was this CHECK asked for?",
    "check changed": "NOT VALID asks nothing of the rows that are there. Which statement looks at them?",
    "sequence lost": "Who gives the next row its number now?",
    "sequence left": "Which column takes its numbers from this sequence?",
    "sequence changed": "A sequence stays with the table it was made for. Whose is it, and which number comes next?",
    "down refused": "Start from the schema that your own up leaves: which statement expects another one?",
    "down schema": "The schema differs from the start. What did up take away that down does not bring back?",
    "down rows": "Rows differ from the start. Where would the data that are gone come from?",
    "up again": "Up, down, and up again: what does down leave that up stumbles over?",
    "torn": "The database is between two versions at this place. What holds statements together?",
    "no second run": "The script stopped half-way, and run again it does not reach its end. What did it leave behind?",
    "app refused": "This version of it is still running. Which of its statements no longer fits the schema?",
    "write lost": "A row that was written is gone. Who writes to the old table while its rows are being copied?",
    "app misled": "Both versions are running. How does what one writes reach the columns that the other reads?",
}


class Fault(Mismatch):
    """A mismatch of a known kind: a key of `HINTS`, which gives its hint.

    `schemas` are the one that was expected and the one that is there, where they differ.
    """

    def __init__(
        self,
        kind: str,
        expected: str,
        found: str,
        tables: Sequence[Table] = (),
        schemas: tuple[Schema, Schema] | None = None,
    ):
        super().__init__(expected, found, HINTS[kind], tables)
        self.kind = kind
        self.schemas = schemas

    def of_kind(self, kind: str) -> Fault:
        """The same fault as one of another kind."""
        return Fault(kind, self.expected, self.found, self.tables, self.schemas)

    def with_picture(self, picture: str) -> Mismatch:
        """The fault with a picture of it."""
        return Mismatch(self.expected, self.found, self.hint, self.tables, picture)


def compare_states(expected: DatabaseState, actual: DatabaseState, where: str) -> Fault | None:
    """The first difference between two states, in the schema and then in the rows; `where` says when it was met."""
    return compare_state_schemas(expected, actual, where) or compare_rows(expected, actual, where)


def compare_state_schemas(expected: DatabaseState, actual: DatabaseState, where: str) -> Fault | None:
    """The first object that is missing, changed or left over."""
    difference = compare_schemas(expected.schema, actual.schema)
    if not difference:
        return None
    words, schemas = difference.words, (expected.schema, actual.schema)
    if difference.missing:
        kind, name = difference.missing[0]
        return Fault(f"{kind} lost", f"{kind} {name} {where}", words, schemas=schemas)
    if difference.changed:
        (kind, name), was, _ = difference.changed[0]
        return Fault(f"{kind} changed", f"{kind} {name} {where}: {was}", words, schemas=schemas)
    kind, name = difference.extra[0]
    return Fault(f"{kind} left", f"no {kind} {name} {where}", words, schemas=schemas)


def compare_rows(expected: DatabaseState, actual: DatabaseState, where: str) -> Fault | None:
    """The first table that has other rows, or view that shows others; both schemas are the same."""
    for table, (columns, rows) in expected.rows.items():
        there = actual.rows[table][1]
        if len(there) < len(rows):
            return Fault("rows lost", f"{len(rows)} rows in {table} {where}", f"{len(there)}")
        if there != rows:
            return _row_fault(table, columns, rows, there, where)
    return _find_view_fault(expected, actual, where)


def _find_view_fault(expected: DatabaseState, actual: DatabaseState, where: str) -> Fault | None:
    for view, (_, rows) in expected.views.items():
        there = actual.views[view][1]
        if there != rows:
            wrong = next((f"{row!r} among them" for row in there if row not in rows), f"{len(there)} rows")
            return Fault("view changed", f"{len(rows)} rows, as before, in the view {view} {where}", wrong)
    return None


def _row_fault(
    table: str, columns: tuple[str, ...], rows: tuple[Row, ...], there: tuple[Row, ...], where: str
) -> Fault:
    wrong = next((row for row in there if row not in rows), there[-1])
    same_key = next((row for row in rows if row not in there and row[0] == wrong[0]), None)
    right = same_key or next((row for row in rows if row not in there), rows[-1] if rows else ())
    tables = [Table(f"found in {table}", columns, [wrong], frozenset({0}), "not as asked")]
    if right:
        tables.append(Table(f"expected in {table}", columns, [right]))
    return Fault("row changed", f"the rows of {table} {where}", f"{wrong!r} among them", tuple(tables))
