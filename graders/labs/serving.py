"""Serves labs to another process: requests and replies are plain data, one reply to each request.

It runs in the engine's own process, in isolation, and knows nothing but what it is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import isfunction
from typing import Any

from graders.labs.lab import EngineError, Lab, OutOfBounds, Result
from graders.labs.opening import open_here
from graders.labs.shared import Session, SharedLab
from graders.labs.work import SECONDS, STEPS, Allowance, bounded_work

Plain = Callable[[Any], Any]
MOST_CHARACTERS = 4_000_000


class Serving:
    """The labs and sessions of one process, each known by its number.

    `encode` turns a value into what JSON can hold, `decode` back. A request is, as JSON,
    `{"open": engine, "options": …}` or `{"of": number, "do": method, "given": arguments, "options": …}`; with
    `"close": numbers` these are closed first. `{"keep": image}` keeps a database file, as hexadecimal digits, and
    gives its number, with which `"image": number` opens a lab on a copy of it.
    """

    def __init__(self, encode: Plain, decode: Plain):
        self.encode = encode
        self.decode = decode
        self._held: list[Any] = []
        self._images: list[bytes] = []
        self._allowance = Allowance(STEPS, SECONDS)

    def reply(self, request: str) -> str:
        """Do what `request` asks: give what came of it, or `{"broke": words}` if we are at fault; both are JSON."""
        told = json.dumps(self._tried(json.loads(request)))
        if len(told) < MOST_CHARACTERS:
            return told
        words = f"more than {MOST_CHARACTERS // 1_000_000} million characters of rows"
        return json.dumps(self._told(OutOfBounds("The engine", words)))

    def _tried(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            for number in request.get("close", ()):
                self._held[number].close()
            return self._told_of(request)
        except Exception as error:
            return {"broke": f"{type(error).__name__}: {error}"[:500]}

    def _told_of(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            with bounded_work(self._allowance):
                return self._told(self._done(request))
        except EngineError as error:
            return self._told(error)

    def _done(self, request: dict[str, Any]) -> Any:
        if "keep" in request:
            self._images.append(bytes.fromhex(request["keep"]))
            return len(self._images) - 1
        options = self.decode(request["options"])
        if "image" in request:
            options["image"] = self._images[request["image"]]
        if "open" in request:
            return open_here(request["open"], **options)
        method = getattr(self._held[request["of"]], request["do"])
        return method(*map(self.decode, request["given"]), **options)

    def _told(self, value: Any) -> Any:
        if isinstance(value, (Lab, Session)):
            return self._made(value)
        if isinstance(value, Result):
            rest = {"changed": value.changed, "last_row": value.last_row, "reads": value.reads, "writes": value.writes}
            return {"columns": value.columns, "rows": self.encode(value.rows), "rest": rest}
        if isinstance(value, EngineError):
            told = [value.engine, value.sentence, value.statement, value.code]
            return {"refused": told, "cut_off": isinstance(value, OutOfBounds)}
        if isinstance(value, list) and any(isinstance(item, (Result, EngineError)) for item in value):
            return {"each": [self._told(item) for item in value]}
        return {"value": self.encode(value)}

    def _made(self, thing: Lab | Session) -> dict[str, Any]:
        self._held.append(thing)
        kind = next(kind for kind in (SharedLab, Lab, Session) if isinstance(thing, kind))
        methods = [name for name in dir(thing) if name[0] != "_" and isfunction(getattr(type(thing), name, None))]
        return {"made": len(self._held) - 1, "kind": kind.__name__, "engine": thing.engine, "methods": methods}
