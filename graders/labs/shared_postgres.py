"""A shared lab on PostgreSQL: a database on the private server, and sessions that are connections to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graders.labs.lab import Row
from graders.labs.postgres import PostgresLab
from graders.labs.postgres_private import the_server
from graders.labs.postgres_session import PostgresSession
from graders.labs.shared import SharedLab


class SharedPostgres(SharedLab):
    """A PostgreSQL database that several connections use at once; `seconds` stops a runaway statement.

    `then` is a script that is run when the data are there. Where PostgreSQL would wait for another session, a call
    raises `Waits`: see `postgres_session`.
    """

    engine = "PostgreSQL"

    def __init__(
        self,
        schema: str = "",
        data: Mapping[str, Iterable[Row]] | None = None,
        *,
        seconds: float = 20,
        then: str = "",
    ):
        self._schema, self._then = schema, then
        self._data = {table: list(rows) for table, rows in (data or {}).items()}
        self._server = the_server()
        self._seconds = seconds
        self._company: list[PostgresSession] = []
        self._access = self._server.new_database()
        self._open()
        self._fill()

    def _open(self):
        self.own = PostgresLab(seconds=self._seconds, access=self._access, company=self._company)

    def _fill(self):
        self.run(self._schema)
        self.fill(self._data)
        self.run(self._then)

    def fill(self, data):
        self.own.fill(data)

    def connect(self, *, isolation: str = "READ COMMITTED", autocommit: bool = True) -> PostgresSession:
        """Open a connection: `isolation` is "READ COMMITTED", "REPEATABLE READ" or "SERIALIZABLE".

        Without `autocommit`, a transaction is opened before the first statement, as Python's drivers do.
        """
        return PostgresSession(
            self._server,
            self._access,
            isolation=isolation,
            autocommit=autocommit,
            seconds=self._seconds,
            company=self._company,
        )

    def rewind(self):
        self._drop()
        self._server.empty_database(self._access)
        self._open()
        self._fill()

    def power_cut(self):
        """Stop the server at once and let it recover from its log, as after a power cut.

        The sessions of every lab on the server are gone with it. Raises `MissingEngine` on a server not our own.
        """
        self._server.crash()
        self._drop()
        self._open()

    def _drop(self):
        for session in list(self._company):
            session.close()

    def close(self):
        self._drop()
        self._server.drop_database(self._access)
