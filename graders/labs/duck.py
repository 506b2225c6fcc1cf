"""A lab on DuckDB, in memory, cut off from files and from Python's variables."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import chain

import duckdb

from graders.labs.alarm import Alarm
from graders.labs.lab import EngineError, Lab, OutOfBounds, Result
from graders.labs.work import Allowance, allowance
from graders.sql import quote_identifier

LOCKED = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "1",
    "memory_limit": "256MB",
    "temp_directory": "",
}
# The files that a database in memory would have if it were on disk stay open to it: so there is no file system at all.
NO_FILES = "SET disabled_filesystems = 'LocalFileSystem'"
MANY, AT_A_TIME = 100, 50
HERE = "database_name = current_database()"


def locked_down(connection: duckdb.DuckDBPyConnection, *, files: bool = False) -> duckdb.DuckDBPyConnection:
    """`connection` with its settings locked, and with no way to files but, if it has `files`, its own."""
    if not files:
        connection.execute(NO_FILES)
    connection.execute("SET lock_configuration = true")
    return connection


class DuckDBLab(Lab):
    """A DuckDB database in memory, on one thread so that counts repeat; `seconds` stops a runaway statement.

    DuckDB counts no steps, so the bound is processor time, far above what any exercise needs: no mark depends on how
    fast a statement is, nor on what else the machine does.
    """

    engine = "DuckDB"
    _allowance = Allowance()

    def __init__(self, *, seconds: float = 20, connection: duckdb.DuckDBPyConnection | None = None):
        self.connection = connection or locked_down(duckdb.connect(":memory:", config=LOCKED))
        self.seconds = seconds
        self._allowance = allowance()

    def statements(self, script):
        try:
            return [statement.query for statement in duckdb.extract_statements(script)]
        except duckdb.Error as error:
            raise EngineError(self.engine, _sentence(error), script, type(error).__name__) from None

    def execute(self, statement, parameters=()):
        with self.refusals(statement):
            return self._fetch(statement, parameters)

    @contextmanager
    def refusals(self, statement: str):
        """Turn what DuckDB raises inside the `with` into an `EngineError`, and stop it when its time is up."""
        alarm = Alarm(max(0.1, min(self.seconds, self._allowance.seconds)), self.connection.interrupt)
        try:
            with alarm:
                yield
        except duckdb.InterruptException as error:
            words, code = f"cut off after {self.seconds:g} s of processor time", type(error).__name__
            raise OutOfBounds(self.engine, words, statement, code) from None
        except MemoryError as error:
            words, code = "cut off: it takes too much memory", type(error).__name__
            raise OutOfBounds(self.engine, words, statement, code) from None
        except ArithmeticError as error:
            words = f"Python cannot hold a value of this result: {_sentence(error)}"
            raise EngineError(self.engine, words, statement, type(error).__name__) from None
        except (duckdb.Error, LookupError, RuntimeError, ValueError, TypeError) as error:
            raise EngineError(self.engine, _sentence(error), statement, type(error).__name__) from None
        finally:
            self._allowance.seconds -= alarm.used()

    def _fetch(self, statement, parameters):
        cursor = self.connection.execute(
            statement, parameters if isinstance(parameters, dict) else list(parameters) or None
        )
        columns = tuple(column[0] for column in cursor.description or ())
        chunks = iter(lambda: cursor.fetchmany(AT_A_TIME), []) if columns else ()
        return Result(columns, self._bounded(chain.from_iterable(chunks), statement))

    def insert(self, table, rows):
        rows = [list(row) for row in rows]
        if len(rows) > MANY:
            self._insert_by_column(table, rows)
        elif rows:
            marks = ", ".join("?" * len(rows[0]))
            self.connection.executemany(f"INSERT INTO {quote_identifier(table)} VALUES ({marks})", rows)

    def _insert_by_column(self, table, rows):
        """Insert all rows in one statement, column by column: a hundred times as fast as row by row."""
        types = self.execute(
            f"SELECT data_type FROM duckdb_columns() WHERE {HERE} AND table_name = ? ORDER BY column_index", (table,)
        )
        values = ", ".join(f"unnest(?::{kind}[])" for (kind,) in types.rows)
        statement = f"INSERT INTO {quote_identifier(table)} SELECT {values}"
        self.connection.execute(statement, [list(column) for column in zip(*rows, strict=True)])

    def tables(self):
        found = self.execute(
            f"SELECT table_name FROM duckdb_tables() WHERE {HERE} AND NOT internal AND NOT temporary ORDER BY 1"
        )
        return [name for (name,) in found.rows]

    def columns(self, table):
        found = self.execute(
            f"SELECT column_name FROM duckdb_columns() WHERE {HERE} AND table_name = ? ORDER BY column_index", (table,)
        )
        return [name for (name,) in found.rows]

    def close(self):
        self.connection.close()


def _sentence(error: Exception) -> str:
    """The first line of DuckDB's message; the lines after it repeat the statement."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
