"""What takes part in a schedule: SQL texts and functions over a connection, each played statement by statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Result, SharedLab
from graders.sandbox import Asked, BoxedFunction, Call
from graders.techniques.schedules.local_calls import LocalCall


@dataclass(frozen=True)
class Statements:
    """A SQL text, and the options of the session it runs on."""

    text: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Called:
    """A function of a connection with its further arguments, and the options of the session it is given."""

    function: BoxedFunction | Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


Script = str | Statements | Called


def called(function: BoxedFunction | Callable[..., Any], *arguments: Any, **options: Any) -> Called:
    """The script that calls `function(connection, *arguments)`; `options` are those of `SharedLab.connect`."""
    return Called(function, arguments, options)


class Player:
    """One script on a session of its own; it stands still at each statement until it is handed an outcome."""

    def __init__(self, lab: SharedLab, options: Mapping[str, Any]):
        self.session = lab.connect(**options)

    def asks(self) -> Asked | None:
        """The next statement; None when the script has ended."""
        raise NotImplementedError

    def hand_back(self, outcome: Result | EngineError) -> None:
        """Give the script what came of its statement."""
        raise NotImplementedError

    def failed(self) -> str:
        """Why the script ended before its time, in words; "" if it came to its end."""
        raise NotImplementedError

    def value(self) -> Any:
        """What the function gave, if it is plain data; None of a SQL text."""
        return None

    def abandon(self) -> None:
        """End the script where it stands."""
        raise NotImplementedError


class TextPlayer(Player):
    """A SQL text: it stops at the first refusal and rolls back."""

    def __init__(self, lab: SharedLab, script: Statements):
        super().__init__(lab, script.options)
        self._left = lab.statements(script.text)
        self._failed = ""

    def asks(self):
        return Asked(self.session, "execute", self._left[0]) if self._left else None

    def hand_back(self, outcome):
        self._left.pop(0)
        if isinstance(outcome, EngineError):
            self._failed = f"{outcome.code}: {outcome}"
            self._left.clear()
            if self.session.in_transaction():
                self.session.rollback()

    def failed(self):
        return self._failed

    def abandon(self):
        self._left.clear()


class CallPlayer(Player):
    """A function over a connection: it sees each refusal as an exception and may go on."""

    def __init__(self, lab: SharedLab, script: Called):
        super().__init__(lab, script.options)
        self.call = _begun(script, self.session)

    def asks(self):
        return self.call.waiting()

    def hand_back(self, outcome):
        self.call.hand_back(outcome)

    def failed(self):
        return self.call.raised()

    def value(self):
        with suppress(Mismatch):
            return self.call.value()
        return None

    def abandon(self):
        self.call.abandon()


def _begun(script: Called, session: Any) -> Call | LocalCall:
    if isinstance(script.function, BoxedFunction):
        return script.function.begin(session, *script.arguments)
    return LocalCall(script.function, (session, *script.arguments))


def play(lab: SharedLab, script: Script) -> Player:
    """Put `script` on a session of its own, standing still before its first statement."""
    if isinstance(script, Called):
        return CallPlayer(lab, script)
    return TextPlayer(lab, Statements(script) if isinstance(script, str) else script)
