"""A connection to a DuckDB database as a student's function holds it: it feels like DuckDB's, the engine is elsewhere.

It runs where the function runs and knows nothing but how to ask: `send` sends one request and gives its reply.
"""

import duckdb


class Connection:
    """A connection like `duckdb.DuckDBPyConnection`, with the calls of the DB-API; it has no relations and no files."""

    __slots__ = ("_send", "_number", "_open", "_rows", "_state", "description")

    def __init__(self, number, state, send):
        self._number, self._state, self._send = number, state, send
        self._open, self._rows = True, iter(())
        self.description = None

    def _ask(self, method, statement="", parameters=None):
        if not self._open:
            raise duckdb.ConnectionException("Connection Error: Connection already closed!")
        try:
            reply = self._send(self._number, method, statement, parameters)
        except TypeError as error:
            raise duckdb.InvalidInputException(f"Invalid Input Error: a parameter of type {error}") from None
        self._state = reply["state"]
        if "error" in reply:
            code, words = reply["error"], reply["words"]
            raise getattr(duckdb, code, duckdb.Error)(words)
        return reply

    def __getattr__(self, name):
        raise AttributeError(f"this connection has no `{name}`: its database is in another process")

    def _hold(self, result):
        self.description = [(column, *[None] * 6) for column in result["columns"]] or None
        self._rows = iter(result["rows"])
        return self

    def execute(self, query, parameters=None):
        """Run a statement; its rows are all here when it returns."""
        given = dict(parameters) if isinstance(parameters, dict) else list(parameters or ())
        return self._hold(self._ask("execute", query, given))

    def executemany(self, query, parameters):
        """Run one statement for each of many parameters."""
        return self._hold(self._ask("execute_many", query, [list(row) for row in parameters]))

    def begin(self):
        """Open a transaction."""
        return self.execute("BEGIN")

    def commit(self):
        """Commit the open transaction."""
        self._ask("commit")
        return self

    def rollback(self):
        """Roll the open transaction back."""
        self._ask("rollback")
        return self

    def close(self):
        """Close the connection; an open transaction is rolled back."""
        if self._open:
            self._ask("close")
            self._open = False

    @property
    def rowcount(self):
        """Always -1, as DuckDB's own."""
        return -1

    def fetchone(self):
        """The next row, or None."""
        row = next(self._rows, None)
        return None if row is None else tuple(row)

    def fetchmany(self, size=1):
        """The next `size` rows."""
        return [tuple(row) for _, row in zip(range(size), self._rows, strict=False)]

    def fetchall(self):
        """All rows that are left."""
        return [tuple(row) for row in self._rows]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
