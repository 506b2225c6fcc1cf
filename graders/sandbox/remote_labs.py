"""Labs and sessions in another process: every method call is a request, and what comes back is plain data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf
from typing import Any

from graders.labs import EngineError, Lab, OutOfBounds, Result, Session, SharedLab, labs_opened_by
from graders.sandbox.channel import MOST_BYTES
from graders.sandbox.isolation import Isolation, SandboxTimeout
from graders.sandbox.plain_data import UNREADABLE, decode, encode
from graders.sandbox.process import SandboxProcess
from graders.sandbox.watchdog import Bounds, Overrun

# They give nothing back, and are not refused.
DEFERRED = ("close", "rewind")
NOT_ANSWERED = "its process answered with something that is no answer"
Ask = Callable[[dict[str, Any]], dict[str, Any]]


class _Far:
    """Stands for a thing that lives where `ask` sends its requests, and has the methods that `made` names.

    A call raises `EngineError` where the thing itself would, `OutOfBounds` where the process that holds it has gone.
    """

    def __init__(self, ask: Ask, made: dict[str, Any]):
        self.engine = str(made["engine"])
        for name in made["methods"]:
            if name.isidentifier() and not name.startswith("_"):
                setattr(self, name, partial(_called, ask, int(made["made"]), name))


class FarLab(_Far, Lab):
    """A `Lab` in another process."""


class FarSharedLab(_Far, SharedLab):
    """A `SharedLab` in another process."""


class FarSession(_Far, Session):
    """A `Session` of a lab in another process."""


KINDS = {"Lab": FarLab, "SharedLab": FarSharedLab, "Session": FarSession}


def far_lab(ask: Ask, engine: str, *, kept: int | None = None, **options: Any) -> Lab:
    """Open a lab on `engine` where `ask` sends requests, with the options of `open_here`.

    `kept` is the number of a database file that is kept there, to begin with.
    """
    image = {} if kept is None else {"image": kept}
    return told(ask, ask({"open": engine, "options": encode(options), **image}))


def _called(ask: Ask, number: int, name: str, *given: Any, **options: Any) -> Any:
    arguments = [encode(_listed(value)) for value in given]
    return told(ask, ask({"of": number, "do": name, "given": arguments, "options": encode(options)}))


def _listed(value: Any) -> Any:
    """`value` with everything that is iterated over written out, as a pipe needs it."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    if isinstance(value, (str, bytes, tuple, list)) or not hasattr(value, "__iter__"):
        return value
    return list(value)


def told(ask: Ask, content: dict[str, Any]) -> Any:
    """What a reply tells: a value, a `Result`, something made; a refusal is raised.

    Raise `OutOfBounds` if no lab can have written this.
    """
    try:
        outcome = _outcome(ask, content)
    except UNREADABLE:
        raise OutOfBounds("The engine", NOT_ANSWERED) from None
    if isinstance(outcome, EngineError):
        raise outcome
    return outcome


def _outcome(ask: Ask, content: dict[str, Any]) -> Any:
    if "rows" in content:
        rows = list(map(tuple, decode(content["rows"])))
        rest = content["rest"]
        names = {key: tuple(map(str, rest[key])) for key in ("reads", "writes")}
        return Result(tuple(map(str, content["columns"])), rows, rest["changed"], rest["last_row"], **names)
    if "refused" in content:
        return (OutOfBounds if content["cut_off"] else EngineError)(*map(str, content["refused"]))
    if "each" in content:
        return [_outcome(ask, item) for item in content["each"]]
    if "made" in content:
        return KINDS[content["kind"]](ask, content)
    return decode(content["value"])


# An engine has nothing to wait for: one that sleeps is none of the answer's doing.
BOUNDS = Bounds(work=30, in_all=120, asleep=inf)


class EngineSandbox:
    """A process in `isolation` that holds labs; started when the first is opened, and again after it has died.

    `bounds` are far above what the labs' own bounds allow. A request that breaks them, or of which the process dies,
    raises `OutOfBounds`: it is the engine's answer to what it was asked. One that is late raises `SandboxTimeout`.
    """

    def __init__(self, isolation: Isolation, bounds: Bounds = BOUNDS):
        self.isolation = isolation
        self.bounds = bounds
        self._process: _EngineProcess | None = None

    def open(self, engine: str, image: bytes = b"", **options: Any) -> Lab:
        """Open a lab on `engine` in the process; options as for `labs.opening.open_here`."""
        if self._process is None or self._process.ended:
            self._process = _EngineProcess(self.isolation, self.bounds)
        kept = self._process.keep(image) if image else None
        return far_lab(self._process.ask, engine, kept=kept, **options)

    def close(self) -> None:
        """End the process with every lab in it."""
        if self._process:
            self._process.end()


class _EngineProcess:
    def __init__(self, isolation: Isolation, bounds: Bounds):
        self.bounds = bounds
        self.ended = False
        self._process = SandboxProcess(isolation, bounds, serves="labs")
        self._deferred: list[tuple[int, str]] = []
        self._kept: dict[bytes, int] = {}

    def keep(self, image: bytes) -> int:
        """Hand the file of a database over, once however often it is opened, and give its number there."""
        if image not in self._kept:
            self._kept[image] = int(self.ask({"keep": image.hex()})["value"])
        return self._kept[image]

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give the reply to `request`; raise `OutOfBounds` if there is none, `RuntimeError` if a lab broke.

        To close or rewind a lab waits for the next request, and is done before it: that saves a message each.
        """
        if request.get("do") in DEFERRED:
            self._deferred.append((request["of"], request["do"]))
            return {"value": None}
        if self.ended:
            raise OutOfBounds("The engine", "its process has ended")
        first, self._deferred = self._deferred, []
        try:
            reply = self._read(self._process.exchange(json.dumps({**request, "first": first}), self.bounds))
        except Overrun as overrun:
            raise self._over(f"cut off after {overrun.limit:g} s of processor time") from None
        except SandboxTimeout:
            self.end()
            raise
        if "broke" in reply:
            raise RuntimeError(f"in the engine's process: {str(reply['broke'])[:500]}")
        return reply

    def _read(self, line: str) -> dict[str, Any]:
        if not line:
            raise self._over("its process ended at this statement")
        if len(line) >= MOST_BYTES:
            raise self._over(f"more than {MOST_BYTES // 1_000_000} million characters of rows")
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            reply = None
        if not isinstance(reply, dict):
            raise self._over(NOT_ANSWERED)
        return reply

    def _over(self, words: str) -> OutOfBounds:
        self.end()
        return OutOfBounds("The engine", words)

    def end(self) -> None:
        self.ended = True
        self._process.end()


@contextmanager
def isolated_engines(isolation: Isolation) -> Iterator[None]:
    """Have every lab that is opened inside the `with` run in a process of its own in `isolation`."""
    sandbox = EngineSandbox(isolation)
    try:
        with labs_opened_by(sandbox.open):
            yield
    finally:
        sandbox.close()
