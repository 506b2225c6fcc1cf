"""Runs a private PostgreSQL server for this process, once and for all labs.

A server of our own listens on a Unix socket in a folder that only its user can enter. A guardian shell is its
parent: it ends the server and removes the folder as soon as this process is gone, however it went.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from graders.labs.postgres_finding import URL_VARIABLE, Installation, MissingEngine, installations, why_no_postgres
from graders.labs.postgres_server import Server

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

    def __init__(self, installation: Installation):
        self.account = _account()
        self.folder = _new_folder(self.account)
        super().__init__({"host": str(self.folder), "port": 5432, "user": ADMIN, "dbname": "postgres"})
        self.pid = os.getpid()
        self.log = self.folder / "server.log"
        programs = self._openable(installation.programs)
        self._initialise(programs)
        self.guardian = self._guarded(programs)
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
        words = [programs / "initdb", "-D", self.folder / "data", "-U", ADMIN, "--auth=trust", "--encoding=UTF8"]
        words += ["--no-locale", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            [*_with_a_name(), *words], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, **self.account
        )
        if done.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise MissingEngine(f"PostgreSQL could not be set up here: {_last_line(done.stderr)}")

    def _guarded(self, programs: Path) -> subprocess.Popen:
        server = [programs / "postgres", "-D", self.folder / "data", "-k", self.folder]
        server += [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
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
                    said = _last_line(self.log.read_text(errors="replace"))
                    self.stop()
                    raise MissingEngine(f"PostgreSQL did not start here: {said}") from None
                time.sleep(0.02)

    def work_of(self, pid: int) -> float:
        """The processor time of the server process `pid`, which is on this machine."""
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            return times.user + times.system
        return 0.0

    def crash(self) -> None:
        """Stop the server at once, without a checkpoint, and let it recover from its log; all sessions are gone."""
        self.guardian.stdin.write(b"crash\n")
        self.guardian.stdin.flush()
        self.guardian.stdout.readline()
        self._admin.close()
        self._wait_until_up()

    def stop(self) -> None:
        """End the server and remove its folder; in a fork of the process that started it, do nothing."""
        if os.getpid() == self.pid and self.guardian.poll() is None:
            self.guardian.stdin.close()
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
    for path in (place, *place.rglob("*")):
        os.chown(path, account["user"], account["group"], follow_symlinks=False)
    return place / programs.relative_to(package.parent)


def _account() -> dict[str, Any]:
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


def _new_folder(account: dict[str, Any]) -> Path:
    """A new folder of the server's user; in /tmp if the usual place is closed to it, or too long for a socket."""
    place = Path(tempfile.gettempdir())
    closed = account and not all(folder.stat().st_mode & 0o001 for folder in (place, *place.parents))
    if closed or len(os.fsencode(place)) > LONGEST_FOLDER:
        place = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=place))
    if account:
        os.chown(folder, account["user"], account["group"])
    return folder


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:300] if lines else "it ended without a word"
