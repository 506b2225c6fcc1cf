"""A shared lab on SQLite: a file in a scratch folder, and sessions that are real connections to it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

from graders.labs.lab import Result, Row
from graders.labs.shared import Session, SharedLab
from graders.labs.sqlite_lab import BUSY_TIMEOUT, SQLiteLab, authorize

NAME = "lab.db"


class SharedSQLite(SharedLab):
    """A SQLite file that several connections use at once; `journal_mode` is "delete" or "wal".

    `then` is a script that is run when the data are there. Nothing is synchronised with the disk: it makes the lab
    fast and changes nothing of what sessions see.
    """

    engine = "SQLite"

    def __init__(
        self,
        schema: str = "",
        data: Mapping[str, Iterable[Row]] | None = None,
        *,
        journal_mode: str = "delete",
        then: str = "",
    ):
        self._folder = Path(tempfile.mkdtemp(prefix="lab-"))
        self._sessions: list[SQLiteSession] = []
        self._kept: list[dict[str, bytes]] = []
        self.own = self._open()
        self.own.execute(f"PRAGMA journal_mode = {journal_mode}")
        self.run(schema)
        self.fill(data or {})
        self.run(then)
        self.own.close()
        self._image = self._path.read_bytes()
        self.own = self._open()

    @property
    def _path(self) -> Path:
        return self._folder / NAME

    def _open(self, *, foreign_keys: bool = True, shared_cache: bool = False) -> SQLiteLab:
        where = f"{self._path.as_uri()}?cache=shared" if shared_cache else str(self._path)
        lab = SQLiteLab(foreign_keys=foreign_keys, where=where)
        lab.connection.execute("PRAGMA synchronous = OFF")
        return lab

    def connect(
        self, *, isolation_level: str | None = None, foreign_keys: bool = True, read_uncommitted: bool = False
    ) -> SQLiteSession:
        """Open a connection; `isolation_level` None is autocommit, "" is Python's default, which begins by itself.

        `read_uncommitted` joins SQLite's shared cache and ignores the locks of others when it reads.
        Source: https://www.sqlite.org/sharedcache.html
        """
        lab = self._open(foreign_keys=foreign_keys, shared_cache=read_uncommitted)
        lab.connection.execute(f"PRAGMA read_uncommitted = {int(read_uncommitted)}")
        session = SQLiteSession(lab, isolation_level)
        self._sessions.append(session)
        return session

    def rewind(self):
        self._kept.clear()
        self._put_files({NAME: self._image})

    def mark(self):
        self._image = self.own.image()

    def keep_files(self):
        self._kept.append(self._read_files())
        return True

    def power_cut(self, copy=None):
        self._put_files(self._read_files() if copy is None else self._kept[copy])

    def image(self) -> bytes:
        return self.own.image()

    def _read_files(self) -> dict[str, bytes]:
        """The files as they lie; the index of a log is left out, for it is in memory only."""
        return {left.name: left.read_bytes() for left in self._folder.iterdir() if not left.name.endswith("-shm")}

    def _put_files(self, files: Mapping[str, bytes]) -> None:
        """Open the database anew, with these files in place of its own."""
        self._drop()
        for left in self._folder.iterdir():
            left.unlink()
        for name, content in files.items():
            (self._folder / name).write_bytes(content)
        self.own = self._open()

    def _drop(self):
        for session in self._sessions:
            session.close()
        self._sessions.clear()
        self.own.close()

    def close(self):
        self._drop()
        shutil.rmtree(self._folder, ignore_errors=True)


class SQLiteSession(Session):
    """A connection to a shared SQLite file, in Python's transaction mode `isolation_level`.

    Its `busy_timeout` is what it was set to, but no call ever waits for a lock.
    """

    engine = "SQLite"

    def __init__(self, lab: SQLiteLab, isolation_level: str | None):
        self._lab = lab
        self._connection = lab.connection
        self._connection.isolation_level = isolation_level
        self._connection.set_authorizer(self._noted)
        self._closed = False
        self._timeout, self._timeout_named = 0, False

    def _noted(self, action, first, second, *more):
        if action == sqlite3.SQLITE_PRAGMA and first.lower() == BUSY_TIMEOUT:
            self._timeout_named = True
            self._timeout = self._timeout if second is None else _milliseconds(second)
        return authorize(action, first, second, *more)

    @contextmanager
    def _refusals(self, statement):
        self._timeout_named = False
        with self._lab.refusals(statement):
            yield

    def _result(self, result: Result) -> Result:
        if self._timeout_named and not result.columns:
            return Result(("timeout",), [(self._timeout,)])
        return result

    def execute(self, statement, parameters=()):
        with self._refusals(statement):
            return self._result(self._lab.execute(statement, parameters))

    def execute_many(self, statement, rows):
        with self._refusals(statement):
            cursor = self._connection.executemany(statement, rows)
            return self._result(Result(changed=cursor.rowcount, last_row=cursor.lastrowid))

    def run_script(self, script):
        with self._refusals(script):
            self._connection.executescript(script)
            return self._result(Result())

    def commit(self):
        with self._refusals("COMMIT"):
            self._connection.commit()

    def rollback(self):
        with self._refusals("ROLLBACK"):
            self._connection.rollback()

    def in_transaction(self):
        return not self._closed and self._connection.in_transaction

    def isolation_level(self) -> str | None:
        """Python's transaction mode of this connection."""
        return self._connection.isolation_level

    def set_isolation_level(self, level: str | None) -> None:
        """Change Python's transaction mode; None commits an open transaction, as `sqlite3` does."""
        with self._refusals("COMMIT"):
            self._connection.isolation_level = level

    def total_changes(self) -> int:
        """How many rows this connection has changed since it was opened."""
        return self._connection.total_changes

    def state(self):
        if self._closed:
            return super().state()
        more = {"isolation_level": self.isolation_level(), "total_changes": self.total_changes()}
        return {"in_transaction": self.in_transaction(), **more}

    def close(self):
        self._closed = True
        self._connection.close()


def _milliseconds(text: str) -> int:
    """The timeout that SQLite reads in `text`."""
    apart = sqlite3.connect(":memory:")
    try:
        quoted = text.replace("'", "''")
        return apart.execute(f"PRAGMA {BUSY_TIMEOUT} = '{quoted}'").fetchone()[0]
    finally:
        apart.close()
