"""Time as a function sees it whose statements are interleaved with others': a sleep costs none, and the clocks go on.

To sleep is then to wait for a lock that is freed by whoever moves next, never by the clock. It runs inside the sandbox:
it may import nothing of the course.
"""

import contextlib
import time

CLOCKS = ("time", "monotonic", "perf_counter")


class Clock:
    """Stands before the functions of `time` once it is installed; outside of `virtual` all go on as ever."""

    def __init__(self):
        self._sleep = time.sleep
        self._ahead = 0.0
        self._virtual = False

    def install(self):
        """Replace the clocks of this process, and `sleep`."""
        time.sleep = self.sleep
        for name in CLOCKS:
            setattr(time, name, self._moved(getattr(time, name), 1))
            setattr(time, f"{name}_ns", self._moved(getattr(time, f"{name}_ns"), 1_000_000_000))

    def _moved(self, read, unit):
        def now():
            return read() + type(read())(self._ahead * unit)

        return now

    def sleep(self, seconds, /):
        """Have every clock go on by `seconds` at once or, outside of `virtual`, sleep."""
        if not self._virtual or not seconds > 0:
            return self._sleep(seconds)
        self._ahead += float(seconds)
        return None

    @contextlib.contextmanager
    def virtual(self):
        """Let nobody sleep inside the `with`."""
        self._virtual = True
        try:
            yield
        finally:
            self._virtual = False
