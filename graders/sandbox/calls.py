"""A call of a student's function that is driven from outside, one statement of its connections at a time."""

from __future__ import annotations

import json
from typing import Any, Protocol

from graders.labs import EngineError, Result, Session
from graders.sandbox.channel import MAX_BYTES
from graders.sandbox.errors import Failure, SandboxError
from graders.sandbox.plain_data import UNREADABLE, decode, encode
from graders.sandbox.student_statements import Request, StatementCounter, encode_reply


class CallHost(Protocol):
    """Where a function runs that is called message by message: a `Sandbox`, or a thread of this process."""

    calling: Call | None

    def exchange(self, message: dict[str, Any], subject: str) -> dict[str, Any]:
        """Send one message and give the reply to it; raise `SandboxError` if there is none."""

    def fail(self, failure: Failure, subject: str, limit: float = 0, detail: str = "") -> SandboxError:
        """End the function for good and give the error to be raised."""

    def restart(self) -> None:
        """End the function at whatever it does."""


class Call:
    """A function that runs in its sandbox and stands still whenever it sends its database a request.

    The `Session`s among its arguments reach it as connections; they stay open when it ends, so that what it left in
    the database can be seen. Every method raises `SandboxError` if the function breaks a limit.
    """

    def __init__(self, host: CallHost, name: str, arguments: tuple[Any, ...]):
        self.words = format_call(name, arguments)
        self._host = host
        sessions = [item for item in arguments if isinstance(item, Session)]
        self._counter = StatementCounter(sessions, self._fail)
        self._argument_count = len(arguments)
        self._request: Request | None = None
        self._next: list[Request] = []
        self._changed = 0
        given = [_encode_argument(item, sessions) for item in arguments]
        self._go_on({"call": name, "arguments": given})

    def _go_on(self, message: dict[str, Any]) -> None:
        self._request, self._next, self._changed = None, [], 0
        self._reply = self._host.exchange(message, self.words)
        if "ask" in self._reply:
            self._request, *self._next = self._counter.read(self._reply["ask"])
        else:
            self._host.calling = None

    def _fail(self, failure: Failure, limit: float, detail: str = "") -> SandboxError:
        return self._host.fail(failure, self.words, limit, detail)

    def waiting(self) -> Request | None:
        """What the function sends its database next; None when the function has ended."""
        return self._request

    def answer(self) -> None:
        """Run the request on the real session, and hand back what came of it: rows, or the engine's error."""
        self.hand_back(self._current_request().run())

    def hand_back(self, outcome: Result | EngineError) -> None:
        """Have the function's request give this result, or raise this error, whoever ran it."""
        request = self._current_request()
        if isinstance(outcome, Result) and self._next:
            self._changed += max(0, outcome.changed)
            self._request = self._next.pop(0)
            return
        if isinstance(outcome, Result) and self._changed:
            outcome = Result(changed=self._changed + max(0, outcome.changed))
        reply = encode_reply(request, outcome)
        if len(json.dumps(reply)) > MAX_BYTES:
            raise self._fail(Failure.ROWS_TOO_LARGE, MAX_BYTES)
        self._go_on(reply)

    def _current_request(self) -> Request:
        if self._request is None:
            raise RuntimeError(f"{self.words} waits for nothing: it has ended")
        return self._request

    def abandon(self) -> None:
        """End the process that the function runs in, as a power cut would; nothing in the function can prevent it."""
        if self._request:
            self._request = None
            self._host.restart()

    def raised(self) -> str:
        """The exception that ended the function, with its line, as a student would read it; "" if none did."""
        return format_exception(self._reply) if "error" in self._reply else ""

    def value(self) -> Any:
        """What the function gave; raise `SandboxError` if it raised an exception or gave no plain data."""
        if self.raised():
            raise SandboxError(Failure.CALL_RAISED, self.words, detail=self.raised())
        return read_value(self._reply, self.words)

    def changed(self) -> list[int]:
        """The positions of the arguments that the function changed; none of a function that was given a session."""
        places = self._reply.get("changed")
        return [place for place in range(self._argument_count) if isinstance(places, list) and place in places]


def _encode_argument(value: Any, sessions: list[Session]) -> Any:
    if isinstance(value, Session):
        return {"session": sessions.index(value), "engine": value.engine, "state": value.state()}
    return encode(value)


def format_call(name: str, arguments: tuple[Any, ...]) -> str:
    """The call as a student would write it, cut to a readable length."""
    words = ", ".join("connection" if isinstance(item, Session) else repr(item) for item in arguments)
    return f"`{name}({words if len(words) <= 160 else words[:160] + '…'})`"


def format_exception(reply: dict) -> str:
    """What a sandbox tells of an exception, as a phrase: its type, its words, the line of the student's cell.

    In there it may have been forged, so nothing about it is taken for granted.
    """
    line = f" in line {reply['line']} of your cell" if isinstance(reply.get("line"), int) else ""
    words = ": ".join(text for text in read_texts([reply["error"], reply.get("words")]) if text)
    return f"`{words or 'an error'}`{line}"


def read_texts(value: Any) -> list[str]:
    """The texts in a list that a sandbox gave, each cut to what an error may say."""
    return [text[:500] for text in value[:20] if isinstance(text, str)] if isinstance(value, list) else []


def read_value(
    reply: dict[str, Any],
    subject: str,
    not_plain: Failure = Failure.VALUE_NOT_PLAIN,
    ellipsis: Failure = Failure.VALUE_ELLIPSIS,
) -> Any:
    """The plain data in `reply`; raise `SandboxError` with one of these failures if there are none."""
    try:
        return decode(reply["value"])
    except UNREADABLE:
        kind = str(reply.get("unplain", "something unreadable"))[:60]
        raise SandboxError(ellipsis if kind == "ellipsis" else not_plain, subject, detail=kind) from None
