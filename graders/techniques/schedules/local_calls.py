"""Calls of a function of this very process, driven statement by statement: for a lesson's own demonstrations."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Result, Session
from graders.sandbox import Asked
from graders.sandbox.wire_duck import Connection as DuckDBWire
from graders.sandbox.wire_sqlite import Connection as SQLiteWire
from graders.sandbox.wires import read_request, state, told

WIRES = {"SQLite": SQLiteWire, "DuckDB": DuckDBWire}
MAX_SECONDS, BETWEEN_LOOKS = 20, 0.1


class _Cut(BaseException):
    """The function's connection is gone and the function with it."""


class LocalCall:
    """A function in a thread of its own, with wires for sessions: what `Call` is for a function in a box.

    Only a function that we wrote, or that runs in its author's notebook, is called in this way.
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]):
        self._said = f"`{getattr(function, '__name__', 'function')}`"
        self._sessions = [item for item in arguments if isinstance(item, Session)]
        self._asked: Asked | None = None
        self._error: BaseException | None = None
        self._value: Any = None
        self._from, self._to = queue.SimpleQueue(), queue.SimpleQueue()
        threading.Thread(target=self._work, args=(function, arguments), daemon=True).start()
        self._listen()

    def _work(self, function, arguments):
        try:
            self._value = function(*[self._given(item) for item in arguments])
        except _Cut:
            return
        except BaseException as error:
            self._error = error
        self._from.put(None)

    def _given(self, value):
        if not isinstance(value, Session):
            return value
        return WIRES[value.engine](self._sessions.index(value), state(value), self._exchange)

    def _exchange(self, message):
        self._from.put(message)
        reply = self._to.get()
        if reply is None:
            self._to.put(None)
            raise _Cut
        return reply

    def _listen(self):
        message = self._next()
        self._asked = read_request(message, self._sessions, ()) if message else None

    def _next(self):
        """What the function asks next; None when it has ended. Only the work of this process counts, never a wait."""
        began = time.process_time()
        while time.process_time() - began < MAX_SECONDS:
            with contextlib.suppress(queue.Empty):
                return self._from.get(timeout=BETWEEN_LOOKS)
        raise Mismatch(f"{self._said} to end within {MAX_SECONDS} s of processor time", "it was still running")

    def waiting(self) -> Asked | None:
        """The next thing the function asks of its database; None when the function has ended."""
        return self._asked

    def hand_back(self, outcome: Result | EngineError) -> None:
        """Have what the function asks give this result, or raise this error."""
        self._to.put(told(self._asked, outcome))
        self._listen()

    def abandon(self) -> None:
        """Cut the function off: whatever it asks from now on ends it."""
        if self._asked:
            self._asked = None
            self._to.put(None)

    def raised(self) -> str:
        """The exception that ended the function, in words; "" if none did."""
        return f"`{type(self._error).__name__}: {self._error}`" if self._error else ""

    def value(self) -> Any:
        """What the function gave."""
        return self._value
