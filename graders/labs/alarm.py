"""Rings when this process has used so much processor time; how late it is, or how busy the machine, does not matter."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

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
