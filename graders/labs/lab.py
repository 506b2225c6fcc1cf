"""What every lab can do, whatever its engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]
# SQLITE_LOCKED, of the shared cache, is no such code: SQLite never waits for it, whatever the timeout.
BUSY = {"SQLITE_BUSY"}


class EngineError(Exception):
    """The engine refused a statement; `str()` is the engine's own sentence, `code` what decisions rest on.

    The code is SQLite's name of its error ("SQLITE_BUSY", "SQLITE_CONSTRAINT_CHECK"), the name of DuckDB's exception
    class ("TransactionException"), the SQLSTATE of PostgreSQL; where Python itself refused, the exception's name.
    """

    def __init__(self, engine: str, sentence: str, statement: str = "", code: str = ""):
        super().__init__(sentence)
        self.engine = engine
        self.sentence = sentence
        self.statement = statement
        self.code = code

    @property
    def busy(self) -> bool:
        """Whether the statement met a lock and may go through when another session has moved."""
        return self.code in BUSY

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [f"{self.engine} says: {self.sentence}"]


class OutOfBounds(EngineError):
    """The statement was cut off because it did more work, or made more data, than a lab allows."""


class Waits(EngineError):
    """The statement waits for a lock that another session holds; the same call, made again, goes on with it."""

    busy = True


@dataclass(frozen=True)
class Result:
    """What a statement gave back: column names, and rows in the order they came.

    Where the engine tells: how many rows the statement changed (-1: none, for it is no change), the number of the
    row inserted last, and, in a session on SQLite, the tables that it read and wrote.
    """

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    changed: int = field(default=-1, compare=False)
    last_row: int | None = field(default=None, compare=False)
    reads: tuple[str, ...] = field(default=(), compare=False)
    writes: tuple[str, ...] = field(default=(), compare=False)

    def __len__(self) -> int:
        return len(self.rows)


class Lab:
    """A scratch database that nobody else uses; close it, or use it in a `with`.

    A lab runs in the engine's own autocommit: BEGIN, COMMIT and ROLLBACK mean what they say.
    It has no way to files, other databases or extensions, and it bounds the work of a statement.
    """

    engine: str
    most_rows = 100_000

    def statements(self, script: str) -> list[str]:
        """Give the statements of `script` one by one, as this engine would split them."""
        raise NotImplementedError

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Result:
        """Run one statement; raise `EngineError` with the engine's sentence if it is refused."""
        raise NotImplementedError

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Put `rows` into `table`, values in the order of its columns."""
        raise NotImplementedError

    def tables(self) -> list[str]:
        """Give the names of the base tables, in alphabetical order."""
        raise NotImplementedError

    def columns(self, table: str) -> list[str]:
        """Give the column names of a table or view, in their order."""
        raise NotImplementedError

    def close(self) -> None:
        """Throw the database away."""
        raise NotImplementedError

    def run(self, script: str) -> Result:
        """Run every statement of `script`; give the result of the last one that has columns."""
        last = Result()
        for statement in self.statements(script):
            result = self.execute(statement)
            if result.columns:
                last = result
        return last

    def fill(self, data: Mapping[str, Iterable[Row]]) -> None:
        """Insert the rows of each table of `data`, in the order in which the tables are named."""
        for table, rows in data.items():
            self.insert(table, rows)

    def dump(self) -> dict[str, list[Row]]:
        """Give every row of every base table, sorted, so that two states can be compared."""
        return {table: sorted(self.execute(f'SELECT * FROM "{table}"').rows, key=repr) for table in self.tables()}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
