"""The cores of the machine, and what a process with all that it started takes of them, or whether it sleeps."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

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
