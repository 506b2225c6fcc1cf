"""Which columns a statement reads, asked of SQLite's own authorizer while it prepares the statement."""

from __future__ import annotations

import contextlib
import sqlite3

Column = tuple[str, str]


class Reader:
    """Prepares statements on an empty database with the tables of `schema`, and tells what each would read.

    The statements are not run. Source: https://www.sqlite.org/c3ref/set_authorizer.html
    """

    def __init__(self, schema: str):
        self._read: set[Column] = set()
        self._connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
        self._connection.executescript(schema)
        self._connection.set_authorizer(self._note)

    def _note(self, action: int, table: str | None, column: str | None, *_) -> int:
        if action == sqlite3.SQLITE_READ and column:
            self._read.add((table.casefold(), column.casefold()))
        return sqlite3.SQLITE_OK

    def columns(self, statement: str) -> frozenset[Column]:
        """The (table, column) pairs that `statement` reads; none if SQLite cannot prepare it."""
        self._read = set()
        # EXPLAIN prepares and does not run; it may miss parameters, when all that is read has been told.
        with contextlib.suppress(sqlite3.Error, sqlite3.Warning, ValueError):
            self._connection.execute(f"EXPLAIN {statement}")
        return frozenset(self._read)

    def close(self) -> None:
        """Close its database."""
        self._connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
