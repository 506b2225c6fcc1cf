"""Tables as a script leaves them in the database, tried out with rows of our own: what they take, refuse and lose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graders import Mismatch
from graders.labs import EngineError, Result, open_image
from graders.techniques import dependencies as fds_theory
from graders.techniques.dependencies import FD
from graders.techniques.dependencies.fd import Attributes
from graders.techniques.queries import read_tables

Rows = Sequence[Mapping[str, object]]
Outcomes = list[Result | EngineError]


@dataclass(frozen=True)
class Part:
    """What one row has for one table: the statement that puts it there, with its parameters, and the table's name."""

    table: str
    statement: str
    values: tuple

    @property
    def insert(self) -> tuple[str, tuple]:
        return self.statement, self.values


class Tried:
    """The tables of the database file `image`, tried out with rows of columns, each of which has two `values`.

    Every trial gets the tables as they were.
    """

    def __init__(self, image: bytes, values: Mapping[str, tuple[object, object]], leave_out: Iterable[str] = ()):
        self.image = image
        self.values = values
        with open_image(image) as lab:
            kept = [table for table in read_tables(lab) if table.name.casefold() not in set(leave_out)]
        self.tables = {table.name: [column.name.casefold() for column in table.columns] for table in kept}
        if not self.tables:
            raise Mismatch("tables that your script creates", "no table")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the tables are about."""
        return tuple(self.values)

    @property
    def parts(self) -> list[Attributes]:
        """The columns of each table, as sets."""
        return [frozenset(columns) for columns in self.tables.values()]

    def row(self, *second: str) -> dict[str, object]:
        """A row that has the second value in the columns `second` and the first in all others."""
        return {name: both[name in second] for name, both in self.values.items()}

    def pair(self, agreed: Iterable[str]) -> list[dict[str, object]]:
        """Two rows that agree on exactly the columns `agreed`."""
        return [self.row(), self.row(*set(self.values).difference(agreed))]

    def parts_of(self, rows: Rows, tables: Iterable[str]) -> list[Part]:
        """What `rows` have for each of `tables`, those first that others refer to; equal parts once."""
        return [part for name in self.tables if name in set(tables) for part in _parts(name, self.tables[name], rows)]

    def outcomes(self, statements: Sequence[str | tuple[str, tuple]]) -> Outcomes:
        """What becomes of each of `statements`, on the tables as they were."""
        with open_image(self.image) as lab:
            return lab.outcomes(statements)

    def refusal(self, rows: Rows) -> str:
        """The engine's sentence if it refuses the parts of `rows`; empty if it takes them, or says nothing."""
        return _refusal(self.outcomes([part.insert for part in self.parts_of(rows, self.tables)]))

    def trouble(self, rows: Rows) -> str:
        """What keeps `rows` out: the engine's sentence, or that rows are gone without one; empty if all are there."""
        parts = self.parts_of(rows, self.tables)
        counts = [f"SELECT count(*) FROM {_quoted(name)}" for name in self.tables]
        told = self.outcomes([*counts, *(part.insert for part in parts), *counts])
        if said := _refusal(told):
            return f"SQLite says: {said}"
        gained = {
            name: told[place - len(counts)].rows[0][0] - told[place].rows[0][0]
            for place, name in enumerate(self.tables)
        }
        asked = {name: sum(part.table == name for part in parts) for name in self.tables}
        lost = next((name for name in self.tables if gained[name] < asked[name]), "")
        return f"a row of `{lost}` is gone, and nobody was told" if lost else ""

    def homes(self, left: Attributes, fds: Sequence[FD]) -> list[str]:
        """The tables in which `left` determines everything: there it is at home, elsewhere it only is named."""
        known = fds_theory.closure(left, fds)
        return [name for name, columns in self.tables.items() if left <= set(columns) <= known]

    def takes_null(self, table: str, column: str) -> bool:
        """Whether NULL stays in `column` of `table`, where all other values are in order."""
        names = list(self.tables)[: list(self.tables).index(table)]
        parts = self.parts_of([self.row()], names) + self.parts_of([{**self.row(), column: None}], [table])
        look = f"SELECT 1 FROM {_quoted(table)} WHERE {_quoted(column)} IS NULL"
        *told, found = self.outcomes([*(part.insert for part in parts), look])
        return not _refusal(told) and bool(found.rows)


def _refusal(told: Outcomes) -> str:
    return next((outcome.sentence for outcome in told if isinstance(outcome, EngineError)), "")


def _parts(name: str, columns: Sequence[str], rows: Rows) -> list[Part]:
    marks, names = ", ".join("?" * len(columns)), ", ".join(map(_quoted, columns))
    statement = f"INSERT INTO {_quoted(name)} ({names}) VALUES ({marks})"
    values = dict.fromkeys(tuple(row[column] for column in columns) for row in rows)
    return [Part(name, statement, each) for each in values]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
