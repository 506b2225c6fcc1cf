"""What a migration is asked for: the schema before and after, on which data, and where each row has to go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab, SharedLab, in_order, open_lab, open_shared_lab
from graders.labs.lab import Row
from graders.sql import quote_identifier
from graders.techniques.migrations.reading import place_of, read_schema
from graders.techniques.migrations.schema import Schema, columns_of

Data = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Standing:
    """How a database stands: its schema, and each table's column names, in alphabetical order, with its sorted rows."""

    schema: Schema
    rows: Mapping[str, tuple[tuple[str, ...], tuple[Row, ...]]]


def standing(lab: Lab) -> Standing:
    """Read schema and rows of a lab; raise `Mismatch` if they cannot be read."""
    schema = read_schema(lab)
    tables = columns_of(schema)
    asked = [_select(lab, table, columns) for table, columns in tables.items()]
    rows = {}
    for (table, columns), outcome in zip(tables.items(), lab.outcomes(asked), strict=True):
        if isinstance(outcome, EngineError):
            raise Mismatch(f"a table {table} that can be read", f"{lab.engine} says: {outcome}")
        rows[table] = tuple(columns), tuple(in_order(outcome.rows))
    return Standing(schema, rows)


def _select(lab: Lab, table: str, columns: Sequence[str]) -> str:
    return f"SELECT {', '.join(map(quote_identifier, columns))} FROM {place_of(lab, table)}"


@dataclass(frozen=True)
class Change:
    """What is asked of a migration.

    `snapshots` are data by a name such as "nasty", tables in an order that foreign keys allow; `moved` gives the rows
    that such data have to become, in the order of the columns of `after`. `loses` says that going down cannot bring
    every row back, so that only its schema is compared. `engine` is "SQLite", "DuckDB" or "PostgreSQL".
    """

    before: str
    after: str
    snapshots: Mapping[str, Data]
    moved: Callable[[Data], Data]
    loses: bool = False
    engine: str = "SQLite"

    def opened(self, snapshot: str) -> Lab:
        """A lab as it stands before, with the rows of `snapshot`."""
        return open_lab(self.engine, self.before, self.snapshots[snapshot])

    def shared(self, snapshot: str, *, up: str = "", after: bool = False) -> SharedLab:
        """A shared lab that survives a power cut: as `up` leaves a snapshot, or as it has to stand `after`."""
        files = {"durable": True} if self.engine == "DuckDB" else {}
        data = self.snapshots[snapshot]
        schema, rows = (self.after, self.moved(data)) if after else (self.before, data)
        return open_shared_lab(self.engine, schema, rows, then=up, **files)

    @cached_property
    def start(self) -> Mapping[str, Standing]:
        """How each snapshot stands before."""
        return {name: _stands(self.engine, self.before, data) for name, data in self.snapshots.items()}

    @cached_property
    def goal(self) -> Mapping[str, Standing]:
        """How each snapshot has to stand after."""
        return {name: _stands(self.engine, self.after, self.moved(data)) for name, data in self.snapshots.items()}


def _stands(engine: str, schema: str, data: Data) -> Standing:
    with open_lab(engine, schema, data, here=True) as lab:
        return standing(lab)
