"""A lab in another process: every method call is a request, and what comes back is plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graders.box.plain import decode, encode
from graders.labs import EngineError, Lab, OutOfBounds, Result

Ask = Callable[[dict[str, Any]], dict[str, Any]]


class FarLab:
    """Stands for a `Lab` that lives where `ask` sends its requests; it has the methods of that lab.

    A call raises `EngineError` where the lab would, `OutOfBounds` where the process that holds it has gone, and
    `RuntimeError` where the lab itself is at fault.
    """

    def __init__(self, engine: str, ask: Ask):
        self.engine = engine
        self._ask = ask
        self._number = ask({"open": engine})["lab"]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *given: self._call(name, given)

    def _call(self, name: str, given: tuple[Any, ...]) -> Any:
        request = {"lab": self._number, "do": name, "given": [encode(_plain(value)) for value in given]}
        return told(self._ask(request)["gave"], raising=True)

    __enter__ = Lab.__enter__
    __exit__ = Lab.__exit__


def _plain(value: Any) -> Any:
    """`value` with everything that is iterated over written out, as a pipe needs it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (str, bytes, tuple, list)) or not hasattr(value, "__iter__"):
        return value
    return list(value)


def told(content: dict[str, Any], *, raising: bool = False) -> Any:
    """Read what a lab gave: a value, a `Result`, or a refusal, which is raised or, in a list of outcomes, given.

    Raise `ValueError`, `KeyError` or `TypeError` if no lab can have written this.
    """
    if "rows" in content:
        rows = [tuple(decode(value) for value in row) for row in content["rows"]]
        return Result(tuple(map(str, content["columns"])), rows)
    if "refused" in content:
        refusal = (OutOfBounds if content["cut_off"] else EngineError)(*map(str, content["refused"]))
        if raising:
            raise refusal
        return refusal
    if "each" in content:
        return [told(item) for item in content["each"]]
    return decode(content["value"])
