"""Lets several programs take turns on one thread, a statement at a time, in an order drawn from a seed.

A program is a generator: each `yield` is a moment at which another program may go on. What would be a race between
threads, and come out otherwise each time, comes out the same on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from graders.labs import EngineError

WAITS = "waits"
Program = Generator[str | None, None, object]
T = TypeVar("T")


def patiently(action: Callable[[], T]) -> Generator[str, None, T]:
    """Try `action` until no lock stands in its way, one try a turn; give its value (for `yield from`)."""
    while True:
        try:
            return action()
        except EngineError as refusal:
            if not refusal.busy:
                raise
        yield WAITS


def take_turns(programs: Iterable[Program], seed: int) -> int:
    """Run all the programs to their ends, each turn by one drawn at random; give the number of turns spent waiting."""
    rng, running, waited = random.Random(seed), list(programs), 0
    while running:
        program = rng.choice(running)
        try:
            waited += next(program) == WAITS
        except StopIteration:
            running.remove(program)
    return waited
