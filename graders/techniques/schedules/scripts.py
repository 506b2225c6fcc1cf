"""What takes part in a schedule: SQL texts and functions over a connection, each run statement by statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graders.labs import EngineError, Result, Session, SharedLab
from graders.sandbox import Asked, Call, SandboxedFunction
from graders.techniques.schedules.calls import LocalFunction


@dataclass(frozen=True)
class SQLScript:
    """A SQL text, which stops at the first refusal and rolls back."""

    text: str
    """Its statements."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The options of its session, those of `SharedLab.connect`."""


@dataclass(frozen=True)
class FunctionScript:
    """A call of a function over a connection; the function sees each refusal as an exception and may go on."""

    function: SandboxedFunction | Callable[..., Any]
    """A student's function in its sandbox, or one of this process."""
    arguments: tuple[Any, ...] = ()
    """What it is given after the connection."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The options of its session, those of `SharedLab.connect`."""


Script = str | SQLScript | FunctionScript


def make_script(function: SandboxedFunction | Callable[..., Any], *arguments: Any, **options: Any) -> FunctionScript:
    """The script that calls `function(connection, *arguments)`; `options` are those of `SharedLab.connect`.

    make_script(transfer, 1, 2, 30, isolation_level="")
    """
    return FunctionScript(function, arguments, options)


class TextCall:
    """A SQL text that stands still before each of its statements, as a `Call` does at what its function asks."""

    def __init__(self, session: Session, statements: list[str]):
        self._session = session
        self._left = statements
        self._error = ""

    def waiting(self) -> Asked | None:
        """The next statement; None at the end."""
        return Asked(self._session, "execute", self._left[0]) if self._left else None

    def hand_back(self, outcome: Result | EngineError) -> None:
        """Go on to the next statement, or end at a refusal."""
        self._left.pop(0)
        if isinstance(outcome, EngineError):
            self._error = f"{outcome.code}: {outcome}"
            self.abandon()
            if self._session.in_transaction():
                self._session.rollback()

    def raised(self) -> str:
        """The refusal that ended it; "" if none did."""
        return self._error

    def abandon(self) -> None:
        """End it where it stands."""
        self._left.clear()


@dataclass(frozen=True)
class Player:
    """One script that has begun, on a session of its own."""

    session: Session
    """Its connection, which stays open when it ends."""
    call: Call | TextCall
    """What stands still at each statement until it is handed an outcome."""


def start_script(lab: SharedLab, script: Script) -> Player:
    """Put `script` on a session of its own, standing still before its first statement."""
    if isinstance(script, str):
        script = SQLScript(script)
    session = lab.connect(**script.options)
    if isinstance(script, SQLScript):
        return Player(session, TextCall(session, lab.statements(script.text)))
    function = script.function if isinstance(script.function, SandboxedFunction) else LocalFunction(script.function)
    return Player(session, function.begin(session, *script.arguments))
