"""The process of a sandbox and what is said to it: bounded in what it may say, ended with all that it started.

On Linux it is a fork of a Python that waits, in isolation of a warm one; elsewhere it is a Python of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from math import inf
from typing import Any

from graders.sandbox.channel import open_lines, request
from graders.sandbox.errors import Failure, SandboxError, SandboxStartError, SandboxTimeout
from graders.sandbox.fork_server import is_too_full, make_scratch_folder, remove_folder, start_fork
from graders.sandbox.isolation import FOLDER_BYTES, FOLDER_ENTRIES, Isolation
from graders.sandbox.limits import Bounds
from graders.sandbox.runtimes import Runtime
from graders.sandbox.watchdog import Meter, Watch

TO_START = Bounds(asleep=inf)
BETWEEN_LOOKS = 0.1
# Between our bound on all requests and the system's own, which holds for short requests too: what a start takes.
SECONDS_TO_START = {"Python": 1, "runtime": 30}


class SandboxProcess:
    """A Python in `isolation`, ready to be asked; raise `SandboxStartError` if it cannot be started or locked.

    It serves "answers", or "labs" for an engine's own process; with a `runtime` it is that program. The
    system ends it when it has used what `bounds` allow in all, and more. `folder` is its scratch folder, and `uid` the
    user it belongs to (None: us).
    """

    def __init__(self, isolation: Isolation, bounds: Bounds, serves: str = "answers", runtime: Runtime | None = None):
        self._in_all = bounds.in_all
        self.overfull = False
        seconds = int(bounds.in_all) + SECONDS_TO_START["runtime" if runtime else "Python"]
        self._ended = threading.Event()
        try:
            self._running = (
                start_fork(isolation)
                if isolation.forks and not runtime
                else SpawnedProcess(isolation, runtime, seconds)
            )
        except OSError as error:
            raise SandboxStartError(f"a sandbox could not be started: {error}") from None
        self.folder, self.uid = self._running.folder, self._running.uid
        self._lines = open_lines(self._running.requests, self._running.replies)
        self._looks = Watch(Meter(self._running.number))
        self._begin(json.dumps({**isolation.plan(self.folder, self.uid, seconds), "serves": serves}))
        if runtime:
            self._looks.start()
        if isolation.is_strict:
            threading.Thread(target=self._watch, daemon=True).start()

    def _begin(self, plan: str) -> None:
        try:
            line = self._lines.exchange(plan, self._looks.begin(TO_START))
        except SandboxTimeout as late:
            self.end()
            raise SandboxStartError(f"a sandbox could not be started: {late}") from None
        if line != '{"ready": true}\n':
            self.end()
            raise SandboxStartError(f"a sandbox could not be started: {line.strip() or 'its process ended'}")

    def _watch(self) -> None:
        while not self._ended.wait(BETWEEN_LOOKS):
            try:
                self.overfull = is_too_full(self.folder, FOLDER_BYTES, FOLDER_ENTRIES)
            except OSError:
                self.overfull = True
            if self.overfull:
                self._running.kill()
                break

    def request(self, message: dict[str, Any], bounds: Bounds, subject: str = "") -> dict[str, Any]:
        """Send one message and give the reply; `subject` names in words what is run.

        Raise `SandboxError` if that breaks one of `bounds` or gives no reply, `SandboxTimeout` if it breaks none and
        does not answer. The process is then of no further use.
        """
        try:
            return request(self._lines, message, self._looks.begin(bounds), subject)
        except SandboxError as error:
            if error.failure is Failure.PROCESS_ENDED and self.overfull:
                raise SandboxError(Failure.FOLDER_FULL, subject, FOLDER_BYTES) from None
            if error.failure is Failure.PROCESS_ENDED and self._looks.used_up(self._in_all):
                raise SandboxError(Failure.WORK_IN_ALL, subject, self._in_all) from None
            raise

    @property
    def reply_size(self) -> int:
        """The size of the last reply, in bytes."""
        return self._lines.reply_size

    def end(self) -> None:
        """End the process with everything it started, and remove its folder."""
        if not self._ended.is_set():
            self._ended.set()
            self._running.kill()
            self._lines.close()
            self._running.clear()


class SpawnedProcess:
    """A process of its own with a scratch folder, to be talked to by `requests` and `replies`; raise OSError if none.

    It runs Python, or `runtime` for `seconds` of its time.
    """

    def __init__(self, isolation: Isolation, runtime: Runtime | None = None, seconds: int = 0):
        self.uid = isolation.uid() if runtime else None
        self.folder = make_scratch_folder(self.uid)
        try:
            self._process = subprocess.Popen(
                isolation.starts(runtime, self.folder, self.uid, seconds)
                if runtime
                else isolation.command(self.folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                env=runtime.environment(isolation.environment(self.folder))
                if runtime
                else isolation.environment(self.folder),
                start_new_session=os.name == "posix",
            )
        except BaseException:
            remove_folder(self.folder)
            raise
        assert self._process.stdin and self._process.stdout
        with self._process.stdin as requests, self._process.stdout as replies:
            self.requests, self.replies = os.dup(requests.fileno()), os.dup(replies.fileno())

    def number(self) -> int:
        """The number of the process."""
        return self._process.pid

    def kill(self) -> None:
        """End the process and everything it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def clear(self) -> None:
        """Wait until the process has ended, and remove its folder."""
        self._process.wait()
        remove_folder(self.folder)
