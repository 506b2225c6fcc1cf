"""What a migration is asked for: the schema before and after, on which data, and where each row has to go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graders.labs import EngineError, Lab, open_lab
from graders.labs.lab import Row
from graders.report import Mismatch
from graders.techniques.migrations.schema import Schema, read_schema

Data = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Standing:
    """How a database stands: its schema, and each table's column names, in alphabetical order, with its sorted rows."""

    schema: Schema
    rows: Mapping[str, tuple[tuple[str, ...], tuple[Row, ...]]]


def standing(lab: Lab) -> Standing:
    """Read schema and rows of a SQLite lab; raise `Mismatch` if they cannot be read."""
    schema = read_schema(lab)
    tables: dict[str, list[str]] = {name: [] for kind, name in schema if kind == "table"}
    for kind, name in schema:
        if kind == "column":
            # Any name may have a point in it.
            table = max((table for table in tables if name.startswith(f"{table}.")), key=len)
            tables[table].append(name.removeprefix(f"{table}."))
    asked = [_select(table, sorted(columns)) for table, columns in sorted(tables.items())]
    rows = {}
    for (table, columns), outcome in zip(sorted(tables.items()), lab.outcomes(asked), strict=True):
        if isinstance(outcome, EngineError):
            raise Mismatch(f"a table {table} that can be read", f"{lab.engine} says: {outcome}")
        rows[table] = tuple(sorted(columns)), tuple(sorted(outcome.rows, key=repr))
    return Standing(schema, rows)


def _select(table: str, columns: list[str]) -> str:
    return f"SELECT {', '.join(_quoted(column) for column in columns)} FROM main.{_quoted(table)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Change:
    """What is asked of a migration.

    `snapshots` are data by a name such as "nasty", tables in an order that foreign keys allow; `moved` gives the rows
    that such data have to become, in the order of the columns of `after`. `loses` says that going down cannot bring
    every row back, so that only its schema is compared.
    """

    before: str
    after: str
    snapshots: Mapping[str, Data]
    moved: Callable[[Data], Data]
    loses: bool = False

    def opened(self, snapshot: str) -> Lab:
        """A lab as it stands before, with the rows of `snapshot`."""
        return open_lab("SQLite", self.before, self.snapshots[snapshot])

    @cached_property
    def start(self) -> Mapping[str, Standing]:
        """How each snapshot stands before."""
        return {name: _stands(self.before, data) for name, data in self.snapshots.items()}

    @cached_property
    def goal(self) -> Mapping[str, Standing]:
        """How each snapshot has to stand after."""
        return {name: _stands(self.after, self.moved(data)) for name, data in self.snapshots.items()}


def _stands(schema: str, data: Data) -> Standing:
    with open_lab("SQLite", schema, data, here=True) as lab:
        return standing(lab)
