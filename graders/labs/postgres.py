"""A lab on PostgreSQL: a database and an ordinary role of its own on a private server.

Kept out: superuser's rights, files and programs (COPY, large objects), extensions and other schemas, other labs'
data and statements, tables of more than 256 MB, temporary files of more than 256 MB, backends of more than 768 MB,
statements that take longer than `seconds`. Not kept out: filling the disk with many tables in that time.
"""

from __future__ import annotations

from typing import Any

from graders.labs.lab import Lab
from graders.labs.postgres_private import the_server
from graders.labs.postgres_session import ENGINE, PostgresSession
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
        self._own = None if access else self._server.new_database()
        self._session = PostgresSession(self._server, access or self._own, seconds=seconds, company=company)

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
        asked = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        return [name for (name,) in self.execute(asked).rows]

    def columns(self, table):
        asked = (
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident($1))"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        return [name for (name,) in self.execute(asked, (table,)).rows]

    def close(self):
        self._session.close()
        if self._own:
            self._server.drop_database(self._own)
            self._own = None
