"""A connection as a student's function holds it: it feels like sqlite3's, while the engine is elsewhere.

It runs where the function runs and knows nothing but how to ask: `send` sends one request and gives its reply.
"""

import builtins
import sqlite3
import threading

OPERATIONAL = {
    *("ERROR", "PERM", "ABORT", "BUSY", "LOCKED", "READONLY", "INTERRUPT", "IOERR", "FULL", "CANTOPEN"),
    *("PROTOCOL", "EMPTY", "SCHEMA"),
}
CLASSES = dict.fromkeys(OPERATIONAL, "OperationalError") | {
    "CONSTRAINT": "IntegrityError",
    "MISMATCH": "IntegrityError",
    "TOOBIG": "DataError",
    "MISUSE": "InterfaceError",
    "RANGE": "InterfaceError",
    "INTERNAL": "InternalError",
    "NOTFOUND": "InternalError",
}
ERRORS = (
    *("Error", "Warning", "InterfaceError", "DatabaseError", "InternalError", "OperationalError"),
    *("ProgrammingError", "IntegrityError", "DataError", "NotSupportedError"),
)
OF_PYTHON = ("create_function", "create_aggregate", "create_window_function", "create_collation")
AS_THEY_ARE = {type(None), bool, int, float, str, bytes}


def make_error(code, words):
    """The exception that sqlite3 raises for what `code` names, with its `sqlite_errorcode` and `sqlite_errorname`."""
    if not code.startswith("SQLITE_"):
        kind = getattr(sqlite3, code, None) or getattr(builtins, code, sqlite3.DatabaseError)
        return kind(words)
    error = getattr(sqlite3, CLASSES.get(code.split("_")[1], "DatabaseError"))(words)
    error.sqlite_errorname, error.sqlite_errorcode = code, getattr(sqlite3, code, None)
    return error


def adapt_value(value):
    """What sqlite3 would store for `value`, by the adapters registered in this process.

    Text that is no UTF-8 raises `UnicodeEncodeError` here as it does there.
    """
    if type(value) is str:
        value.encode()
    if type(value) in AS_THEY_ARE:
        return value
    try:
        return sqlite3.adapt(value)
    except sqlite3.ProgrammingError:
        return value


def read_parameters(given):
    """Parameters as plain data: a dictionary of names, or a list."""
    if isinstance(given, dict):
        return {name: adapt_value(value) for name, value in given.items()}
    if isinstance(given, (str, bytes)) or not hasattr(given, "__len__"):
        raise sqlite3.ProgrammingError("parameters are of unsupported type")
    return [adapt_value(value) for value in given]


class Connection:
    """A connection like `sqlite3.Connection`; what runs in this process only (functions, backups) it does not have."""

    __slots__ = ("_send", "_number", "_open", "_state", "_thread", "row_factory")

    def __init__(self, number, state, send):
        self._number, self._state, self._send = number, state, send
        self._open, self._thread = True, threading.get_ident()
        self.row_factory = None

    def _must_be_open(self):
        if not self._open:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")

    def _ask(self, method, statement="", parameters=None):
        self._must_be_open()
        if threading.get_ident() != self._thread:
            raise sqlite3.ProgrammingError("SQLite objects created in a thread can only be used in that same thread.")
        try:
            reply = self._send(self._number, method, statement, parameters)
        except TypeError as error:
            raise sqlite3.ProgrammingError(f"Error binding parameter: type '{error}' is not supported") from None
        self._state = reply["state"]
        if "error" in reply:
            raise make_error(reply["error"], reply["words"])
        return reply

    def __getattr__(self, name):
        instead = ", where SQL cannot call Python: read the rows, compute in Python, write the values back with `?`"
        where = f"its database is in another process{instead if name in OF_PYTHON else ''}"
        raise AttributeError(f"this connection has no `{name}`: {where}")

    def cursor(self, factory=None):
        """A cursor on this connection."""
        return Cursor(self)

    def execute(self, sql, parameters=(), /):
        """Run one statement on a cursor of its own."""
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql, parameters, /):
        """Run one statement for each of many parameters."""
        return self.cursor().executemany(sql, parameters)

    def executescript(self, script, /):
        """Run a text of statements; an open transaction is committed first, as sqlite3 does."""
        return self.cursor().executescript(script)

    def commit(self):
        """Commit the open transaction, if there is one."""
        if not self._open or self.in_transaction:
            self._ask("commit")

    def rollback(self):
        """Roll the open transaction back, if there is one."""
        if not self._open or self.in_transaction:
            self._ask("rollback")

    def close(self):
        """Close the connection; an open transaction is rolled back."""
        if self._open:
            self._ask("close")
            self._open = False

    @property
    def in_transaction(self):
        """Whether a transaction is open."""
        self._must_be_open()
        return self._state["in_transaction"]

    @property
    def total_changes(self):
        """The number of rows changed since the connection was opened."""
        self._must_be_open()
        return self._state["total_changes"]

    @property
    def isolation_level(self):
        """Python's transaction mode."""
        self._must_be_open()
        return self._state["isolation_level"]

    @isolation_level.setter
    def isolation_level(self, level):
        self._ask("set_isolation_level", parameters=level)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self._commit_or_undo()
        else:
            self.rollback()
        return False

    def _commit_or_undo(self):
        try:
            self.commit()
        except sqlite3.Error:
            self.rollback()
            raise


for name in ERRORS:
    setattr(Connection, name, getattr(sqlite3, name))


class Cursor:
    """A cursor like `sqlite3.Cursor`; its rows are all here when `execute` returns."""

    def __init__(self, connection):
        self.connection = connection
        self.row_factory = connection.row_factory
        self.arraysize = 1
        self.description = self.lastrowid = None
        self.rowcount = -1
        self._rows = iter(())

    def _hold(self, result):
        columns = result["columns"]
        self.description = tuple((column, *[None] * 6) for column in columns) or None
        self.rowcount = result["changed"]
        self.lastrowid = result["last_row"] if result["last_row"] is not None else self.lastrowid
        self._rows = iter(result["rows"])
        return self

    def execute(self, sql, parameters=(), /):
        """Run one statement."""
        return self._hold(self.connection._ask("execute", _text(sql), read_parameters(parameters)))

    def executemany(self, sql, parameters, /):
        """Run one statement for each of many parameters."""
        rows = [read_parameters(row) for row in parameters]
        return self._hold(self.connection._ask("execute_many", _text(sql), rows))

    def executescript(self, script, /):
        """Run a text of statements."""
        return self._hold(self.connection._ask("run_script", _text(script)))

    def __iter__(self):
        return self

    def __next__(self):
        row = tuple(next(self._rows))
        if self.row_factory is None:
            return row
        if isinstance(self.row_factory, type) and issubclass(self.row_factory, sqlite3.Row):
            return _row_object(self.row_factory, self.description, row)
        return self.row_factory(self, row)

    def fetchone(self):
        """The next row, or None."""
        return next(self, None)

    def fetchmany(self, size=None):
        """The next `size` rows."""
        wanted = self.arraysize if size is None else size
        return [row for _, row in zip(range(wanted), self, strict=False)]

    def fetchall(self):
        """All rows that are left."""
        return list(self)

    def close(self):
        """Forget the rows that are left."""
        self._rows = iter(())


def _text(sql):
    if not isinstance(sql, str):
        raise TypeError(f"execute() argument 1 must be str, not {type(sql).__name__}")
    sql.encode()
    return sql


def _row_object(factory, description, row):
    """A real `sqlite3.Row`, which only a real cursor can make: a database in memory gives the row back."""
    names = ", ".join('? AS "' + column[0].replace('"', '""') + '"' for column in description)
    with_rows = sqlite3.connect(":memory:")
    with_rows.row_factory = factory
    try:
        return with_rows.execute(f"SELECT {names}", row).fetchone()
    finally:
        with_rows.close()
