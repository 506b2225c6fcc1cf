"""Bounds the work that one answer may cause in all its labs together."""

from __future__ import annotations

from collections.abc import Iterator
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
