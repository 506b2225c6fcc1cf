"""A call of a student's function that is driven from outside, one statement of its connections at a time."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from graders.labs import EngineError, Result, Session
from graders.labs.opening import encode_outcome
from graders.sandbox.channel import MAX_BYTES
from graders.sandbox.errors import Failure, SandboxError
from graders.sandbox.plain_data import UNREADABLE, NotPlain, decode, encode
from graders.sql import split_statements

MAX_REQUESTS = 2_000
# What a function sends is split and read anew at every call, and there may be hundreds.
MAX_CHARACTERS = 100_000
# A list in a list of rows, and then some; what is nested deeper cannot be passed on.
MAX_DEPTH = 20
OF_MANY_STATEMENTS = {"execute_many", "run_script"}
METHODS = {*OF_MANY_STATEMENTS, "execute", "commit", "rollback", "close", "set_isolation_level"}


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
        self._sessions = [item for item in arguments if isinstance(item, Session)]
        self._closed: set[Session] = set()
        self._requests, self._argument_count = 0, len(arguments)
        self._request: Request | None = None
        self._next: list[Request] = []
        self._changed = 0
        given = [_encode_argument(item, self._sessions) for item in arguments]
        self._go_on({"call": name, "arguments": given})

    def _go_on(self, message: dict[str, Any]) -> None:
        self._request, self._next, self._changed = None, [], 0
        self._reply = self._host.exchange(message, self.words)
        if "ask" in self._reply:
            self._request, *self._next = self._read(self._reply["ask"])
        else:
            self._host.calling = None

    def _read(self, message: Any) -> list[Request]:
        try:
            request = read_request(message, self._sessions, self._closed)
            self._check_length(request)
            each = split_request(request)
        except UNREADABLE:
            raise self._host.fail(Failure.UNREADABLE_REQUEST, self.words) from None
        if request.method == "close":
            self._closed.add(request.session)
        self._requests += len(each)
        if self._requests > MAX_REQUESTS:
            raise self._host.fail(Failure.TOO_MANY_REQUESTS, self.words, MAX_REQUESTS)
        return each

    def _check_length(self, request: Request) -> None:
        if len(request.statement) > MAX_CHARACTERS:
            length = f"{len(request.statement):,}"
            raise self._host.fail(Failure.STATEMENT_TOO_LARGE, self.words, MAX_CHARACTERS, length)

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
            raise self._host.fail(Failure.ROWS_TOO_LARGE, self.words, MAX_BYTES)
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


@dataclass(frozen=True)
class Request:
    """One call that a function makes of its connection: the session, the method, and with what."""

    session: Session
    method: str
    statement: str = ""
    parameters: Any = ()

    def __str__(self) -> str:
        """The statement with its parameters as it reads in a log, cut: "COMMIT" for `connection.commit()`."""
        words = " ".join(self.statement.split()).rstrip("; ") or self.method.upper().replace("_", " ")
        return _cut(words, 300) + (f" with {_format_parameters(self.parameters)}" if self.parameters else "")

    def run(self) -> Result | EngineError:
        """Make the call on the real session; give its result, or the engine's refusal."""
        try:
            return self._run()
        except EngineError as error:
            return error

    def _run(self) -> Result:
        if self.method in ("execute", "execute_many"):
            return getattr(self.session, self.method)(self.statement, self.parameters)
        if self.method == "run_script":
            return self.session.run_script(self.statement)
        given = (self.parameters,) if self.method == "set_isolation_level" else ()
        getattr(self.session, self.method)(*given)
        return Result()


def _format_parameters(parameters: Any) -> str:
    """Parameters as they were given, cut to a readable length."""
    if isinstance(parameters, dict):
        return _cut(", ".join(f"{name} = {value!r}" for name, value in parameters.items()), 60)
    in_order = isinstance(parameters, (list, tuple))
    return _cut(", ".join(map(repr, parameters)) if in_order else repr(parameters), 60)


def _cut(words: str, length: int) -> str:
    return words if len(words) <= length else words[:length] + "…"


def read_request(message: Any, sessions: list[Session], closed: Collection[Session]) -> Request:
    """The request in `message`; raise `ValueError` or another error of bad data if no connection can have sent it."""
    statement, parameters = decode(message["arguments"])
    request = Request(sessions[message["of"]], message["call"], statement, parameters)
    if request.method not in METHODS or not isinstance(statement, str) or request.session in closed:
        raise ValueError("a connection sends nothing else")
    if not _is_nested_at_most(MAX_DEPTH, parameters):
        raise ValueError("parameters in parameters in parameters")
    return request


def _is_nested_at_most(levels: int, value: Any) -> bool:
    if not isinstance(value, (list, tuple, set, frozenset, dict)):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_nested_at_most(levels - 1, item) for item in inside)


def split_request(request: Request) -> list[Request]:
    """What SQLite does for `request`, each of which others may see done without the next: a script and many rows.

    In autocommit each is a transaction of its own; in Python's other modes they stay together.
    """
    session = request.session
    if session.engine != "SQLite" or request.method not in OF_MANY_STATEMENTS:
        return [request]
    if session.state().get("isolation_level", "") is not None:
        return [request]
    if request.method == "run_script":
        commit = [Request(session, "commit")] if session.in_transaction() else []
        statements = split_statements(request.statement, session.engine)
        return [*commit, *(Request(session, "execute", one) for one in statements)] or [request]
    if not isinstance(request.parameters, (list, tuple)) or request.statement.lstrip()[:6].upper() == "SELECT":
        return [request]
    return [Request(session, "execute", request.statement, row) for row in request.parameters] or [request]


def encode_reply(request: Request, outcome: Result | EngineError) -> dict[str, Any]:
    """The reply that carries `outcome` to the function, with what its connection now says of itself."""
    state = {} if request.method == "close" else request.session.state()
    try:
        return encode_outcome(outcome, encode) | {"state": state}
    except NotPlain as kind:
        error = EngineError(request.session.engine, f"values of type {kind} do not pass here", code="NotSupportedError")
        return encode_outcome(error, encode) | {"state": state}
