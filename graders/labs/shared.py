"""A scratch database that several sessions use at once, and the sessions: one connection with its own transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graders.labs.lab import Lab, Result, Row


class Session:
    """One connection to a shared lab, with its own transaction; never waits: a lock is an error at once.

    Every row of a result is fetched at once, so a statement leaves no open cursor, and no lock of one, behind it.
    """

    engine: str

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Result:
        """Run one statement; raise `EngineError` with the engine's code if it is refused."""
        raise NotImplementedError

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> Result:
        """Run one statement once for each of `rows`, as the engine's driver does."""
        raise NotImplementedError

    def run_script(self, script: str) -> Result:
        """Run a text of statements as the engine's driver does; SQLite's commits an open transaction first."""
        raise NotImplementedError

    def commit(self) -> None:
        """End the transaction and keep what it did."""
        raise NotImplementedError

    def rollback(self) -> None:
        """End the transaction and undo what it did."""
        raise NotImplementedError

    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """What the connection says of itself: whether a transaction is open and, on SQLite, its mode and changes."""
        return {"in_transaction": self.in_transaction()}

    def close(self) -> None:
        """End the session; an open transaction is rolled back. Closing twice does nothing."""
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class SharedLab(Lab):
    """A lab that several sessions use at once; closing it closes them.

    What a lab can do happens on a connection of its own in autocommit: to fill, to look, to check invariants.
    """

    own: Lab

    connect: Callable[..., Session]
    """Opens a session; SQLite's options are `isolation_level`, `foreign_keys` and `read_uncommitted`."""

    def rewind(self) -> None:
        """Go back to the data that the lab was opened with; every session is gone."""
        raise NotImplementedError

    def mark(self) -> None:
        """Have `rewind` go back to what is committed now; SQLite alone can."""
        raise NotImplementedError

    def keep_files(self) -> bool:
        """Copy the files as they lie at this moment, for `power_cut` to go back to; False where they are a server's.

        The first copy since the lab was opened or rewound has the number 0.
        """
        return False

    def power_cut(self, copy: int | None = None) -> None:
        """Leave what a power cut at this moment leaves: every session gone, the database recovered from its files.

        The files are copied as they lie while transactions are open, and the engine recovers from the copy. The
        copy has all that the engine has handed to the operating system, as after a killed process. With the number of
        a `copy` that was kept, the power is cut at the moment of that one.
        """
        raise NotImplementedError

    def connection_variables(self) -> dict[str, str]:
        """The variables by which an engine's own programs reach this database; PostgreSQL alone has some."""
        raise NotImplementedError

    def statements(self, script: str) -> list[str]:
        return self.own.statements(script)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Result:
        return self.own.execute(statement, parameters)

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        self.own.insert(table, rows)

    def tables(self) -> list[str]:
        return self.own.tables()

    def columns(self, table: str) -> list[str]:
        return self.own.columns(table)
