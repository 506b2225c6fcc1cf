"""What a migration must achieve, as its author describes it, and the states of a database before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab, SharedLab, in_order, open_lab, open_shared_lab
from graders.labs.lab import Row
from graders.sql import quote_identifier
from graders.techniques.migrations.catalogs import READERS, qualify, read_schema
from graders.techniques.migrations.schema import Schema, table_columns

Data = Mapping[str, Sequence[Row]]
"""The rows of each table, tables in an order that foreign keys allow."""


@dataclass(frozen=True)
class DatabaseState:
    """All that a migration may change of a database."""

    schema: Schema
    """Its objects."""
    rows: Mapping[str, tuple[tuple[str, ...], tuple[Row, ...]]]
    """Of each table, the names of its columns in alphabetical order, and its rows, sorted."""


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
    return DatabaseState(schema, rows)


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

    def __post_init__(self):
        if self.engine not in READERS:
            raise ValueError(f"a change cannot run on `{self.engine}`: choose one of {', '.join(READERS)}")

    def open(self, snapshot: str) -> Lab:
        """A lab with the schema before and the rows of `snapshot`."""
        return open_lab(self.engine, self.before, self.snapshots[snapshot])

    def open_durable(self, snapshot: str, *, up: str = "", after: bool = False) -> SharedLab:
        """A shared lab that survives a power cut: before the change, `after` it, or as the script `up` leaves it."""
        options = {"durable": True} if self.engine == "DuckDB" else {}
        data = self.snapshots[snapshot]
        schema, rows = (self.after, self.convert(data)) if after else (self.before, data)
        return open_shared_lab(self.engine, schema, rows, then=up, **options)

    def start(self, snapshot: str) -> DatabaseState:
        """The state before the change."""
        return self._state(self.before, self.snapshots[snapshot])

    def goal(self, snapshot: str) -> DatabaseState:
        """The state that the change must reach."""
        return self._state(self.after, self.convert(self.snapshots[snapshot]))

    def _state(self, schema: str, data: Data) -> DatabaseState:
        with open_lab(self.engine, schema, data, here=True) as lab:
            return read_state(lab)
