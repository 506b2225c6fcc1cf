"""Bounds the work that one answer may cause in all its labs together; processor time is counted, never the clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

STEPS, SECONDS = 500_000_000, 60


class Allowance:
    """What is left to one answer: steps on SQLite, seconds of processor time on DuckDB, which counts no steps."""

    def __init__(self, steps: float = float("inf"), seconds: float = float("inf")):
        self.steps = steps
        self.seconds = seconds


_CURRENT: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def bounded_work(given: Allowance | None = None) -> Iterator[Allowance]:
    """Let the labs that are opened inside share what is `given`; a bound that stands already is kept."""
    allowance = _CURRENT.get() or given or Allowance(STEPS, SECONDS)
    token = _CURRENT.set(allowance)
    try:
        yield allowance
    finally:
        _CURRENT.reset(token)


def allowance() -> Allowance:
    """What a lab that is opened here may use: without end outside `bounded_work`."""
    return _CURRENT.get() or Allowance()


LEAST_WAIT = 0.01


class Alarm:
    """Calls `ring`, in a thread of its own, once `seconds` of processor time have been used inside the `with`."""

    def __init__(self, seconds: float, ring: Callable[[], None]):
        self._seconds, self._ring = seconds, ring
        self._over = threading.Event()

    def used(self) -> float:
        """The processor time since the `with` was entered."""
        return time.process_time() - self._began

    def _wait(self) -> None:
        while (left := self._seconds - self.used()) > 0:
            if self._over.wait(max(left, LEAST_WAIT)):
                return
        self._ring()

    def __enter__(self) -> Alarm:
        self._began = time.process_time()
        threading.Thread(target=self._wait, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
