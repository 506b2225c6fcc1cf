"""The databases that `%sql` has open: each in its engine's own autocommit, each under an exact name."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy
from sqlalchemy.engine import URL

from graders.labs import DuckDBLab, EngineError, Lab, Result, SQLiteLab
from graders.labs.engines import ENGINES
from graders.sql import split_statements

NAMES = {name.lower(): name for name in ENGINES}
EMBEDDED = ("sqlite", "duckdb")
STEPS_AT_A_TIME = 100_000
# Several times what a lab allows, and far above what a lesson needs.
MAX_ROWS, MAX_BYTES = 1_000_000, 200_000_000
MAX_STEPS, MAX_SECONDS = 200_000_000, 30
# Two sessions of one notebook take turns, so a lock that one of them holds is not released by waiting.
SECONDS_FOR_A_LOCK = 0.5


class OpenSQLite(SQLiteLab):
    """A SQLite database that the student opened: no isolation, wide bounds; the kernel's Interrupt reaches it."""

    max_rows, max_bytes = MAX_ROWS, MAX_BYTES

    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection
        self.max_steps = MAX_STEPS
        self._steps = 0
        connection.set_progress_handler(self._count, STEPS_AT_A_TIME)


class OpenDuckDB(DuckDBLab):
    """A DuckDB database that the student opened: no isolation, wide bounds.

    DuckDB would look for a missing table among the Python variables of whoever calls it, which is this
    module; so that is switched off, for this connection alone.
    """

    max_rows, max_bytes = MAX_ROWS, MAX_BYTES

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self.connection = connection
        self.seconds = MAX_SECONDS
        connection.execute("SET python_enable_replacements = false")


class OpenElsewhere(Lab):
    """A database of any other engine that SQLAlchemy has a driver for."""

    max_rows, max_bytes = MAX_ROWS, MAX_BYTES

    def __init__(self, url: URL):
        self.engine = NAMES.get(url.get_backend_name(), url.get_backend_name())
        self.connection = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT").connect()

    def statements(self, script: str) -> list[str]:
        return split_statements(script, self.engine)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Result:
        """Run one statement that has no parameters."""
        try:
            cursor = self.connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        except sqlalchemy.exc.DBAPIError as error:
            raise EngineError(self.engine, str(error.orig).strip().splitlines()[0], statement) from None
        if not cursor.returns_rows:
            return Result(changed=cursor.rowcount)
        return Result(tuple(cursor.keys()), self._bounded(map(tuple, cursor), statement))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


@dataclass(frozen=True)
class Session:
    """One connection: what it is called, the database it is on, which file that was when it was opened."""

    name: str
    database: str
    lab: Lab
    file: tuple[int, int] | None = None

    @property
    def is_lab(self) -> bool:
        """Whether somebody else opened it, and closes it: `fresh_lab` does."""
        return not self.database


class Sessions:
    """The open sessions by name, in the order in which they were opened, and the name of the current one."""

    def __init__(self) -> None:
        self.by_name: dict[str, Session] = {}
        self.current = ""

    def lab(self) -> Lab | None:
        """Give the current session's lab; None if no session is open."""
        return self.by_name[self.current].lab if self.current else None

    def open(self, source: str, name: str = "") -> None:
        """Make a session on the database URL `source` the current one.

        Without a name, a session that is open on the same database is taken up again. With a name, a new
        connection is made, and the one that had the name is closed.
        """
        url = read_url(source)
        database = database_of(url)
        self._forget_replaced_files()
        if name or database not in self.by_name:
            self.add(Session(name or database, database, self._connect(url, database), file_of(url)))
        self.current = name or database

    def add(self, session: Session) -> None:
        """Put `session` among the open ones and make it current; one of the same name is closed."""
        if session.name in self.by_name:
            self.close(session.name)
        self.by_name[session.name] = session
        self.current = session.name

    def close(self, name: str) -> bool:
        """Close the session with this name or URL; say whether there was one. The latest other is current."""
        if name not in self.by_name and "://" in name:
            name = database_of(read_url(name))
        session = self.by_name.pop(name, None)
        if session and not session.is_lab:
            session.lab.close()
        if self.current == name:
            self.current = next(reversed(self.by_name), "")
        return session is not None

    def _connect(self, url: URL, database: str) -> Lab:
        """Connect to `url`; DuckDB sessions in memory are cursors on one database."""
        for session in self.by_name.values():
            if session.database == database == "duckdb://" and isinstance(session.lab, OpenDuckDB):
                return OpenDuckDB(session.lab.connection.cursor())
        return connect(url)

    def _forget_replaced_files(self) -> None:
        """Close what is open on a file that has since been deleted or put in place anew."""
        for session in list(self.by_name.values()):
            if session.file and session.file != file_of(read_url(session.database)):
                self.close(session.name)


def connect(url: URL) -> Lab:
    """Open the database at `url`; raise `EngineError` if the engine cannot, `ValueError` without a driver."""
    engine = NAMES.get(url.get_backend_name(), url.get_backend_name())
    try:
        if url.get_backend_name() == "sqlite":
            return OpenSQLite(_connect_sqlite(url))
        if url.get_backend_name() == "duckdb":
            config: dict[str, Any] = dict(url.query)
            return OpenDuckDB(duckdb.connect(url.database or ":memory:", config=config))
        return OpenElsewhere(url)
    except ImportError as error:
        raise ValueError(f"{engine} needs a Python driver that is not installed here: {error.name}") from None
    except (sqlite3.Error, duckdb.Error, sqlalchemy.exc.SQLAlchemyError) as error:
        sentence = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise EngineError(engine, sentence, url.render_as_string()) from None


def _connect_sqlite(url: URL) -> sqlite3.Connection:
    (path,), options = url.get_dialect()().create_connect_args(url)
    # A statement kept from before is not compiled again, so EXPLAIN would show an index that is gone.
    own = {"isolation_level": None, "check_same_thread": False, "cached_statements": 0}
    return sqlite3.connect(path, **{"timeout": SECONDS_FOR_A_LOCK, **options, **own})


def adopt_connections(ipython_sql: type[Any], sessions: Sessions) -> None:
    """Move to `sessions` what the `Connection` class of ipython-sql has open.

    A database in memory keeps its connection, a file is opened anew.
    """
    for old in list(ipython_sql.connections.values()):
        url, opened = old.url, old.internal_connection
        opened.commit()
        if url.get_backend_name() in EMBEDDED and database_of(url) == f"{url.drivername}://":
            lab = _lab_on(opened.connection.dbapi_connection)
            sessions.add(Session(database_of(url), database_of(url), lab))
        else:
            opened.close()
            opened.engine.dispose()
            sessions.open(url.render_as_string(hide_password=False))
    ipython_sql.connections.clear()
    ipython_sql.current = None


def _lab_on(connection: Any) -> Lab:
    """Wrap a DB-API connection that SQLAlchemy made."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        return OpenSQLite(connection)
    return OpenDuckDB(connection.duplicate())


def read_url(source: str) -> URL:
    """Read a database URL; raise `ValueError` if it is none, or names a file after two slashes."""
    try:
        url = sqlalchemy.make_url(source)
        url.get_dialect()
    except (sqlalchemy.exc.SQLAlchemyError, ValueError):
        near = ". PostgreSQL's URL begins with postgresql+psycopg://" if source.startswith("postgres://") else ""
        raise ValueError(f"{source} is not the URL of a database, such as sqlite:///name.db{near}") from None
    if url.get_backend_name() in EMBEDDED and url.host:
        raise ValueError(f"A file is named after three slashes: {url.drivername}:///{url.host}{url.database or ''}")
    return url


def database_of(url: URL) -> str:
    """The database that `url` means, written in one way: files by their full path, memory by nothing."""
    if url.get_backend_name() not in EMBEDDED:
        return url.render_as_string(hide_password=True)
    if url.database in (None, "", ":memory:"):
        return f"{url.drivername}://"
    if url.database.startswith("file:"):
        return url.render_as_string()
    return url.set(database=str(Path(url.database).resolve())).render_as_string()


def file_of(url: URL) -> tuple[int, int] | None:
    """Which file `url` is kept in, so that one put in its place is told from it; None if there is none."""
    try:
        status = Path(url.database or "").stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if url.database else None
