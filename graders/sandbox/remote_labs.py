"""Labs in another process, in isolation: a student's SQL is never run where expected rows are.

A lab there is used as one here: every method call is a request, and what comes back is plain data. The other side is
`LabServer`. The death of the process is an engine's refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from graders.labs import EngineError, Lab, OutOfBounds, Result, Session, SharedLab, labs_opened_by
from graders.sandbox.channel import MAX_BYTES
from graders.sandbox.errors import Failure, SandboxError, SandboxTimeout
from graders.sandbox.isolation import Isolation
from graders.sandbox.limits import ENGINE_BOUNDS, Bounds
from graders.sandbox.plain_data import UNREADABLE, decode, encode
from graders.sandbox.process import SandboxProcess

# They give nothing back, and are not refused.
DEFERRED = ("close", "rewind")
UNREADABLE_REPLY = "its process answered with something that is no answer"
Ask = Callable[[dict[str, Any]], dict[str, Any]]


class _RemoteObject:
    """Stands for a thing that lives where `ask` sends its requests, and has the methods that `made` names.

    A call raises `EngineError` where the thing itself would, `OutOfBounds` where the process that holds it has gone.
    """

    def __init__(self, ask: Ask, made: dict[str, Any]):
        self.engine = str(made["engine"])
        for name in made["methods"]:
            if name.isidentifier() and not name.startswith("_") and name not in type(self).__dict__:
                setattr(self, name, partial(call_remotely, ask, name, int(made["made"])))


class RemoteLab(_RemoteObject, Lab):
    """A `Lab` in another process."""


class RemoteSharedLab(_RemoteObject, SharedLab):
    """A `SharedLab` in another process."""


class RemoteSession(_RemoteObject, Session):
    """A `Session` of a lab in another process; every reply tells its state, so that nobody has to ask for it."""

    def __init__(self, ask: Ask, made: dict[str, Any]):
        super().__init__(partial(self._ask, ask), made)
        self._state = dict(made["state"])

    def _ask(self, ask: Ask, request: dict[str, Any]) -> dict[str, Any]:
        reply = ask(request)
        if isinstance(state := reply.get("state"), dict):
            self._state = state
        return reply

    def state(self) -> dict[str, Any]:
        """The state after the session's latest request."""
        return self._state


KINDS: dict[str, type[_RemoteObject]] = {"Lab": RemoteLab, "SharedLab": RemoteSharedLab, "Session": RemoteSession}


def call_remotely(ask: Ask, method: str, number: int | None, *given: Any, **options: Any) -> Any:
    """Call a method of the thing with this number where `ask` sends requests, or of the `LabServer` there (None)."""
    request = {"call": method, "arguments": [encode(_as_plain(value)) for value in given], "options": encode(options)}
    return read_reply(ask, ask(request if number is None else {**request, "of": number}))


def _as_plain(value: Any) -> Any:
    """`value` with everything that is iterated over written out, as a pipe needs it."""
    if isinstance(value, dict):
        return {key: _as_plain(item) for key, item in value.items()}
    if isinstance(value, (str, bytes, tuple, list)) or not hasattr(value, "__iter__"):
        return value
    return list(value)


def read_reply(ask: Ask, reply: dict[str, Any]) -> Any:
    """What a reply holds: a value, a `Result`, something made; a refusal is raised.

    Raise `OutOfBounds` if no lab can have written this.
    """
    try:
        outcome = _decode_reply(ask, reply)
    except UNREADABLE:
        raise OutOfBounds("The engine", UNREADABLE_REPLY) from None
    if isinstance(outcome, EngineError):
        raise outcome
    return outcome


def _decode_reply(ask: Ask, reply: dict[str, Any]) -> Any:
    if "rows" in reply:
        rows = list(map(tuple, decode(reply["rows"])))
        return Result(tuple(map(str, reply["columns"])), rows, reply["changed"], reply["last_row"])
    if "error" in reply:
        kind = OutOfBounds if reply["cut_off"] else EngineError
        return kind(*(str(reply[key]) for key in ("engine", "words", "statement", "error")))
    if "each" in reply:
        return [_decode_reply(ask, item) for item in reply["each"]]
    if "made" in reply:
        return KINDS[reply["kind"]](ask, reply)
    return decode(reply["value"])


class EngineSandbox:
    """A process in `isolation` that holds labs; started when the first is opened, and again after it has died.

    `bounds` are far above what the labs' own bounds allow. A request that breaks them, or of which the process dies,
    raises `OutOfBounds`: it is the engine's answer to what it was sent. One that is late raises `SandboxTimeout`.
    """

    def __init__(self, isolation: Isolation, bounds: Bounds = ENGINE_BOUNDS):
        self.isolation = isolation
        self.bounds = bounds
        self._process: _EngineProcess | None = None

    def open(self, engine: str, image: bytes = b"", **options: Any) -> Lab:
        """Open a lab on `engine` in the process; options as for `labs.engines.open_here`."""
        if self._process is None or self._process.ended:
            self._process = _EngineProcess(self.isolation, self.bounds)
        number = self._process.keep(image) if image else None
        return call_remotely(self._process.ask, "open", None, engine, image_number=number, **options)

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
            self._kept[image] = int(call_remotely(self.ask, "keep", None, image))
        return self._kept[image]

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give the reply to `request`; raise `OutOfBounds` if there is none, `RuntimeError` if a lab broke.

        To close or rewind a lab waits for the next request, and is done before it: that saves a message each.
        """
        if request["call"] in DEFERRED:
            self._deferred.append((request["of"], request["call"]))
            return {"value": None}
        if self.ended:
            raise OutOfBounds("The engine", "its process has ended")
        first, self._deferred = self._deferred, []
        try:
            reply = self._process.request({**request, "first": first}, self.bounds)
        except SandboxError as error:
            self.end()
            raise OutOfBounds("The engine", _describe(error)) from None
        except SandboxTimeout:
            self.end()
            raise
        if "broke" in reply:
            raise RuntimeError(f"in the engine's process: {str(reply['broke'])[:500]}")
        return reply

    def end(self) -> None:
        self.ended = True
        self._process.end()


def _describe(error: SandboxError) -> str:
    """What an engine says of the end of its process."""
    if error.failure in (Failure.WORK, Failure.WORK_IN_ALL):
        return f"cut off after {error.limit:g} s of processor time"
    if error.failure is Failure.REPLY_TOO_LARGE:
        return f"more than {MAX_BYTES // 1_000_000} million characters of rows"
    if error.failure is Failure.UNREADABLE_REPLY:
        return UNREADABLE_REPLY
    return "its process ended at this statement"


@contextmanager
def isolated_engines(isolation: Isolation) -> Iterator[None]:
    """Have every lab that is opened inside the `with` run in a process of its own in `isolation`."""
    sandbox = EngineSandbox(isolation)
    try:
        with labs_opened_by(sandbox.open):
            yield
    finally:
        sandbox.close()
