"""Talks with a process in lines over two pipes, in this thread alone: what it says is bounded in size."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import threading
from collections.abc import Callable
from typing import Any

from graders.sandbox.errors import Failure, SandboxError
from graders.sandbox.watchdog import Overrun

MAX_BYTES = 5_000_000
AT_A_TIME = 1 << 16
MILLISECONDS_BETWEEN_LOOKS = 100
Look = Callable[[], None]
BROKEN_BOUNDS = {"work": Failure.WORK, "in_all": Failure.WORK_IN_ALL, "asleep": Failure.ASLEEP}


def request(lines: Lines | ThreadedLines, message: dict[str, Any], look: Look, subject: str = "") -> dict[str, Any]:
    """Send `message` and give the reply, a JSON object each: the one way in which code elsewhere is called.

    A message names a method and its arguments as plain data; see `in_sandbox/serve.py` for the other end. `look` is
    called while there is no reply. Raise `SandboxError` if it raises `Overrun`, or if none, or nothing readable, comes.
    """
    try:
        line = lines.exchange(json.dumps(message), look)
    except Overrun as overrun:
        raise SandboxError(BROKEN_BOUNDS[overrun.bound], subject, overrun.limit) from None
    if not line:
        raise SandboxError(Failure.PROCESS_ENDED, subject)
    if len(line) >= MAX_BYTES:
        raise SandboxError(Failure.REPLY_TOO_LARGE, subject, MAX_BYTES)
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        reply = None
    if not isinstance(reply, dict):
        raise SandboxError(Failure.UNREADABLE_REPLY, subject)
    return reply


class Lines:
    """A conversation over the file descriptors `to_it` and `from_it`, which become non-blocking and ours to close.

    A process that does not listen, or says more than it was asked, keeps nobody waiting and fills no memory.
    `reply_size` is that of the last line, in bytes.
    """

    def __init__(self, to_it: int, from_it: int):
        self._to_it = to_it
        self._from_it = from_it
        self._buffer = bytearray()
        self.reply_size = 0
        self._ended = self._closed = False
        for end in (to_it, from_it):
            os.set_blocking(end, False)

    def exchange(self, text: str, look: Look) -> str:
        """Send `text` as a line and give the next line it says, at most `MAX_BYTES` of it; empty if it has gone.

        `look` is called ten times a second or more often while there is none; what it raises ends the waiting.
        """
        left = memoryview(text.encode() + b"\n")
        left = left[self._send(left) :]
        while left and not self._ended:
            writable = self._wait(look, writing=True)
            left = left[self._send(left) :] if writable else left
        while not self._ended and not self._has_line():
            self._wait(look)
        return self._line()

    def _has_line(self) -> bool:
        return b"\n" in self._buffer or len(self._buffer) >= MAX_BYTES

    def _line(self) -> str:
        end = self._buffer.find(b"\n") + 1
        line = bytes(self._buffer[: end or MAX_BYTES])
        del self._buffer[: len(line)]
        self.reply_size = len(line)
        return line.decode("utf-8", "replace") if end or len(line) >= MAX_BYTES else ""

    def _wait(self, look: Look, *, writing: bool = False) -> bool:
        """Wait a little for either pipe, read what there is, and give whether there is room to write."""
        poll = select.poll()
        full = len(self._buffer) >= MAX_BYTES
        if not full:
            poll.register(self._from_it, select.POLLIN)
        if writing:
            poll.register(self._to_it, select.POLLOUT)
        ready = dict(poll.poll(MILLISECONDS_BETWEEN_LOOKS))
        look()
        if self._from_it in ready:
            self._receive()
        return self._to_it in ready

    def _receive(self) -> None:
        try:
            received = os.read(self._from_it, AT_A_TIME)
        except BlockingIOError:
            return
        self._buffer += received
        self._ended = not received

    def _send(self, left: memoryview) -> int:
        try:
            return os.write(self._to_it, left[:AT_A_TIME])
        except BlockingIOError:
            return 0
        except OSError:
            # It no longer listens; what it wrote before it went is still read.
            return len(left)

    def close(self) -> None:
        """Close both pipes; closing twice does nothing."""
        if not self._closed:
            self._closed = True
            os.close(self._to_it)
            os.close(self._from_it)


MAX_UNREAD = 2


class ThreadedLines:
    """What `Lines` is, where `select.poll` knows no pipes (Windows)."""

    def __init__(self, to_it: int, from_it: int):
        self._to_it = os.fdopen(to_it, "wb", buffering=0)
        self._from_it = os.fdopen(from_it, "rb")
        self.reply_size = 0
        self._lines: queue.Queue[bytes] = queue.Queue(MAX_UNREAD)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(ValueError, OSError):
            while (line := self._from_it.readline(MAX_BYTES)).endswith(b"\n") or len(line) == MAX_BYTES:
                self._lines.put(line)
        self._lines.put(b"")

    def exchange(self, text: str, look: Look) -> str:
        """Send `text` as a line and give the next line; see `Lines.exchange`."""
        threading.Thread(target=self._send, args=(text.encode() + b"\n",), daemon=True).start()
        line = self._next(look)
        self.reply_size = len(line)
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


def open_lines(to_it: int, from_it: int) -> Lines | ThreadedLines:
    """The conversation over these file descriptors that this system can have.

    Windows cannot poll pipes; elsewhere threads would cost two for each sandbox, and wait for ever for a pipe that a
    stray process of the answer's holds open. So there are two kinds.
    """
    return (ThreadedLines if os.name == "nt" else Lines)(to_it, from_it)
