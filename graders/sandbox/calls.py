"""A call of a student's function that is driven from outside, one statement of its wires at a time."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Result, Session
from graders.sandbox.channel import MOST_BYTES
from graders.sandbox.plain_data import UNREADABLE, NotPlain, decode, encode
from graders.sql import split_statements

MOST_ASKED = 2_000
# What a function sends is split and read anew at every call, and there may be hundreds.
MAX_CHARACTERS = 100_000


class CallHost(Protocol):
    """Where a function runs that is called message by message: a `Sandbox`, or a thread of this process."""

    calling: Call | None

    def exchange(self, message: dict, said: str) -> dict:
        """Send one message and give the reply to it."""

    def value(self, reply: dict, said: str) -> Any:
        """The plain data in `reply`; raise `Mismatch` if there are none."""

    def over(self, expected: str, found: str) -> Mismatch:
        """End the function for good and give the reason, to be raised."""

    def start_again(self) -> None:
        """End the function at whatever it does."""


class Call:
    """A function that runs in its sandbox and stands still whenever it asks something of its database.

    The `Session`s among its arguments reach it as wires; they stay open when it ends, so that what it left behind
    can be seen. Every method raises `Mismatch`, in words a student can read, if the function breaks a limit.
    """

    def __init__(self, sandbox: CallHost, name: str, arguments: tuple[Any, ...]):
        self.said = said(name, arguments)
        self._box = sandbox
        self._sessions = [item for item in arguments if isinstance(item, Session)]
        self._closed: set[Session] = set()
        self._times, self._given = 0, len(arguments)
        self._left: list[Asked] = []
        self._changed = 0
        given = [_argument(item, self._sessions) for item in arguments]
        self._go_on({"call": name, "arguments": given})

    def _go_on(self, message: dict[str, Any]) -> None:
        self._asked, self._left, self._changed = None, [], 0
        self._reply = self._box.exchange(message, self.said)
        if "ask" in self._reply:
            self._asked, *self._left = self._read(self._reply["ask"])
        else:
            self._box.calling = None

    def _read(self, request: Any) -> list[Asked]:
        try:
            asked = read_request(decode(request), self._sessions, self._closed)
            self._must_be_short(asked)
            each = one_by_one(asked)
        except UNREADABLE:
            raise self._box.over(f"{self.said} to ask its database in plain data", "something unreadable") from None
        if asked.do == "close":
            self._closed.add(asked.session)
        self._times += len(each)
        if self._times > MOST_ASKED:
            raise self._box.over(f"{self.said} to ask its database {MOST_ASKED:,} times at most", "it asked more often")
        return each

    def _must_be_short(self, asked: Asked) -> None:
        if len(asked.statement) > MAX_CHARACTERS:
            expected = f"{self.said} to send SQL of at most {MAX_CHARACTERS:,} characters at once"
            raise self._box.over(expected, f"one of {len(asked.statement):,}")

    def waiting(self) -> Asked | None:
        """The next thing the function asks of its database; None when the function has ended."""
        return self._asked

    def answer(self) -> None:
        """Let it happen on the real session, and hand back what came of it: rows, or the engine's error."""
        self.hand_back(self._stands_at().happen())

    def refuse(self, error: EngineError) -> None:
        """Hand back this error instead of letting it happen."""
        self.hand_back(error)

    def hand_back(self, outcome: Result | EngineError) -> None:
        """Have what the function asks give this result, or raise this error, whoever let it happen."""
        asked = self._stands_at()
        if isinstance(outcome, Result) and self._left:
            self._changed += max(0, outcome.changed)
            self._asked = self._left.pop(0)
            return
        if isinstance(outcome, Result) and self._changed:
            outcome = Result(changed=self._changed + max(0, outcome.changed))
        reply = encode(told(asked, outcome))
        if len(json.dumps(reply)) > MOST_BYTES:
            raise self._box.over(f"{self.said} to ask for rows of ordinary size", "more than 5 million characters")
        self._go_on({"told": reply})

    def _stands_at(self) -> Asked:
        if self._asked is None:
            raise RuntimeError(f"{self.said} asks nothing: it has ended")
        return self._asked

    def abandon(self) -> None:
        """End the process that the function runs in, as a power cut would; nothing in the function can prevent it."""
        if self._asked:
            self._asked = None
            self._box.start_again()

    def raised(self) -> str:
        """The exception that ended the function, with its line, as a student would read it; "" if none did."""
        return problem(self._reply) if "error" in self._reply else ""

    def value(self) -> Any:
        """What the function gave; raise `Mismatch` if it raised an exception or gave no plain data."""
        if self.raised():
            raise Mismatch(f"{self.said} to run", self.raised())
        return self._box.value(self._reply, f"{self.said} to give")

    def changed(self) -> list[int]:
        """The positions of the arguments that the function changed; none of a function that was given a session."""
        told = self._reply.get("changed")
        return [place for place in range(self._given) if isinstance(told, list) and place in told]


def _argument(value: Any, sessions: list[Session]) -> Any:
    if isinstance(value, Session):
        return {"session": sessions.index(value), "engine": value.engine, "state": value.state()}
    return encode(value)


def said(name: str, arguments: tuple[Any, ...]) -> str:
    """The call as a student would write it, cut to a readable length."""
    words = ", ".join("connection" if isinstance(item, Session) else repr(item) for item in arguments)
    return f"`{name}({words if len(words) <= 160 else words[:160] + '…'})`"


def problem(reply: dict) -> str:
    """What a sandbox tells of an exception, as a phrase: its type, its words, the line of the student's cell.

    In there it may have been forged, so nothing about it is taken for granted.
    """
    line = f" in line {reply['line']} of your cell" if isinstance(reply.get("line"), int) else ""
    words = ": ".join(text for text in texts([reply["error"], reply.get("words")]) if text)
    return f"`{words or 'an error'}`{line}"


def texts(value: Any) -> list[str]:
    """The texts in a list that a sandbox gave, each cut to what an error may say."""
    return [text[:500] for text in value[:20] if isinstance(text, str)] if isinstance(value, list) else []


# A list in a list of rows, and then some; what is nested deeper cannot be passed on.
DEEPEST = 20
TOGETHER = {"execute_many", "run_script"}
ASKED = {"execute", "execute_many", "run_script", "commit", "rollback", "close", "set_isolation_level"}


@dataclass(frozen=True)
class Asked:
    """One thing that a function asks of its database: the session, what it calls, and with what."""

    session: Session
    do: str
    statement: str = ""
    parameters: Any = ()

    def __str__(self) -> str:
        """The statement with its parameters as it reads in a log, cut: "COMMIT" for `connection.commit()`."""
        said = " ".join(self.statement.split()).rstrip("; ") or self.do.upper().replace("_", " ")
        return _cut(said, 300) + (f" with {_listed(self.parameters)}" if self.parameters else "")

    def happen(self) -> Result | EngineError:
        """Do it on the real session; give what came of it: a result, or the engine's refusal."""
        try:
            return self._done()
        except EngineError as error:
            return error

    def _done(self) -> Result:
        if self.do in ("execute", "execute_many"):
            return getattr(self.session, self.do)(self.statement, self.parameters)
        if self.do == "run_script":
            return self.session.run_script(self.statement)
        given = (self.parameters,) if self.do == "set_isolation_level" else ()
        getattr(self.session, self.do)(*given)
        return Result()


def _listed(parameters: Any) -> str:
    """Parameters as they were given, cut to a readable length."""
    if isinstance(parameters, dict):
        return _cut(", ".join(f"{name} = {value!r}" for name, value in parameters.items()), 60)
    in_order = isinstance(parameters, (list, tuple))
    return _cut(", ".join(map(repr, parameters)) if in_order else repr(parameters), 60)


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[:most] + "…"


def read_request(request: Any, sessions: list[Session], closed: Collection[Session]) -> Asked:
    """What a function asks; raise `ValueError` or another error of bad data if the wire cannot have asked it."""
    asked = Asked(sessions[request["session"]], request["do"], request["statement"], request["parameters"])
    if asked.do not in ASKED or not isinstance(asked.statement, str) or asked.session in closed:
        raise ValueError("a wire asks nothing else")
    if not _nested_at_most(DEEPEST, asked.parameters):
        raise ValueError("parameters in parameters in parameters")
    return asked


def _nested_at_most(levels: int, value: Any) -> bool:
    if not isinstance(value, (list, tuple, set, frozenset, dict)):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_nested_at_most(levels - 1, item) for item in inside)


def one_by_one(asked: Asked) -> list[Asked]:
    """What SQLite does for `asked`, each of which others may see done without the next: a script and many rows.

    In autocommit each is a transaction of its own; in Python's other modes they stay together.
    """
    session = asked.session
    if session.engine != "SQLite" or asked.do not in TOGETHER or session.state().get("isolation_level", "") is not None:
        return [asked]
    if asked.do == "run_script":
        ended = [Asked(session, "commit")] if session.in_transaction() else []
        statements = split_statements(asked.statement, session.engine)
        return [*ended, *(Asked(session, "execute", one) for one in statements)] or [asked]
    if not isinstance(asked.parameters, (list, tuple)) or asked.statement.lstrip()[:6].upper() == "SELECT":
        return [asked]
    return [Asked(session, "execute", asked.statement, row) for row in asked.parameters] or [asked]


def told(asked: Asked, outcome: Result | EngineError) -> dict[str, Any]:
    """The reply that carries `outcome` to the function."""
    now = {} if asked.do == "close" else asked.session.state()
    if isinstance(outcome, EngineError):
        return {"refused": [outcome.code, outcome.sentence], "state": now}
    what = {"columns": outcome.columns, "rows": outcome.rows, "changed": outcome.changed, "last_row": outcome.last_row}
    try:
        encode(what)
    except NotPlain as kind:
        return {"refused": ["NotSupportedError", f"values of type {kind} do not pass here"], "state": now}
    return {"result": what, "state": now}
