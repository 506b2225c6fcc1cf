"""A live database: what it holds, the transactions that are committed while a backup runs, and each moment of it."""

from __future__ import annotations

import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graders.labs import open_lab
from graders.labs.lab import Row
from graders.sql import split_statements
from graders.techniques.backups.restoring import Moment, read_moment


@dataclass(frozen=True)
class LiveDatabase:
    """A database that an application writes to while it is backed up."""

    schema: str
    """The statements that make it, with what stands beside the rows: indexes, `user_version`."""
    data: dict[str, list[Row]]
    """The rows of each table at the beginning."""
    transactions: tuple[tuple[str, ...], ...] = ()
    """What the application commits meanwhile, each a few statements."""
    journal_mode: str = "wal"
    """How the file is written: with "wal" the rows are in the log beside it, with "delete" in the file itself."""

    checkpoints: bool = False
    """Whether what is committed meanwhile goes on from the log to the file, after each transaction."""
    damaged_index: str = ""
    """An index that lacks what was inserted last, as after a fault of disk or memory; "" for none."""

    def setup(self) -> list[tuple[str, Row]]:
        """The statements that make it, with their values, as the application has it open.

        In "wal" nothing has been moved from the log to the file but the schema.
        """
        schema = split_statements(self.schema, "SQLite")
        open_log = ["PRAGMA wal_checkpoint", "PRAGMA wal_autocheckpoint = 0"]
        modes = ["PRAGMA synchronous = OFF", f"PRAGMA journal_mode = {self.journal_mode}"]
        before = [*modes, *schema, *open_log, "BEGIN"]
        filling = [
            (f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(row))})', row)
            for table, rows in self.data.items()
            for row in rows
        ]
        if self.damaged_index:
            last = filling.pop()
            filling += [("COMMIT", ()), *self._bypass_index(last), ("BEGIN", ())]
        close_log = [("PRAGMA wal_autocheckpoint = 1", ())] if self.checkpoints else []
        return [*((one, ()) for one in before), *filling, ("COMMIT", ()), *close_log]

    def _bypass_index(self, insertion: tuple[str, Row]) -> list[tuple[str, Row]]:
        """Do the `insertion` while the schema knows nothing of the index."""
        name = (self.damaged_index,)
        return [
            ("PRAGMA writable_schema = ON", ()),
            ("CREATE TEMP TABLE aside AS SELECT * FROM main.sqlite_schema WHERE name = ?", name),
            ("DELETE FROM main.sqlite_schema WHERE name = ?", name),
            ("PRAGMA writable_schema = RESET", ()),
            insertion,
            ("PRAGMA writable_schema = ON", ()),
            ("INSERT INTO main.sqlite_schema SELECT * FROM aside", ()),
            ("DROP TABLE aside", ()),
            ("PRAGMA writable_schema = RESET", ()),
        ]

    def moments(self) -> list[Moment]:
        """What it holds before the first of the transactions, and after each."""
        with open_lab("SQLite", self.schema, self.data, here=True) as lab:
            found = [read_moment(lab, "before the first transaction")]
            for number, transaction in enumerate(self.transactions, start=1):
                for statement in transaction:
                    lab.run(statement)
                found.append(read_moment(lab, f"after transaction {number}"))
            return found

    def image(self) -> bytes:
        """The file of a whole backup, made before the first of the transactions."""
        with open_lab("SQLite", self.schema, self.data, here=True) as lab:
            return lab.image()

    def write(self) -> bytes:
        """The file as the engine writes it, damaged where it is to be; for `journal_mode` "delete"."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "live.db")
            connection = sqlite3.connect(path, isolation_level=None)
            for statement, parameters in self.setup():
                connection.execute(statement, parameters)
            connection.close()
            return path.read_bytes()
