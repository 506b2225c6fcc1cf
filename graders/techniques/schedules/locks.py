"""A lock met once at each statement of a call that can meet one, as if another program held it at that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from graders.labs import EngineError, SharedLab
from graders.sandbox import Request, SandboxedFunction
from graders.techniques.schedules.calls import CallRecord, Series, State, observe_each, run_call

MAX_LOCKS = 12
SHARED, RESERVED, EXCLUSIVE = 1, 2, 3
NEEDED = {
    **dict.fromkeys(("SELECT", "WITH", "VALUES"), SHARED),
    **dict.fromkeys(("INSERT", "UPDATE", "DELETE", "REPLACE"), RESERVED),
    **dict.fromkeys(("COMMIT", "END"), EXCLUSIVE),
}


def make_busy_error() -> EngineError:
    """What SQLite says of a lock that another connection holds."""
    return EngineError("SQLite", "database is locked", code="SQLITE_BUSY")


class OneLock:
    """Another program's lock, in the way of the statement with the number `place` among those that can meet one.

    On SQLite a statement can meet a lock if it needs a stronger one than its transaction holds.
    Source: https://www.sqlite.org/lockingv3.html
    """

    def __init__(self, place: int):
        self._place = place
        self._held = 0

    def refuse(self, request: Request) -> EngineError | None:
        """The error that `request` meets, if it does."""
        if not request.session.in_transaction():
            self._held = 0
        needed = _lock_needed(request)
        if needed > self._held and not (needed == EXCLUSIVE and self._held < RESERVED):
            self._place -= 1
            if self._place == -1:
                return make_busy_error()
        self._held = max(self._held, needed)
        return None


def _lock_needed(request: Request) -> int:
    """The strongest lock that `request` needs; a deferred BEGIN needs none, nor does a SELECT that reads no table."""
    first, *rest = str(request).upper().split()
    if first == "BEGIN":
        return RESERVED if {"IMMEDIATE", "EXCLUSIVE"} & set(rest) else 0
    if first == "SELECT" and "FROM" not in rest:
        return 0
    return NEEDED.get(first, 0)


def meet_each_lock(
    lab: SharedLab, function: SandboxedFunction, *arguments: Any, read: Callable[[SharedLab], State]
) -> Series[CallRecord[State]]:
    """Call `function` as often as it has statements that can meet a lock, each time on the first rows of `lab`.

    The first call meets one at the first of these statements, the second at the second; nobody holds a lock for long.
    """

    def call_each() -> Iterator[CallRecord[State]]:
        for place in count():
            lab.rewind()
            record = run_call(lab, function, *arguments, read=read, refuse=OneLock(place).refuse)
            if not record.refused or place >= MAX_LOCKS:
                return
            yield record

    return observe_each(lambda record: record, call_each())
