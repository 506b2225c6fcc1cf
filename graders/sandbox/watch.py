"""Watches one request to a process: what counts is the work that it does, and the clock is only a far net."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from graders.sandbox.isolation import SandboxTimeout
from graders.sandbox.meter import Meter

SECONDS_BETWEEN_LOOKS = 0.1
MAX_SECONDS_IN_ALL, MAX_SECONDS_ASLEEP, FAR_NET = 600, 30, 300
# Of the time between two looks so much may have been work in something that sleeps.
MAX_SHARE_OF_WORK = 0.1


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


class Overrun(Exception):
    """A process broke a bound: `bound` is its name, `limit` the seconds."""

    def __init__(self, bound: str, limit: float):
        super().__init__(f"more than {limit:g} s ({bound})")
        self.bound = bound
        self.limit = limit


class Watch:
    """Looks at a process while a request to it is not answered; what is done before the first look is not counted."""

    def __init__(self, meter: Meter):
        self._meter = meter
        self._before = self._used = self._asleep = 0.0
        self.begin(Bounds())

    def begin(self, bounds: Bounds) -> Callable[[], None]:
        """Begin to watch a request within `bounds`, and give what is to be called while it is not answered."""
        self._bounds = bounds
        self._began = self._looked = time.monotonic()
        self._first: float | None = None
        self._slept = False
        return self.look

    def start(self) -> None:
        """Count nothing of the work that has been done so far."""
        self._before = self._meter.seconds()

    def used_up(self, in_all: float) -> bool:
        """Whether the processor time for all requests together has been used."""
        return self._meter.seconds() - self._before >= in_all

    def look(self) -> None:
        """Raise `Overrun` if a bound is broken, `SandboxTimeout` at the clock's far net; most calls do nothing."""
        now = time.monotonic()
        since = now - self._looked
        if since >= SECONDS_BETWEEN_LOOKS:
            self._looked = now
            self._read(since)
            self._judge(now - self._began)

    def _read(self, since: float) -> None:
        used = self._meter.seconds()
        self._first = used if self._first is None else self._first
        slept, self._slept = self._slept, self._meter.asleep()
        if slept and self._slept and used - self._used <= MAX_SHARE_OF_WORK * since:
            # A look that comes late has not seen what was in between.
            self._asleep += min(since, 2 * SECONDS_BETWEEN_LOOKS)
        self._used = used

    def _judge(self, passed: float) -> None:
        spent = {"work": self._used - self._first, "in_all": self._used - self._before, "asleep": self._asleep}
        for bound, seconds in spent.items():
            if seconds > getattr(self._bounds, bound):
                raise Overrun(bound, getattr(self._bounds, bound))
        if passed > self._bounds.net:
            worked = f"it could work for {spent['work']:.1f} s of {self._bounds.net:g}"
            raise SandboxTimeout(f"it did not end, but {worked}: this computer is too busy, or the process was stopped")
