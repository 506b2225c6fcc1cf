"""The fork server: one Python in an isolation for each process that judges, from which its sandboxes are forked.

A sandbox then takes a fork, some milliseconds, rather than the start of a Python. The other side is
`in_sandbox/fork.py`. Each sandbox has a scratch folder, made for its user and kept within a size.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import psutil

from graders.sandbox.isolation import Isolation

MAX_DEPTH = 20


def make_scratch_folder(uid: int | None, within: Path | None = None) -> Path:
    """A new empty folder that belongs to the user `uid` (None: to us), in `within` or where temporary files are."""
    folder = Path(tempfile.mkdtemp(prefix="sandbox-", dir=within))
    if uid is not None:
        os.chown(folder, uid, uid)
    return folder


def is_too_full(folder: Path, max_bytes: int, max_entries: int) -> bool:
    """Whether `folder` holds more than it may: bytes, entries, or folders in folders."""
    total = entries = 0
    todo = [(folder, 0)]
    while todo:
        where, depth = todo.pop()
        for entry in _entries(where):
            entries += 1
            if entry.is_dir(follow_symlinks=False):
                todo.append((Path(entry.path), depth + 1))
            else:
                total += _size(entry)
            if total > max_bytes or entries > max_entries or depth >= MAX_DEPTH:
                return True
    return False


def _entries(folder: Path) -> list[os.DirEntry]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []


def _size(entry: os.DirEntry) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0


def remove_folder(folder: Path) -> None:
    """Remove `folder`; folders nested deeper than Python can follow are left to `rm`."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        subprocess.run(["rm", "-rf", "--", str(folder)], check=False)


# Far nets: who meets them is replaced, and no answer is to blame.
SECONDS_TO_START = SECONDS_TO_ANSWER = 300


class ForkServer:
    """A Python in `isolation`, and the folder of its sandboxes' folders; raise `OSError` if none starts.

    `apart` says whether its sandboxes are kept from one another; if not, it serves one sandbox only. A server that does
    not answer is closed, all its sandboxes with it.
    """

    def __init__(self, isolation: Isolation):
        self.closed = False
        self._isolation, self._lock = isolation, threading.RLock()
        self.folder = make_scratch_folder(None)
        self.folder.chmod(0o711)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # The server dies with the thread that starts it: this one stays for as long as the server.
        self._starter = ThreadPoolExecutor(1)
        try:
            with theirs:
                self._process = self._starter.submit(self._start, theirs).result()
        except OSError:
            remove_folder(self.folder)
            raise
        self.apart = self._send(b"", SECONDS_TO_START) == b"apart"

    def _start(self, theirs: socket.socket) -> subprocess.Popen:
        return subprocess.Popen(
            self._isolation.command(self.folder),
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=self._isolation.environment(self.folder),
            start_new_session=True,
        )

    def make_folder(self) -> tuple[Path, int | None]:
        """A folder for a sandbox, and its owner: a user that no other sandbox here has, or None, us."""
        with self._lock:
            taken = {entry.stat().st_uid for entry in os.scandir(self.folder)}
            while (uid := self._isolation.uid()) in taken:
                pass
            return make_scratch_folder(uid, self.folder), uid

    def fork(self, requests: int, replies: int) -> int:
        """Fork a sandbox with these two ends of its pipes and give its number; raise `OSError` if that fails."""
        return int(self._send(b"fork", SECONDS_TO_ANSWER, (requests, replies)))

    def number_here(self, sandbox: int) -> int:
        """Our number of the sandbox that the server calls `sandbox`; raise `psutil.Error` if there is none."""
        for process in psutil.Process(self._process.pid).children(recursive=True):
            with contextlib.suppress(OSError):
                if _own_number(process.pid) == sandbox:
                    return process.pid
        raise psutil.NoSuchProcess(sandbox)

    def end(self, sandbox: int) -> None:
        """Kill a sandbox and wait until it has gone."""
        with contextlib.suppress(OSError):
            self._send(b"end %d" % sandbox, SECONDS_TO_ANSWER)

    def _send(self, words: bytes, seconds: float, pipes: Sequence[int] = ()) -> bytes:
        with self._lock:
            try:
                self._control.settimeout(seconds)
                if words:
                    socket.send_fds(self._control, [words], pipes)
                if reply := self._control.recv(100):
                    return reply
                raise BrokenPipeError("the fork server ended")
            except OSError as error:
                raise OSError(self.close() or str(error)) from None
            except BaseException:  # An answer that nobody waited for would be taken for the next one.
                self.close()
                raise

    def close(self) -> str:
        """End the server and its sandboxes, and give the last line that it wrote; sandboxes keep their folders."""
        if self.closed:
            return ""
        self.closed = True
        self._control.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        words = self._process.communicate()[1].decode(errors="replace").strip()
        self._starter.shutdown(wait=False)
        self.tidy()
        return words.splitlines()[-1][:200] if words else ""

    def tidy(self) -> None:
        """Remove the server's folder if it has gone, and the last of its sandboxes too."""
        with contextlib.suppress(OSError):
            if self.closed:
                self.folder.rmdir()


def _own_number(pid: int) -> int | None:
    """The number that the process `pid` has in its own namespace."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[-1]) for line in lines if line.startswith("NSpid:")), None)


class ForkedProcess:
    """A fork with a scratch folder, to be talked to by `requests` and `replies`; raise `OSError` if there is none."""

    def __init__(self, server: ForkServer):
        self._server, self._lock, self._killed = server, threading.Lock(), False
        self.folder, self.uid = server.make_folder()
        fork_requests, requests = os.pipe()
        replies, fork_replies = os.pipe()
        self.requests, self.replies = requests, replies
        try:
            self._number = server.fork(fork_requests, fork_replies)
        except OSError:
            os.close(requests)
            os.close(replies)
            self.clear()
            raise
        finally:
            os.close(fork_requests)
            os.close(fork_replies)

    def number(self) -> int:
        """The number under which we see the process; raise `psutil.Error` if we do not."""
        return self._server.number_here(self._number)

    def kill(self) -> None:
        """End the fork, and its server if that serves one sandbox only."""
        with self._lock:
            if not self._killed:
                self._killed = True
                self._server.end(self._number)
                if not self._server.apart:
                    self._server.close()

    def clear(self) -> None:
        """Remove the folder of the fork, which has ended."""
        remove_folder(self.folder)
        self._server.tidy()


class Servers:
    """The fork servers of the process with the number `process`, one for each isolation that was used."""

    def __init__(self, process: int):
        self._process = process
        self._kept: dict[str, ForkServer] = {}
        self._lock = threading.Lock()
        atexit.register(self.close)

    def server(self, isolation: Isolation) -> ForkServer:
        """The server in `isolation`; a new one if there is none, it has gone, or its sandboxes are not kept apart."""
        with self._lock:
            kept = self._kept.get(isolation.name)
            if kept is None or kept.closed or not kept.apart:
                kept = self._kept[isolation.name] = ForkServer(isolation)
            return kept

    def close(self) -> None:
        """End all of them, and remove their folders; a fork of the process leaves them alone."""
        for server in self._kept.values() if os.getpid() == self._process else ():
            server.close()
            remove_folder(server.folder)


@cache
def servers(process: int) -> Servers:
    """The fork servers of the process with this number, which is ours: a fork of it has others."""
    return Servers(process)


def start_fork(isolation: Isolation) -> ForkedProcess:
    """A new fork in `isolation`; raise `OSError`, in the server's last words, if none can be had."""
    known = servers(os.getpid())
    server = known.server(isolation)
    try:
        return ForkedProcess(server)
    except OSError:
        return ForkedProcess(known.server(isolation))
