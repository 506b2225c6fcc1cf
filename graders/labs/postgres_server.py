"""Makes and drops the databases and roles of labs on a PostgreSQL server, and sees who waits for whom there."""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, LiteralString

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Composable, Identifier, Literal

from graders.labs.find_postgres import URL_VARIABLE, Installation, MissingEngine, installations, why_no_postgres
from graders.labs.postgres_extras import STATEMENT_COUNTS, Extras

SECONDS_TO_LEAVE = 0.05
NO_EXTRAS = Extras()
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

    def new_database(self, extras: Extras = NO_EXTRAS) -> dict[str, Any]:
        """Make an empty database, and an ordinary role of the same name for it; give how the role reaches it.

        The role may make tables, views, functions and the like, but neither schemas nor extensions, and it
        sees nothing of what other roles run. What a lesson needs beside that is in `extras`.
        """
        name, password = f"lab_{secrets.token_hex(6)}", secrets.token_hex(16)
        self._order("CREATE ROLE {} LOGIN PASSWORD {}", Identifier(name), Literal(password))
        # To end the sessions of a role, one must be a member of it, unless one is a superuser.
        self._order("GRANT {} TO CURRENT_USER", Identifier(name))
        self._order("CREATE DATABASE {} TEMPLATE template0", Identifier(name))
        self._order("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", Identifier(name))
        extras.make_roles(self.admin(), name)
        access = self.access | {"dbname": name, "user": name, "password": password}
        self.empty_database(access, extras)
        return access

    def empty_database(self, access: dict[str, Any], extras: Extras = NO_EXTRAS) -> None:
        """Drop whatever the role of `access` has made or set, and let it in to make things anew."""
        role = Identifier(access["user"])
        with psycopg.connect(**self.access | {"dbname": access["dbname"]}, autocommit=True) as inside:
            for statement in EMPTY:
                inside.execute(SQL(statement).format(role=role))
            extras.make_inside(inside, role)

    def drop_database(self, access: dict[str, Any]) -> None:
        """Drop the database and the role of `access`, and end every session there."""
        self._let_leave(access["dbname"])
        self._order("DROP DATABASE IF EXISTS {} WITH (FORCE)", Identifier(access["dbname"]))
        self._order("DROP ROLE IF EXISTS {}", Identifier(access["user"]))

    def _let_leave(self, database: str) -> None:
        """Give sessions that have been closed the moment to leave: DROP DATABASE itself looks ten times a second."""
        give_up = time.monotonic() + SECONDS_TO_LEAVE
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = %(database)s"
        while self.admin().execute(query, {"database": database}).fetchone() and time.monotonic() < give_up:
            time.sleep(0.001)

    def _order(self, statement: str, *parts: Composable) -> None:
        self.admin().execute(SQL(statement).format(*parts))

    def deadlock_seconds(self) -> float:
        """How long the server lets a session wait for a lock before it looks for a deadlock."""
        query = "SELECT setting::float / 1000 FROM pg_settings WHERE name = 'deadlock_timeout'"
        return float(self._ask(query, {}))

    def blockers(self, pid: int) -> set[int]:
        """Which server processes the process `pid` waits for; source: manual, "System Information Functions"."""
        query = "SELECT pg_blocking_pids(%(pid)s) || pg_safe_snapshot_blocking_pids(%(pid)s)"
        return set(self._ask(query, {"pid": pid}))

    def _ask(self, statement: LiteralString, parameters: dict[str, Any]) -> Any:
        """The only value of the only row that the statement gives."""
        row = self.admin().execute(statement, parameters).fetchone()
        assert row is not None
        return row[0]

    def work_of(self, pid: int) -> float:
        """The processor time of the server process `pid`; 0 where the server may be on another machine."""
        return 0.0

    def sleeps(self, pid: int) -> bool:
        """Whether the server process `pid` is in `pg_sleep`; source: manual, "Wait Events of Type Timeout"."""
        query = "SELECT 1 FROM pg_stat_activity WHERE pid = %(pid)s AND wait_event = 'PgSleep'"
        return bool(self.admin().execute(query, {"pid": pid}).fetchone())

    def crash(self) -> None:
        """Stop the server as a power cut would and let it recover; only a private server can."""
        raise MissingEngine(f"A power cut needs a server of our own, not the one in {URL_VARIABLE}.")


FAR_NET = 300


class CallBound:
    """Bounds one call that the server process `pid` works on by `seconds` of its processor time and of `pg_sleep`."""

    def __init__(self, server: Server, pid: int, seconds: float):
        self._server, self._pid, self._seconds = server, pid, seconds
        self._began = self._looked = time.monotonic()
        self._first: float | None = None
        self._slept = 0.0

    def broken(self) -> bool:
        """Whether the call has taken more; raise `RuntimeError` if it takes nothing and does not end either."""
        now = time.monotonic()
        work, since = self._server.work_of(self._pid), now - self._looked
        self._first, self._looked = work if self._first is None else self._first, now
        self._slept += since if self._server.sleeps(self._pid) else 0
        if now - self._began > FAR_NET:
            raise RuntimeError(f"PostgreSQL gave no answer for {FAR_NET} s: this computer, or its server, is too busy")
        return work - self._first + self._slept > self._seconds


ADMIN = "admin"
LONGEST_FOLDER = 70
SECONDS_TO_START = 300
# Units of `ulimit`: kilobytes of memory for one process, blocks of 512 bytes for one file.
GUARDIAN = """
ulimit -v 786432; ulimit -f 524288
folder=$1; shift
while :; do
  "$@" & server=$!
  read -r word || break
  kill -QUIT $server; wait $server; echo down
done
kill -QUIT $server; wait $server
cd / && rm -rf "$folder"
"""
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "shared_buffers": "32MB",
    "max_connections": "50",
    "temp_file_limit": "256MB",
    "log_min_messages": "fatal",
    "timezone": "UTC",
    # What is counted must come out the same each time: no workers, no statistics gathered behind our back.
    "autovacuum": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # A lock is waited for only until somebody looks, so a deadlock is looked for soon.
    "deadlock_timeout": "10ms",
}


class PrivateServer(Server):
    """A server that `installation` runs for this process, in a temporary folder; no TCP, one user."""

    def __init__(self, installation: Installation, settings: Mapping[str, str] = SETTINGS):
        self._settings = settings
        self.account = server_account()
        self.folder = new_folder(self.account)
        super().__init__({"host": str(self.folder), "port": 5432, "user": ADMIN, "dbname": "postgres"})
        self.pid = os.getpid()
        self.log = self.folder / "server.log"
        self.programs = self._openable(installation.programs)
        self._initialise(self.programs)
        self.guardian = self._guarded(self.programs)
        assert self.guardian.stdin and self.guardian.stdout
        self._to_guardian: IO[bytes] = self.guardian.stdin
        self._from_guardian: IO[bytes] = self.guardian.stdout
        atexit.register(self.stop)
        self._wait_until_up()

    def _openable(self, programs: Path) -> Path:
        """Give `programs`, or a copy of them if the server's user cannot reach them where they are."""
        try:
            subprocess.run([programs / "postgres", "--version"], stdout=subprocess.DEVNULL, cwd="/", **self.account)
        except PermissionError:
            return _copied(programs, self.folder / "programs", self.account)
        return programs

    def _initialise(self, programs: Path) -> None:
        words: list[str | Path] = [
            programs / "initdb",
            "-D",
            self.folder / "data",
            "-U",
            ADMIN,
            "--auth=trust",
            "--encoding=UTF8",
        ]
        words += ["--no-locale", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            [*_with_a_name(), *words], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, **self.account
        )
        if done.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise MissingEngine(f"PostgreSQL could not be set up here: {_last_line(done.stderr)}")

    def _guarded(self, programs: Path) -> subprocess.Popen[bytes]:
        server: list[str | Path] = [programs / "postgres", "-D", self.folder / "data", "-k", self.folder]
        counts = {"shared_preload_libraries": STATEMENT_COUNTS} if _counts_statements(programs) else {}
        server += [word for name, value in {**self._settings, **counts}.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("w") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", GUARDIAN, "guardian", self.folder, *server],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **self.account,
            )

    def _wait_until_up(self) -> None:
        give_up = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                self.admin()
                return
            except psycopg.OperationalError:
                if time.monotonic() > give_up:
                    reason = _last_line(self.log.read_text(errors="replace"))
                    self.stop()
                    raise MissingEngine(f"PostgreSQL did not start here: {reason}") from None
                time.sleep(0.02)

    def work_of(self, pid: int) -> float:
        """The processor time of the server process `pid`, which is on this machine."""
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            return times.user + times.system
        return 0.0

    def crash(self) -> None:
        """Stop the server at once, without a checkpoint, and let it recover from its log; all sessions are gone."""
        self._to_guardian.write(b"crash\n")
        self._to_guardian.flush()
        self._from_guardian.readline()
        if self._admin:
            self._admin.close()
        self._wait_until_up()

    def stop(self) -> None:
        """End the server and remove its folder; in a fork of the process that started it, do nothing."""
        if os.getpid() == self.pid and self.guardian.poll() is None:
            self._to_guardian.close()
            self.guardian.wait(SECONDS_TO_START)


def the_server() -> Server:
    """The server of this process, started at the first call; raise `MissingEngine` if there can be none."""
    return _server_of(os.getpid())


@cache
def _server_of(_pid: int) -> Server:
    if missing := why_no_postgres():
        raise MissingEngine(missing)
    if url := os.environ.get(URL_VARIABLE):
        return Server(conninfo_to_dict(url))
    return PrivateServer(installations()[0])


def _copied(programs: Path, place: Path, account: dict[str, Any]) -> Path:
    """Copy the pip package that `programs` are in, and the libraries that a wheel puts beside it, for `account`."""
    package = programs.parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, place / folder.name, symlinks=True)
    hand_over(place, account)
    return place / programs.relative_to(package.parent)


def hand_over(folder: Path, account: dict[str, Any]) -> None:
    """Make `folder` and all in it belong to the server's user, where that is another than we."""
    for path in (folder, *folder.rglob("*")) if account else ():
        os.chown(path, account["user"], account["group"], follow_symlinks=False)


def _counts_statements(programs: Path) -> bool:
    """Whether this PostgreSQL has the library that counts statements: told to load a missing one, it stays down."""
    return any(programs.parent.glob(f"lib/**/{STATEMENT_COUNTS}.*"))


def server_account() -> dict[str, Any]:
    """The arguments of `subprocess` that turn root, as whom PostgreSQL refuses to run, into nobody."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _with_a_name() -> list[str]:
    """The words before a program that wants its user to have a name, which in a container it may lack."""
    try:
        pwd.getpwuid(os.geteuid())
        return []
    except KeyError:
        return ["unshare", f"--map-user={pwd.getpwnam('nobody').pw_uid}"]


def new_folder(account: dict[str, Any]) -> Path:
    """A new folder of the server's user; in /tmp if the usual place is closed to it, or too long for a socket."""
    place = Path(tempfile.gettempdir())
    closed = account and not all(folder.stat().st_mode & 0o001 for folder in (place, *place.parents))
    if closed or len(os.fsencode(place)) > LONGEST_FOLDER:
        place = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=place))
    hand_over(folder, account)
    return folder


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:300] if lines else "it ended without a word"
