"""Watches one request to a process: what counts is the work that it does, and the clock is only a far net."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from graders.sandbox.errors import SandboxTimeout
from graders.sandbox.limits import Bounds

SECONDS_BETWEEN_LOOKS = 0.1
# Of the time between two looks so much may have been work in something that sleeps.
MAX_SHARE_OF_WORK = 0.1


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
        first = self._used if self._first is None else self._first
        spent = {"work": self._used - first, "in_all": self._used - self._before, "asleep": self._asleep}
        for bound, seconds in spent.items():
            if seconds > getattr(self._bounds, bound):
                raise Overrun(bound, getattr(self._bounds, bound))
        if passed > self._bounds.net:
            worked = f"it could work for {spent['work']:.1f} s of {self._bounds.net:g}"
            raise SandboxTimeout(f"it did not end, but {worked}: this computer is too busy, or the process was stopped")


SLEEPING = {"S", "Z", "X"}


class Meter:
    """Reads the process whose number `find` gives, with its descendants; of one that has gone, the last reading stands.

    It is looked for only when it is read for the first time: most requests are answered before anybody looks.
    """

    def __init__(self, find: Callable[[], int]):
        self._find = find
        self._root: psutil.Process | None = None
        self._seconds = 0.0

    def _tree(self) -> list[psutil.Process]:
        try:
            self._root = self._root or psutil.Process(self._find())
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []

    def seconds(self) -> float:
        """The processor time that has been used, in every thread of every process."""
        self._seconds = max(self._seconds, sum(map(_seconds, self._tree())))
        return self._seconds

    def asleep(self) -> bool:
        """Whether it waits of its own accord: no thread runs, is ready to run, is stopped or waits for a disk.

        A machine that is too busy cannot make it look so. Only Linux tells; elsewhere the answer is no.
        """
        states = {state for process in self._tree() for state in _states(process.pid)}
        return bool(states) and states <= SLEEPING


def _seconds(process: psutil.Process) -> float:
    """What a process has used, with those that it started and that have ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def _states(pid: int) -> list[str]:
    """The state of each thread, in the letters of proc(5); "?" where it cannot be read."""
    if sys.platform != "linux":
        return ["?"]
    try:
        lines = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:
        return ["?"]
    return [line.rpartition(")")[2].split()[0] for line in lines] or ["?"]


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
