"""A process that is started for one sandbox alone: a Python where no isolation is, or another program anywhere."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

from graders.sandbox.isolation import Isolation
from graders.sandbox.runtime import Runtime
from graders.sandbox.scratch import made_scratch, removed


class Spawned:
    """A process of its own with a scratch folder, to be talked to by `requests` and `replies`; raise OSError if none.

    It runs Python, or `runtime` for `seconds` of its time.
    """

    def __init__(self, isolation: Isolation, runtime: Runtime | None = None, seconds: int = 0):
        self.uid = isolation.uid() if runtime else None
        self.folder = made_scratch(self.uid)
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
            removed(self.folder)
            raise
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
        removed(self.folder)
