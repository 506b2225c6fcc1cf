"""Makes and drops the databases and roles of labs on a PostgreSQL server, and sees who waits for whom there."""

from __future__ import annotations

import secrets
import time
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from graders.labs.postgres_finding import URL_VARIABLE, MissingEngine

SECONDS_TO_LEAVE = 0.05
# Ten times as fast as a new database.
EMPTY = (
    "DROP OWNED BY {role} CASCADE",
    "ALTER ROLE {role} RESET ALL",
    "GRANT CONNECT ON DATABASE {role} TO {role}",
    "GRANT ALL ON SCHEMA public TO {role}",
)


class Server:
    """A PostgreSQL server on which we may make databases and roles; `access` is how libpq reaches it."""

    def __init__(self, access: dict[str, Any]):
        self.access = access
        self._admin: psycopg.Connection | None = None

    def admin(self) -> psycopg.Connection:
        """The connection, in autocommit, that makes databases and looks who waits for whom."""
        if self._admin is None or self._admin.closed:
            self._admin = psycopg.connect(**self.access, autocommit=True)
        return self._admin

    def new_database(self) -> dict[str, Any]:
        """Make an empty database, and an ordinary role of the same name for it; give how the role reaches it.

        The role may make tables, views, functions and the like, but neither schemas nor extensions, and it
        sees nothing of what other roles run.
        """
        name, password = f"lab_{secrets.token_hex(6)}", secrets.token_hex(16)
        self._order("CREATE ROLE {} LOGIN PASSWORD {}", Identifier(name), Literal(password))
        # To end the sessions of a role, one must be a member of it, unless one is a superuser.
        self._order("GRANT {} TO CURRENT_USER", Identifier(name))
        self._order("CREATE DATABASE {} TEMPLATE template0", Identifier(name))
        self._order("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", Identifier(name))
        access = self.access | {"dbname": name, "user": name, "password": password}
        self.empty_database(access)
        return access

    def empty_database(self, access: dict[str, Any]) -> None:
        """Drop whatever the role of `access` has made or set, and let it in to make things anew."""
        role = Identifier(access["user"])
        with psycopg.connect(**self.access | {"dbname": access["dbname"]}, autocommit=True) as inside:
            for statement in EMPTY:
                inside.execute(SQL(statement).format(role=role))

    def drop_database(self, access: dict[str, Any]) -> None:
        """Drop the database and the role of `access`, and end every session there."""
        self._let_leave(access["dbname"])
        self._order("DROP DATABASE IF EXISTS {} WITH (FORCE)", Identifier(access["dbname"]))
        self._order("DROP ROLE IF EXISTS {}", Identifier(access["user"]))

    def _let_leave(self, database: str) -> None:
        """Give sessions that have been closed the moment to leave: DROP DATABASE itself looks ten times a second."""
        give_up = time.monotonic() + SECONDS_TO_LEAVE
        asked = "SELECT 1 FROM pg_stat_activity WHERE datname = %(database)s"
        while self.admin().execute(asked, {"database": database}).fetchone() and time.monotonic() < give_up:
            time.sleep(0.001)

    def _order(self, statement: str, *parts: Composable) -> None:
        self.admin().execute(SQL(statement).format(*parts))

    def deadlock_seconds(self) -> float:
        """How long the server lets a session wait for a lock before it looks for a deadlock."""
        asked = "SELECT setting::float / 1000 FROM pg_settings WHERE name = 'deadlock_timeout'"
        return self.admin().execute(asked).fetchone()[0]

    def blockers(self, pid: int) -> set[int]:
        """Which server processes the process `pid` waits for; source: manual, "System Information Functions"."""
        asked = "SELECT pg_blocking_pids(%(pid)s) || pg_safe_snapshot_blocking_pids(%(pid)s)"
        return set(self.admin().execute(asked, {"pid": pid}).fetchone()[0])

    def work_of(self, pid: int) -> float:
        """The processor time of the server process `pid`; 0 where the server may be on another machine."""
        return 0.0

    def sleeps(self, pid: int) -> bool:
        """Whether the server process `pid` is in `pg_sleep`; source: manual, "Wait Events of Type Timeout"."""
        asked = "SELECT 1 FROM pg_stat_activity WHERE pid = %(pid)s AND wait_event = 'PgSleep'"
        return bool(self.admin().execute(asked, {"pid": pid}).fetchone())

    def crash(self) -> None:
        """Stop the server as a power cut would and let it recover; only a private server can."""
        raise MissingEngine(f"A power cut needs a server of our own, not the one in {URL_VARIABLE}.")
