"""The statements that a student's function sends its database: read, bounded, counted, split, and run one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graders.labs import EngineError, Result, Session
from graders.labs.lab_server import encode_outcome
from graders.sandbox.errors import Failure, SandboxError
from graders.sandbox.limits import MAX_CHARACTERS, MAX_STATEMENTS
from graders.sandbox.plain_data import UNREADABLE, NotPlain, decode, encode
from graders.sql import split_statements

# A list in a list of rows, and then some; what is nested deeper cannot be passed on.
MAX_DEPTH = 20
OF_MANY_STATEMENTS = {"execute_many", "run_script"}
METHODS = {*OF_MANY_STATEMENTS, "execute", "commit", "rollback", "close", "set_isolation_level"}


class StatementCounter:
    """Reads what the connections to `sessions` send in one call of a function, and counts it.

    `fail(failure, limit, detail)` ends the function and gives the error to be raised.
    """

    def __init__(self, sessions: list[Session], fail: Callable[[Failure, float, str], SandboxError]):
        self._sessions = sessions
        self._fail = fail
        self._closed: set[Session] = set()
        self._count = 0

    def read(self, message: Any) -> list[Request]:
        """What `message` sends, each statement by itself; raise what `fail` gives if it breaks a limit."""
        try:
            request = self._read_request(message)
            self._check_length(request)
            each = split_request(request)
        except UNREADABLE:
            raise self._fail(Failure.UNREADABLE_REQUEST, 0, "") from None
        if request.method == "close":
            self._closed.add(request.session)
        self._count += len(each)
        if self._count > MAX_STATEMENTS:
            raise self._fail(Failure.TOO_MANY_REQUESTS, MAX_STATEMENTS, "")
        return each

    def _read_request(self, message: Any) -> Request:
        """The request in `message`; raise an error of bad data if no connection can have sent it."""
        statement, parameters = decode(message["arguments"])
        request = Request(self._sessions[message["of"]], message["call"], statement, parameters)
        if request.method not in METHODS or not isinstance(statement, str) or request.session in self._closed:
            raise ValueError("a connection sends nothing else")
        if not _is_nested_at_most(MAX_DEPTH, parameters):
            raise ValueError("parameters in parameters in parameters")
        return request

    def _check_length(self, request: Request) -> None:
        length = len(request.statement)
        if length > MAX_CHARACTERS:
            raise self._fail(Failure.STATEMENT_TOO_LARGE, MAX_CHARACTERS, f"{length:,}")


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
