"""Calls a student's function on many arguments, and keeps what each call gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graders.kernel.report import Mismatch
from graders.sandbox import SandboxedFunction


@dataclass(frozen=True)
class FunctionCall:
    """One call of a student's function."""

    arguments: tuple[Any, ...]
    words: str
    """The call as a student would write it."""
    given: Any = None
    failure: Mismatch | None = None
    """Why the call gave no value."""

    @property
    def value(self) -> Any:
        """What the call gave; raise `Mismatch` if it failed."""
        if self.failure:
            raise self.failure
        return self.given


def call_each(function: SandboxedFunction, arguments: Iterable[tuple[Any, ...]]) -> list[FunctionCall]:
    """Call `function` with each of `arguments`, up to the first call that fails."""
    calls: list[FunctionCall] = []
    for each in arguments:
        words = function.said(*each)
        try:
            calls.append(FunctionCall(each, words, function(*each)))
        except Mismatch as failure:
            return [*calls, FunctionCall(each, words, failure=failure)]
    return calls
