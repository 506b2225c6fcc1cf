"""Serves labs to another process, in requests and replies that JSON can hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import isfunction
from typing import Any

from graders.labs.engines import open_here
from graders.labs.lab import SECONDS, STEPS, Allowance, EngineError, Lab, OutOfBounds, Result, bounded_work
from graders.labs.shared import Session, SharedLab

Encode = Callable[[Any], Any]
MAX_CHARACTERS = 4_000_000


def encode_outcome(outcome: Result | EngineError, encode: Encode) -> dict[str, Any]:
    """What came of a statement as JSON can hold it, for whoever is in another process."""
    if isinstance(outcome, Result):
        counts = {"changed": outcome.changed, "last_row": outcome.last_row}
        return {"columns": outcome.columns, "rows": encode(outcome.rows), **counts}
    words = {"words": outcome.sentence, "engine": outcome.engine, "statement": outcome.statement}
    return {"error": outcome.code, **words, "cut_off": isinstance(outcome, OutOfBounds)}


class LabServer:
    """The labs and sessions of one process, each known by its number: the other side of `sandbox/remote_labs.py`.

    `encode` turns a value into what JSON can hold, `decode` back. A request is
    `{"call": method, "of": number, "arguments": values, "options": values by name}`, without a number for the methods
    of this class; with `"first": [[number, method], …]`, these are called before it. The reply to a session's request
    has its `"state"` too.
    """

    def __init__(self, encode: Encode, decode: Encode):
        self.encode = encode
        self.decode = decode
        self._held: list[Any] = []
        self._images: list[bytes] = []
        self._allowance = Allowance(STEPS, SECONDS)

    def open(self, engine: str, *, image_number: int | None = None, **options: Any) -> Any:
        """Open a lab as `open_here` does; with `image_number`, on a copy of that database file."""
        return open_here(engine, image=b"" if image_number is None else self._images[image_number], **options)

    def keep(self, image: bytes) -> int:
        """Keep a database file, and give its number."""
        self._images.append(image)
        return len(self._images) - 1

    def reply(self, request: dict[str, Any]) -> str:
        """Do what `request` says: give what came of it, or `{"broke": words}` if we are at fault; both are JSON."""
        text = json.dumps(self._reply(request))
        if len(text) < MAX_CHARACTERS:
            return text
        words = f"more than {MAX_CHARACTERS // 1_000_000} million characters of rows"
        return json.dumps(encode_outcome(OutOfBounds("The engine", words), self.encode))

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            reply = self._encode(self._catch(request))
            target = self._held[request["of"]] if "of" in request else self
            return reply | {"state": target.state()} if isinstance(target, Session) else reply
        except Exception as error:
            return {"broke": f"{type(error).__name__}: {error}"[:500]}

    def _catch(self, request: dict[str, Any]) -> Any:
        try:
            with bounded_work(self._allowance):
                return self._call(request)
        except EngineError as error:
            return error

    def _call(self, request: dict[str, Any]) -> Any:
        for number, method in request.get("first", ()):
            getattr(self._held[number], method)()
        target = self._held[request["of"]] if "of" in request else self
        arguments = map(self.decode, request["arguments"])
        return getattr(target, request["call"])(*arguments, **self.decode(request["options"]))

    def _encode(self, value: Any) -> dict[str, Any]:
        if isinstance(value, (Lab, Session)):
            return self._hold(value)
        if isinstance(value, (Result, EngineError)):
            return encode_outcome(value, self.encode)
        if isinstance(value, list) and any(isinstance(item, (Result, EngineError)) for item in value):
            return {"each": [self._encode(item) for item in value]}
        return {"value": self.encode(value)}

    def _hold(self, thing: Lab | Session) -> dict[str, Any]:
        self._held.append(thing)
        kind = next(kind for kind in (SharedLab, Lab, Session) if isinstance(thing, kind))
        methods = [name for name in dir(thing) if name[0] != "_" and isfunction(getattr(type(thing), name, None))]
        made = {"made": len(self._held) - 1, "kind": kind.__name__, "engine": thing.engine, "methods": methods}
        return made | {"state": thing.state()} if isinstance(thing, Session) else made
