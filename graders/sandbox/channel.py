"""Talks with a process in lines over two pipes, in this thread alone: what it says is bounded in size."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import threading
from collections.abc import Callable

MOST_BYTES = 5_000_000
AT_A_TIME = 1 << 16
MILLISECONDS_BETWEEN_LOOKS = 100
Look = Callable[[], None]


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

    def exchange(self, text: str, look: Look) -> str:
        """Send `text` as a line and give the next line it says, at most `MOST_BYTES` of it; empty if it has gone.

        `look` is called ten times a second or more often while there is none; what it raises ends the waiting.
        """
        left = memoryview(text.encode() + b"\n")
        left = left[self._send(left) :]
        while left and not self._gone:
            writable = self._wait(look, writing=True)
            left = left[self._send(left) :] if writable else left
        while not self._gone and not self._has_line():
            self._wait(look)
        return self._line()

    def _has_line(self) -> bool:
        return b"\n" in self._said or len(self._said) >= MOST_BYTES

    def _line(self) -> str:
        end = self._said.find(b"\n") + 1
        line = bytes(self._said[: end or MOST_BYTES])
        del self._said[: len(line)]
        return line.decode("utf-8", "replace") if end or len(line) >= MOST_BYTES else ""

    def _wait(self, look: Look, *, writing: bool = False) -> bool:
        """Wait a little for either pipe, take in what was said, and give whether there is room to write."""
        poll = select.poll()
        full = len(self._said) >= MOST_BYTES
        if not full:
            poll.register(self._from_it, select.POLLIN)
        if writing:
            poll.register(self._to_it, select.POLLOUT)
        ready = dict(poll.poll(MILLISECONDS_BETWEEN_LOOKS))
        look()
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


MOST_UNREAD = 2


class ThreadedLines:
    """What `Lines` is, where `select.poll` knows no pipes (Windows)."""

    def __init__(self, to_it: int, from_it: int):
        self._to_it = os.fdopen(to_it, "wb", buffering=0)
        self._from_it = os.fdopen(from_it, "rb")
        self._lines: queue.Queue[bytes] = queue.Queue(MOST_UNREAD)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(ValueError, OSError):
            while (line := self._from_it.readline(MOST_BYTES)).endswith(b"\n") or len(line) == MOST_BYTES:
                self._lines.put(line)
        self._lines.put(b"")

    def exchange(self, text: str, look: Look) -> str:
        """Send `text` as a line and give the next line; see `Lines.exchange`."""
        threading.Thread(target=self._send, args=(text.encode() + b"\n",), daemon=True).start()
        line = self._next(look)
        if not line:
            self._lines.put(line)
        return line.decode("utf-8", "replace")

    def _next(self, look: Look) -> bytes:
        while True:
            with contextlib.suppress(queue.Empty):
                return self._lines.get(timeout=MILLISECONDS_BETWEEN_LOOKS / 1000)
            look()

    def _send(self, line: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._to_it.write(line)

    def close(self) -> None:
        """Let go of both pipes, once the process has ended."""
        with contextlib.suppress(OSError, ValueError):
            self._to_it.close()
            self._from_it.close()
