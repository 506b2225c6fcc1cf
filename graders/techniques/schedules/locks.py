"""Locks met on purpose: at each statement of a call, and by programs that take turns and try again at a lock."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import count
from typing import Any, TypeVar

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


LOCKED = "locked"
Value = TypeVar("Value")
Program = Generator[str | None, None, object]


def retry_while_locked(action: Callable[[], Value]) -> Generator[str, None, Value]:
    """Try `action` until no lock is in its way, once a turn of `take_turns`, and give its value.

    people = yield from retry_while_locked(lambda: door.execute("BEGIN IMMEDIATE"))
    """
    while True:
        try:
            return action()
        except EngineError as refusal:
            if not refusal.busy:
                raise
        yield LOCKED


def take_turns(programs: Iterable[Program], seed: int) -> int:
    """Run all programs to their ends, each turn by one drawn from `seed`; give the number of turns spent waiting.

    A program is a generator: each `yield` is a moment at which another program may go on. What would be a race
    between threads, and end differently each time, ends the same on every machine.
    """
    rng, running, waits = random.Random(seed), list(programs), 0
    while running:
        program = rng.choice(running)
        try:
            waits += next(program) == LOCKED
        except StopIteration:
            running.remove(program)
    return waits
