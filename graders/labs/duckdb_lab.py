"""Labs on DuckDB, in memory, cut off from files and from Python's variables; and what several sessions share there."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

import duckdb

from graders.labs.lab import Allowance, EngineError, Lab, OutOfBounds, Result, Row, allowance
from graders.labs.shared import Session, SharedLab
from graders.sql import quote_identifier

LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "1",
    # By default a database has eight more, which wait for files: each would take its share of a sandbox's memory.
    "async_threads": "0",
    "memory_limit": "256MB",
    "temp_directory": "",
}
# The files that a database in memory would have if it were on disk stay open to it: so there is no file system at all.
NO_FILES = "SET disabled_filesystems = 'LocalFileSystem'"
MANY, AT_A_TIME = 100, 50
MIN_WAIT = 0.01
HERE = "database_name = current_database()"


def lock_down(connection: duckdb.DuckDBPyConnection, *, files: bool = False) -> duckdb.DuckDBPyConnection:
    """`connection` with its settings locked, and with no way to files but, if it has `files`, its own."""
    if not files:
        connection.execute(NO_FILES)
    connection.execute("SET lock_configuration = true")
    return connection


class Alarm:
    """Calls `ring`, in a thread of its own, once `seconds` of processor time have been used inside the `with`."""

    def __init__(self, seconds: float, ring: Callable[[], None]):
        self._seconds, self._ring = seconds, ring
        self._over = threading.Event()

    def used(self) -> float:
        """The processor time since the `with` was entered."""
        return time.process_time() - self._began

    def _wait(self) -> None:
        while (left := self._seconds - self.used()) > 0:
            if self._over.wait(max(left, MIN_WAIT)):
                return
        self._ring()

    def __enter__(self) -> Alarm:
        self._began = time.process_time()
        threading.Thread(target=self._wait, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()


class DuckDBLab(Lab):
    """A DuckDB database in memory, on one thread so that counts repeat; `seconds` stops a runaway statement.

    DuckDB counts no steps, so the bound is processor time, far above what any exercise needs: no mark depends on how
    fast a statement is, nor on what else the machine does.
    """

    engine = "DuckDB"
    _allowance = Allowance()

    def __init__(self, *, seconds: float = 20, connection: duckdb.DuckDBPyConnection | None = None):
        self.connection = connection or lock_down(duckdb.connect(":memory:", config=LOCKED))
        self.seconds = seconds
        self._allowance = allowance()

    def statements(self, script):
        try:
            return [statement.query for statement in self.connection.extract_statements(script)]
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


ENDS = {"commit", "end", "rollback", "abort"}
NAME = "lab.duckdb"
FIRST_WORD = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)", re.S)


class SharedDuckDB(SharedLab):
    """A DuckDB instance that several connections use at once; in memory, unless it is to be `durable`.

    Only a durable lab has files that can lie about after a power cut; it is slower to open and to rewind. `then` is a
    script that is run when the data are there.
    """

    engine = "DuckDB"
    own: DuckDBLab

    def __init__(
        self,
        schema: str = "",
        data: Mapping[str, Iterable[Row]] | None = None,
        *,
        durable: bool = False,
        then: str = "",
    ):
        self._schema, self._then = schema, then
        self._data = {table: list(rows) for table, rows in (data or {}).items()}
        self._sessions: list[DuckDBSession] = []
        self._kept: list[dict[str, bytes]] = []
        self._times = 0
        self._folder = Path(tempfile.mkdtemp(prefix="lab-")) if durable else None
        self._open()
        self._fill()

    def _open(self):
        if self._folder:
            durable = duckdb.connect(str(self._folder / NAME), config=LOCKED)
            self.own = DuckDBLab(connection=lock_down(durable, files=True))
        else:
            self.own = DuckDBLab()
        self._instance = self.own.connection

    def _fill(self):
        if not self._folder:
            self._fresh_database()
        self.run(self._schema)
        self.fill(self._data)
        self.run(self._then)
        with suppress(duckdb.Error):
            # A schema may have left a transaction open.
            self._instance.execute("COMMIT")
        if not self._folder:
            # It may also have gone elsewhere; what we look at is what sessions work on.
            self._instance.execute(f"USE lab_{self._times}")

    def _fresh_database(self):
        """A further database in the same instance: twenty times as fast as a further instance."""
        self._times += 1
        with self.own.refusals("ATTACH"):
            self._instance.execute(f"ATTACH ':memory:' AS lab_{self._times}")
            self._instance.execute(f"USE lab_{self._times}")
            if self._times > 1:
                self._instance.execute(f"DETACH lab_{self._times - 1}")

    def connect(self) -> DuckDBSession:
        """Open a connection; DuckDB has one isolation level and no options."""
        cursor = self._instance.cursor()
        if not self._folder:
            cursor.execute(f"USE lab_{self._times}")
        self._sessions.append(DuckDBSession(DuckDBLab(connection=cursor)))
        return self._sessions[-1]

    def rewind(self):
        self._drop()
        self._kept.clear()
        if self._folder:
            self._instance.close()
            self._put_files({})
        self._fill()

    def keep_files(self):
        self._kept.append(self._copy_files())
        return True

    def power_cut(self, copy=None):
        files = self._copy_files() if copy is None else self._kept[copy]
        self._drop()
        self._instance.close()
        self._put_files(files)

    def _copy_files(self) -> dict[str, bytes]:
        """The files as they lie."""
        return {left.name: left.read_bytes() for left in self._own_folder().iterdir() if left.is_file()}

    def _put_files(self, files: Mapping[str, bytes]) -> None:
        """Open the database anew, with these files in place of its own."""
        folder = self._own_folder()
        for left in folder.iterdir():
            left.unlink()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        self._open()

    def _own_folder(self) -> Path:
        if not self._folder:
            raise RuntimeError("a DuckDB lab in memory has nothing left after a power cut; open it with durable=True")
        return self._folder

    def _drop(self):
        for session in self._sessions:
            session.close()
        self._sessions.clear()

    def close(self):
        self._drop()
        self._instance.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


class DuckDBSession(Session):
    """A connection to a shared DuckDB instance."""

    engine = "DuckDB"

    def __init__(self, lab: DuckDBLab):
        self._lab = lab
        self._open = False

    def execute(self, statement, parameters=()):
        *first, last = self._lab.statements(statement) or [statement]
        for one in first:
            self._one(one)
        return self._one(last, parameters)

    def _one(self, statement, parameters=()):
        # Asking the engine whether a transaction is open would pin its snapshot, so it is followed by its words.
        word = _first_word(statement)
        if word in ENDS:
            self._open = False
        result = self._lab.execute(statement, parameters)
        if word in ("begin", "start"):
            self._open = True
        return _counted(result)

    def execute_many(self, statement, rows):
        with self._lab.refusals(statement):
            self._lab.connection.executemany(statement, [list(row) for row in rows])
        return Result()

    def run_script(self, script):
        return self.execute(script)

    def commit(self):
        self.execute("COMMIT")

    def rollback(self):
        self.execute("ROLLBACK")

    def in_transaction(self):
        return self._open

    def close(self):
        self._lab.close()


def _first_word(statement: str) -> str:
    """The word that a statement begins with, in lower case, whatever comments stand before it."""
    found = FIRST_WORD.match(statement)
    return found[1].lower() if found else ""


def _counted(result: Result) -> Result:
    """A result whose only column is DuckDB's count of changed rows says so."""
    if result.columns == ("Count",) and len(result.rows) == 1:
        return Result(result.columns, result.rows, result.rows[0][0])
    return result
