"""A shared lab on DuckDB: one instance, and sessions that are connections of it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import duckdb

from graders.labs.duck import LOCKED, DuckDBLab, locked_down
from graders.labs.lab import Result, Row
from graders.labs.shared import Session, SharedLab

ENDS = {"commit", "end", "rollback", "abort"}
NAME = "lab.duckdb"
FIRST_WORD = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)", re.S)


class SharedDuckDB(SharedLab):
    """A DuckDB instance that several connections use at once; in memory, unless it is to be `durable`.

    Only a durable lab has files that can lie about after a power cut; it is slower to open and to rewind. `then` is a
    script that is run when the data are there.
    """

    engine = "DuckDB"

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
        self._times = 0
        self._folder = Path(tempfile.mkdtemp(prefix="lab-")) if durable else None
        self._open()
        self._fill()

    def _open(self):
        if self._folder:
            durable = duckdb.connect(str(self._folder / NAME), config=LOCKED)
            self.own = DuckDBLab(connection=locked_down(durable, files=True))
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
        if self._folder:
            self._instance.close()
            for left in self._folder.iterdir():
                left.unlink()
            self._open()
        self._fill()

    def power_cut(self):
        if not self._folder:
            raise RuntimeError("a DuckDB lab in memory has nothing left after a power cut; open it with durable=True")
        folder = Path(shutil.copytree(self._folder, tempfile.mkdtemp(prefix="lab-"), dirs_exist_ok=True))
        self.close()
        self._folder = folder
        self._open()

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
