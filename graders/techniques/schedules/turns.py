"""Programs that take turns drawn at random, and try again where they meet a lock."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from graders.labs import EngineError

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
