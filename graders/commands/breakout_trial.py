"""What is at stake when a sandbox is tried: secrets, servers and processes of ours that no sandbox may reach."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.commands.breakouts import ATTEMPTS, PRELUDE
from graders.sandbox.errors import SandboxError
from graders.sandbox.isolation import COURSE, Isolation, find_required_paths
from graders.sandbox.limits import Bounds
from graders.sandbox.sandbox import Sandbox

MAX_GROWTH = 200 << 20


@dataclass(frozen=True)
class Trial:
    """What an attempt reached, nothing if the isolation held, and how its process ended if it did not end by itself."""

    reached: tuple[str, ...]
    error: SandboxError | None


class Stage:
    """Things that a sandbox must not reach, and the traces that reaching them leaves; use it in a `with`.

    `project` is the folder whose lessons are at stake.
    """

    def __init__(self, project: Path):
        self.project = project
        self.seed = secrets.token_hex(16)
        self.outside = Path(tempfile.mkdtemp(prefix="at-stake-"))
        self.secret = self.outside / "gradebook.db"
        self.tcp, self.udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        self.local = socket.socket(socket.AF_UNIX)
        self.datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._seed_before = os.environ.get("COURSE_SEED")

    def __enter__(self) -> Stage:
        self.secret.write_text("marks")
        self.secret.chmod(0o644)
        self.outside.chmod(0o755)
        open_folder = self.outside / "open to all"
        open_folder.mkdir()
        open_folder.chmod(0o777)
        for server, address in ((self.tcp, ("127.0.0.1", 0)), (self.udp, ("127.0.0.1", 0))):
            server.bind(address)
        self.local.bind(f"\0{self.seed}")
        self.datagrams.bind(str(self.outside / "datagrams"))
        (self.outside / "datagrams").chmod(0o777)
        for server in (self.tcp, self.local):
            server.listen()
        os.environ["COURSE_SEED"] = self.seed
        return self

    def __exit__(self, *_: Any) -> None:
        for server in (self.tcp, self.udp, self.local, self.datagrams):
            server.close()
        del os.environ["COURSE_SEED"]
        if self._seed_before is not None:
            os.environ["COURSE_SEED"] = self._seed_before
        shutil.rmtree(self.outside, ignore_errors=True)

    def at(self, sandbox: Sandbox) -> dict[str, Any]:
        """What an attempt is told, so that it need not search."""
        home = Path.home()
        return {
            "lessons": [str(path) for path in sorted((self.project / "lessons").glob("*/*.md"))[:3]],
            "secrets": [str(self.secret)],
            "users": ["/etc/passwd", "/etc/shadow"],
            "home": str(home),
            "home names": [name for name in _names(home) if not _leads_to_python(home / name)],
            "package": [
                str(COURSE / "kernel" / "exercise.py"),
                *map(str, sorted((COURSE / "keys").glob("*.json"))[:2]),
            ],
            "folders": [str(self.outside), str(self.outside / "open to all"), "/tmp", "/var/tmp", "/dev/shm", "/"],
            "scratch": str(sandbox.folder),
            "pid": os.getpid(),
            "seed": self.seed,
            "tcp": self.tcp.getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "local": f"\0{self.seed}",
            "local datagrams": str(self.outside / "datagrams"),
        }

    def try_attempt(self, name: str, isolation: Isolation) -> Trial:
        """Make the attempt called `name` in a sandbox in `isolation`, and look for what it reached."""
        with Neighbour(isolation) as neighbour:
            before, memory, known = self._state(), _memory(), find_child_processes(os.getpid())
            with Sandbox(bounds=Bounds(work=6, in_all=12), isolation=isolation) as sandbox:
                attempt = sandbox.define(PRELUDE + ATTEMPTS[name], "attempt")
                try:
                    got, ended = attempt(self.at(sandbox) | neighbour.at()), None
                except SandboxError as error:
                    got, ended = [], error
            marks = ["our own files changed"] if self._state() != before else []
            marks += ["our own memory filled"] if _memory() - memory > MAX_GROWTH else []
            marks += ["its folder is left"] if sandbox.folder.exists() else []
            marks += [] if neighbour.unharmed() else ["its neighbour came to harm"]
            left = _find_leftover_processes(sandbox.folder, known)
        return Trial((*map(str, got), *marks, *self._arrived(), *left), ended)

    def _state(self) -> list[tuple]:
        paths = [self.outside, *sorted(self.outside.rglob("*"))]
        states = [(path, path.stat()) for path in paths]
        return [(path.name, state.st_mode, state.st_size, state.st_mtime_ns) for path, state in states]

    def _arrived(self) -> list[str]:
        found = []
        self.udp.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.udp.recv(100)
            found.append("a datagram arrived")
        return found


def _names(folder: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return sorted(path.name for path in folder.iterdir())
    return []


def _leads_to_python(path: Path) -> bool:
    return any(needs.is_relative_to(path) for needs in find_required_paths())


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _processes() -> dict[int, int]:
    """Every living process of this machine, and the process that started it."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if state not in "ZX":
                found[int(entry.name)] = int(parent)
    return found


def find_child_processes(process: int) -> set[int]:
    """The living processes that `process` started, and those that they started in turn."""
    parents, found = _processes(), {process}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}


def _find_leftover_processes(folder: Path, known: set[int]) -> list[str]:
    """Processes that are new among ours, or whose home is `folder`, which only a sandbox and what it started have."""
    time.sleep(0.05)
    mark, found = f"HOME={folder}\0".encode(), find_child_processes(os.getpid()) - known
    for pid in _processes():
        with contextlib.suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes():
                found.add(pid)
    return [f"process {pid} is left" for pid in sorted(found)]


SOURCE = """
import os
kept = {token!r}
def answer(word):
    return [os.getpid(), word]
"""


class Neighbour:
    """A sandbox in `isolation` with a file and a secret, and the secret of one that has gone; use it in a `with`."""

    def __init__(self, isolation: Isolation):
        self._earlier, self._notes = secrets.token_hex(16), secrets.token_hex(16)
        with Sandbox(isolation=isolation) as before:
            before.define(SOURCE.format(token=self._earlier), "answer")(self._earlier)
        self._sandbox = Sandbox(isolation=isolation)
        self._file = self._sandbox.folder / "notes.txt"
        self._file.write_text(self._notes)
        self._answer = self._sandbox.define(SOURCE.format(token=self._notes), "answer")
        self._pid = self._answer(self._notes)[0]

    def __enter__(self) -> Neighbour:
        return self

    def __exit__(self, *_: Any) -> None:
        self._sandbox.close()

    def at(self) -> dict[str, Any]:
        """What an attempt is told of it; secrets in halves, so that they are nowhere whole but with their owner."""
        return {
            "neighbour": self._pid,
            "neighbour's file": str(self._file),
            "secrets of others": [[token[:16], token[16:]] for token in (self._earlier, self._notes)],
        }

    def unharmed(self) -> bool:
        """Whether it still answers, and finds its file as it was and alone."""
        try:
            same = self._answer("")[0] == self._pid and self._file.read_text() == self._notes
            return same and list(self._sandbox.folder.iterdir()) == [self._file]
        except (SandboxError, OSError):
            return False
