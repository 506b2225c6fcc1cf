"""A lab on PostgreSQL: a database and an ordinary role of its own on a private server.

Kept out: superuser's rights, files and programs (COPY, large objects), extensions and other schemas, other labs'
data and statements, tables of more than 256 MB, temporary files of more than 256 MB, backends of more than 768 MB,
statements that take longer than `seconds`. Not kept out: filling the disk with many tables in that time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graders.labs.lab import Lab, Row
from graders.labs.postgres_extras import Extras
from graders.labs.postgres_server import NO_EXTRAS, the_server
from graders.labs.postgres_session import ENGINE, PostgresSession
from graders.labs.shared import SharedLab
from graders.sql import split_statements

SERIAL = """SELECT quote_ident($1), quote_ident(attname), pg_get_serial_sequence(quote_ident($1), attname)
    FROM pg_attribute WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped
    AND pg_get_serial_sequence(quote_ident($1), attname) IS NOT NULL"""


class PostgresLab(Lab):
    """A database on the PostgreSQL server of this process; `seconds` stops a runaway statement.

    Statistics are as ANALYZE left them and queries have no parallel workers, so that plans repeat. Raises
    `MissingEngine` where there is no PostgreSQL.
    """

    engine = ENGINE

    def __init__(self, *, seconds: float = 20, access: dict[str, Any] | None = None, company: list | None = None):
        """Open a fresh database or, with `access`, one that is there already and where other sessions may be."""
        self._server = the_server()
        self._own: dict[str, Any] | None = None
        if access is None:
            access = self._own = self._server.new_database()
        self._session = PostgresSession(self._server, access, seconds=seconds, company=company)

    def statements(self, script):
        return split_statements(script, self.engine)

    def execute(self, statement, parameters=()):
        return self._session.execute(statement, parameters)

    def insert(self, table, rows):
        """Put `rows` into `table`; a lock that is in the way is an error at once."""
        self._session.load(table, rows)

    def fill(self, data):
        """Insert the rows of each table; sequences go on behind them, as if they had given the numbers."""
        super().fill(data)
        for table in data:
            for name, column, sequence in self.execute(SERIAL, (table,)).rows:
                self.execute(f"SELECT setval($1, max({column})) FROM {name} HAVING max({column}) > 0", (sequence,))

    def tables(self):
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        return [name for (name,) in self.execute(query).rows]

    def columns(self, table):
        query = (
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident($1))"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        return [name for (name,) in self.execute(query, (table,)).rows]

    def close(self):
        self._session.close()
        if self._own:
            self._server.drop_database(self._own)
            self._own = None


class SharedPostgres(SharedLab):
    """A PostgreSQL database that several connections use at once; `seconds` stops a runaway statement.

    `then` is a script that is run when the data are there, `extras` what only a superuser can put there. Where
    PostgreSQL would wait for another session, a call raises `Waits`: see `postgres_session`.
    """

    engine = "PostgreSQL"

    def __init__(
        self,
        schema: str = "",
        data: Mapping[str, Iterable[Row]] | None = None,
        *,
        seconds: float = 20,
        then: str = "",
        extras: Extras = NO_EXTRAS,
    ):
        self._schema, self._then, self._extras = schema, then, extras
        self._data = {table: list(rows) for table, rows in (data or {}).items()}
        self._server = the_server()
        self._seconds = seconds
        self._company: list[PostgresSession] = []
        self._access = self._server.new_database(extras)
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

    def connection_variables(self) -> dict[str, str]:
        """The variables of the environment by which libpq's programs, such as psql, reach this database."""
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
        return {variable: str(self._access[name]) for name, variable in names.items() if name in self._access}

    def rewind(self):
        self._drop()
        self._server.empty_database(self._access, self._extras)
        self._open()
        self._fill()

    def power_cut(self, copy=None):
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
