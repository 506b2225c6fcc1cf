"""Our end of a wire: what a function asks of its database, and what is handed back to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from graders.labs import EngineError, Result, Session
from graders.sandbox.plain import NotPlain, encode
from graders.sql import split_statements

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
    if session.engine != "SQLite" or asked.do not in TOGETHER or state(session).get("isolation_level", "") is not None:
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
    now = {} if asked.do == "close" else state(asked.session)
    if isinstance(outcome, EngineError):
        return {"refused": [outcome.code, outcome.sentence], "state": now}
    what = {"columns": outcome.columns, "rows": outcome.rows, "changed": outcome.changed, "last_row": outcome.last_row}
    try:
        encode(what)
    except NotPlain as kind:
        return {"refused": ["NotSupportedError", f"values of type {kind} do not pass here"], "state": now}
    return {"result": what, "state": now}


def state(session: Session) -> dict[str, Any]:
    """What a connection says of itself: whether a transaction is open and, on SQLite, its mode and its changes."""
    known = {"in_transaction": session.in_transaction()}
    for more in ("isolation_level", "total_changes"):
        if hasattr(session, more):
            known[more] = getattr(session, more)()
    return known
