"""How much of what a student wrote is run: processor time, waiting, and the statements of one call."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

MAX_SECONDS_IN_ALL, MAX_SECONDS_ASLEEP, FAR_NET = 600, 30, 300
# What one call of a function may send its database.
MAX_STATEMENTS = 2_000
# It is split and read anew at every call, and there may be hundreds.
MAX_CHARACTERS = 100_000


@dataclass(frozen=True)
class Bounds:
    """What a process may take, in seconds.

    `work` bounds the processor time of one request and `in_all` that of all of them; `asleep` the time, in all of them,
    in which it waits of its own accord. `net` is what the clock may show before it is given up with nobody to blame.
    """

    work: float = inf
    in_all: float = MAX_SECONDS_IN_ALL
    asleep: float = MAX_SECONDS_ASLEEP
    net: float = FAR_NET


PYTHON_BOUNDS = Bounds(work=5, in_all=30)
# Java compiles and warms up within the first call.
RUNTIME_BOUNDS = {"javascript": Bounds(work=5, in_all=15), "java": Bounds(work=15, in_all=45)}
RUNTIME_BOUNDS["shell"] = Bounds(work=20, in_all=40, asleep=10)
# An engine has nothing to wait for: one that sleeps is none of the answer's doing.
ENGINE_BOUNDS = Bounds(work=30, in_all=120, asleep=inf)
# A first start reads libraries from a cold disk.
TRIAL_BOUNDS = Bounds(work=20, in_all=30)
