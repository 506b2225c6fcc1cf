"""The same conversation in lines for systems whose pipes cannot be polled: two threads wait instead."""

from __future__ import annotations

import contextlib
import os
import queue
import threading

from graders.sandbox.lines import MILLISECONDS_BETWEEN_LOOKS, MOST_BYTES, Look

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
