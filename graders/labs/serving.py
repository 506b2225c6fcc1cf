"""Serves labs to another process: requests and replies are plain data, one reply to each request.

It runs in the engine's own process, behind a wall, and knows nothing but what it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graders.labs.lab import EngineError, Lab, OutOfBounds, Result
from graders.labs.opening import open_here

Plain = Callable[[Any], Any]


class Serving:
    """The labs of one process, each known by its number.

    `encode` turns a value into what JSON can hold, `decode` back. A request is `{"open": engine}` or
    `{"lab": number, "do": method, "given": arguments}`; the reply holds what `reply` says.
    """

    def __init__(self, encode: Plain, decode: Plain):
        self.encode = encode
        self.decode = decode
        self._labs: list[Lab] = []

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what `request` asks: `{"lab": number}`, `{"gave": value}`, or `{"broke": words}` if we are at fault."""
        try:
            if "open" in request:
                self._labs.append(open_here(request["open"]))
                return {"lab": len(self._labs) - 1}
            method = getattr(self._labs[request["lab"]], request["do"])
            return {"gave": self._told(method(*map(self.decode, request["given"])))}
        except EngineError as error:
            return {"gave": self._told(error)}
        except Exception as error:
            return {"broke": f"{type(error).__name__}: {error}"[:500]}

    def _told(self, value: Any) -> Any:
        if isinstance(value, Result):
            return {"columns": list(value.columns), "rows": [self._row(row) for row in value.rows]}
        if isinstance(value, EngineError):
            cut_off = isinstance(value, OutOfBounds)
            return {"refused": [value.engine, value.sentence, value.statement], "cut_off": cut_off}
        if isinstance(value, list) and any(isinstance(item, (Result, EngineError)) for item in value):
            return {"each": [self._told(item) for item in value]}
        return {"value": self.encode(value)}

    def _row(self, row: tuple[Any, ...]) -> list[Any]:
        return [value if type(value) in UNCHANGED else self.encode(value) for value in row]


UNCHANGED = {type(None), bool, int, float, str}
