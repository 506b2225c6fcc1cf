"""A PostgreSQL whose log is archived: base backups, and servers that are recovered from them up to a target."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from graders.labs.find_postgres import Installation, MissingEngine
from graders.labs.lab import Row
from graders.labs.postgres_server import SETTINGS, PrivateServer, hand_over, new_folder, server_account

SECONDS = 60
ARCHIVING = SETTINGS | {"wal_level": "replica", "max_wal_senders": "2", "full_page_writes": "on"}
LAST_ARCHIVED = "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver"


class ArchivedServer:
    """A server that hands each finished piece of its log to a folder, from which others can be recovered."""

    def __init__(self, installation: Installation):
        self._installation, self._account = installation, server_account()
        self._place = new_folder(self._account)
        self._archive, self._base = self._place / "archive", self._place / "base"
        self._archive.mkdir()
        hand_over(self._place, self._account)
        archive = {"archive_mode": "on", "archive_command": f"cp %p {self._archive}/%f"}
        self._server = PrivateServer(installation, ARCHIVING | archive)

    def execute(self, statement: str) -> list[Row]:
        """Run one statement in autocommit, and give its rows."""
        return _execute(self._server.admin(), statement)

    def take_base_backup(self) -> None:
        """Copy the whole server while it is in use, in place of the last such copy."""
        shutil.rmtree(self._base, ignore_errors=True)
        words: list[Any] = ["-D", self._base, "-h", self._server.folder, "-U", self._server.access["user"]]
        done = subprocess.run(
            [self._server.programs / "pg_basebackup", *words, "-X", "none", "-c", "fast", "--no-sync"],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **self._account,
        )
        if done.returncode:
            raise MissingEngine(f"pg_basebackup could not copy the server: {done.stderr.strip()[:300]}")

    def archive_log(self) -> int:
        """Close the piece of the log that is being written, and have it archived; give the number of pieces there."""
        ((closed,),) = self.execute("SELECT pg_walfile_name(pg_switch_wal())")
        _wait(lambda: self.execute(LAST_ARCHIVED)[0][0][: len(closed)] >= closed, "its log was not archived")
        return sum(len(path.name) == len(closed) for path in self._archive.iterdir())

    @contextmanager
    def recover(self, *, inclusive: bool = True, **target: str) -> Iterator[Callable[[str], list[Row]]]:
        """Make a server of the base backup and of the log up to a target; give a function that asks it.

        The target is one of PostgreSQL's `recovery_target_…`: `time=`, `name=` or `xid=`; without one the log is
        replayed to its end. Not `inclusive` stops just before it.

            with server.recover(time="2026-03-05 14:05Z", inclusive=False) as ask:
                ask("SELECT count(*) FROM payments")
        """
        settings = {f"recovery_target_{name}": value for name, value in target.items()}
        if settings:
            settings |= {"recovery_target_inclusive": "on" if inclusive else "off"}
            settings |= {"recovery_target_action": "promote"}
        archive = {"restore_command": f"cp {self._archive}/%f %p"}
        recovered = RecoveredServer(self._installation, ARCHIVING | archive | settings, self._base)
        try:
            admin = recovered.admin()
            _wait(lambda: not _execute(admin, "SELECT pg_is_in_recovery()")[0][0], "recovery did not come to its end")
            yield lambda statement: _execute(admin, statement)
        finally:
            recovered.stop()

    def close(self) -> None:
        """Stop the server, and remove its backup and its archive."""
        self._server.stop()
        shutil.rmtree(self._place, ignore_errors=True)


class RecoveredServer(PrivateServer):
    """A server whose data are a base backup, and that replays an archived log before it is used."""

    def __init__(self, installation: Installation, settings: Mapping[str, str], base: Path):
        self._base = base
        super().__init__(installation, settings)

    def _initialise(self, programs: Path) -> None:
        data = self.folder / "data"
        shutil.copytree(self._base, data)
        (data / "recovery.signal").touch()
        data.chmod(0o700)
        hand_over(data, self.account)


def _execute(connection: psycopg.Connection, statement: str) -> list[Row]:
    cursor = connection.execute(statement.encode())
    return cursor.fetchall() if cursor.description else []


def _wait(is_done: Callable[[], bool], otherwise: str) -> None:
    give_up = time.monotonic() + SECONDS
    while not is_done():
        if time.monotonic() > give_up:
            raise MissingEngine(f"PostgreSQL: {otherwise} within {SECONDS} s.")
        time.sleep(0.02)
