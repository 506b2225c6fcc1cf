"""A lab on SQLite, in memory, with foreign keys on."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import Any

from graders.labs.lab import Allowance, EngineError, Lab, OutOfBounds, Result, allowance
from graders.labs.sqlite_versions import add_newer_functions, find_newer_syntax
from graders.sql import quote_identifier, split_statements

STEPS_AT_A_TIME = 100_000
MEGABYTE = 1_000_000
MAX_COLUMNS, MAX_PAGES = 200, 65_536
FORBIDDEN = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}
FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}
# They change the whole process, lift the lab's own bounds, put data on disk, or break the schema under the engine.
FORBIDDEN_PRAGMAS = {
    *("hard_heap_limit", "soft_heap_limit", "temp_store_directory", "data_store_directory", "temp_store"),
    *("max_page_count", "page_size", "mmap_size", "threads", "writable_schema", "trusted_schema"),
}


BUSY_TIMEOUT = "busy_timeout"


def authorize(action, first, second, *_):
    """What SQLite asks before each access of a statement: no way to other databases, files or extensions.

    A timeout for locks is taken and not used: sessions that take turns would wait for the clock, and nobody moves.
    """
    if action == sqlite3.SQLITE_PRAGMA and first.lower() == BUSY_TIMEOUT:
        return sqlite3.SQLITE_IGNORE
    if action in FORBIDDEN or (action == sqlite3.SQLITE_FUNCTION and second in FORBIDDEN_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and second is not None and first.lower() in FORBIDDEN_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


class SQLiteLab(Lab):
    """A SQLite database, by default in memory; `max_steps` bounds the virtual machine steps of one statement.

    `where` is the file of a database that several connections share: a lock is then an error at once.
    """

    engine = "SQLite"
    _allowance = Allowance()

    def __init__(self, *, foreign_keys: bool = True, max_steps: int = 50_000_000, where: str = ":memory:"):
        self.max_steps = max_steps
        self._where, self._foreign_keys = where, foreign_keys
        self._image = b""
        self._steps = 0
        self._allowance = allowance()
        self._connect()

    def _connect(self):
        # A statement kept from before is not compiled again, so EXPLAIN would show an index that is gone.
        options: dict[str, Any] = {"isolation_level": None, "check_same_thread": False, "cached_statements": 0}
        uri = self._where.startswith("file:")
        self.connection = sqlite3.connect(self._where, timeout=0, uri=uri, **options)
        self.connection.execute(f"PRAGMA foreign_keys = {'ON' if self._foreign_keys else 'OFF'}")
        add_newer_functions(self.connection)
        self._lock_down()

    def _lock_down(self):
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self._bound_pages()
        self.connection.set_authorizer(authorize)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MEGABYTE)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, MEGABYTE)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, MAX_COLUMNS)
        self.connection.set_progress_handler(self._count, STEPS_AT_A_TIME)

    def _bound_pages(self):
        for schema in ("main", "temp"):
            self.connection.execute(f"PRAGMA {schema}.max_page_count = {MAX_PAGES}")

    def image(self) -> bytes:
        """Give the database as the bytes of the file that SQLite would write; it refuses to where there is nothing."""
        with self.refusals(""):
            return self.connection.serialize()

    def load(self, image: bytes) -> None:
        """Make a copy of the database file `image` the content of this lab, in place of what was there.

        Raise `EngineError` if it is no such file.
        """
        # SQLite itself attaches the image, which no statement of a student may do.
        self.connection.set_authorizer(None)
        try:
            with self.refusals(""):
                self.connection.deserialize(image)
                self._bound_pages()
            self._image = image
        finally:
            self.connection.set_authorizer(authorize)

    def rewind(self) -> None:
        """Go back, on a fresh connection, to the database file that was loaded last, or to an empty database."""
        self.connection.close()
        self._connect()
        if self._image:
            self.load(self._image)

    def _count(self) -> bool:
        self._steps += STEPS_AT_A_TIME
        self._allowance.steps -= STEPS_AT_A_TIME
        return self._steps > self.max_steps or self._allowance.steps < 0

    def count_steps(self, statement: str) -> int:
        """Run `statement` and give the number of virtual machine steps that it took.

        The same statement on the same data takes the same number on every machine, for one version of SQLite.
        Source: https://www.sqlite.org/c3ref/progress_handler.html
        """
        self.connection.set_progress_handler(self._count_one, 1)
        try:
            with self.refusals(statement):
                # Rows are dropped as they come, however many.
                for _ in self.connection.execute(statement):
                    pass
        finally:
            self.connection.set_progress_handler(self._count, STEPS_AT_A_TIME)
        return self._steps

    def _count_one(self) -> bool:
        self._steps += 1
        return self._steps > self.max_steps

    def statements(self, script):
        return split_statements(script, self.engine)

    def execute(self, statement, parameters=()):
        if newer := find_newer_syntax(statement):
            raise EngineError(self.engine, newer, statement, "SQLITE_ERROR")
        with self.refusals(statement):
            cursor = self.connection.execute(statement, parameters)
            rows = self._bounded(cursor, statement)
        columns = tuple(column[0] for column in cursor.description or ())
        return Result(columns, rows, cursor.rowcount, cursor.lastrowid)

    @contextmanager
    def refusals(self, statement: str):
        """Turn what SQLite raises inside the `with` into an `EngineError`; its steps are counted from zero."""
        self._steps = 0
        try:
            yield
        except MemoryError as error:
            words, code = "cut off: it takes too much memory", type(error).__name__
            raise OutOfBounds(self.engine, words, statement, code) from None
        except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError, TypeError) as error:
            raise self._refusal(error, statement) from None

    def _refusal(self, error, statement):
        code = "ValueError" if isinstance(error, ValueError) else type(error).__name__
        code = getattr(error, "sqlite_errorname", code)
        if self._steps > self.max_steps:
            return OutOfBounds(self.engine, f"cut off after {self.max_steps:,} steps", statement, code)
        if self._allowance.steps < 0:
            words = "cut off: your answer has taken too many steps in all"
            return OutOfBounds(self.engine, words, statement, code)
        if code == "SQLITE_INTERRUPT":
            # Nothing but our own count interrupts: it has broken, and that is not the statement's fault.
            return RuntimeError("SQLite was interrupted within its bounds")
        return EngineError(self.engine, str(error), statement, code)

    def insert(self, table, rows):
        rows = list(rows)
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            statement = f"INSERT INTO {quote_identifier(table)} VALUES ({marks})"
            with self.refusals(statement):
                self.connection.executemany(statement, rows)

    def tables(self):
        found = self.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
        )
        return [name for (name,) in found.rows]

    def columns(self, table):
        return [name for (name,) in self.execute("SELECT name FROM pragma_table_info(?)", (table,)).rows]

    def close(self):
        self.connection.close()
