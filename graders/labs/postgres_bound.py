"""Sees when a call to PostgreSQL has taken more than it may: work and sleep are counted, and the clock is a far net."""

from __future__ import annotations

import time

from graders.labs.postgres_server import Server

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
