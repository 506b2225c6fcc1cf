"""Talks with a process in lines over two pipes: what it says is bounded in size and in time, in this thread alone."""

from __future__ import annotations

import os
import select
import time

MOST_BYTES = 5_000_000
AT_A_TIME = 1 << 16


class Lines:
    """A conversation over the file descriptors `to_it` and `from_it`, which become non-blocking and ours to close.

    A process that does not listen, or says more than it was asked, keeps nobody waiting and fills no memory.
    """

    def __init__(self, to_it: int, from_it: int):
        self._to_it = to_it
        self._from_it = from_it
        self._said = bytearray()
        self._gone = False
        for end in (to_it, from_it):
            os.set_blocking(end, False)

    def exchange(self, text: str, seconds: float) -> str:
        """Send `text` as a line and give the next line it says, at most `MOST_BYTES` of it; empty if it has gone.

        Raise `TimeoutError` after `seconds`.
        """
        until = time.monotonic() + seconds
        left = memoryview(text.encode() + b"\n")
        left = left[self._send(left) :]
        while left and not self._gone:
            writable = self._wait(until, writing=True)
            left = left[self._send(left) :] if writable else left
        while not self._gone and not self._has_line():
            self._wait(until)
        return self._line()

    def _has_line(self) -> bool:
        return b"\n" in self._said or len(self._said) >= MOST_BYTES

    def _line(self) -> str:
        end = self._said.find(b"\n") + 1
        line = bytes(self._said[: end or MOST_BYTES])
        del self._said[: len(line)]
        return line.decode("utf-8", "replace") if end or len(line) >= MOST_BYTES else ""

    def _wait(self, until: float, *, writing: bool = False) -> bool:
        """Wait for either pipe, take in what was said, and give whether there is room to write."""
        poll = select.poll()
        full = len(self._said) >= MOST_BYTES
        if not full:
            poll.register(self._from_it, select.POLLIN)
        if writing:
            poll.register(self._to_it, select.POLLOUT)
        ready = dict(poll.poll(max(0, until - time.monotonic()) * 1000))
        if not ready:
            raise TimeoutError
        if self._from_it in ready:
            self._hear()
        return self._to_it in ready

    def _hear(self) -> None:
        try:
            said = os.read(self._from_it, AT_A_TIME)
        except BlockingIOError:
            return
        self._said += said
        self._gone = not said

    def _send(self, left: memoryview) -> int:
        try:
            return os.write(self._to_it, left[:AT_A_TIME])
        except BlockingIOError:
            return 0
        except OSError:
            # It no longer listens; what it said before it went is still heard.
            return len(left)

    def close(self) -> None:
        """Close both pipes."""
        os.close(self._to_it)
        os.close(self._from_it)
