"""Runs a student's Python in a process of its own: plain data go in, plain data come out, work is bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from graders.sandbox.calls import Call, format_call, format_exception, read_texts, read_value
from graders.sandbox.channel import MAX_BYTES
from graders.sandbox.errors import Failure, SandboxError, SandboxTimeout
from graders.sandbox.isolation import Isolation, no_isolation
from graders.sandbox.limits import PYTHON_BOUNDS, Bounds
from graders.sandbox.plain_data import encode
from graders.sandbox.process import SandboxProcess
from graders.sandbox.runtimes import Runtime

# To read what a sandbox writes takes us longer than it takes the sandbox.
MAX_BYTES_IN_ALL = 20 * MAX_BYTES
CALLS_PER_MESSAGE = 25


class Sandbox:
    """A process in `isolation` (by default none) that defines one answer and is asked to call it.

    `bounds` are what each request may take, and all of them. A sandbox that broke one, died or said too much is closed
    for good: every later request raises the same `SandboxError`. A sandbox that cannot be started raises
    `SandboxStartError`, and one that does not answer although it broke no bound `SandboxTimeout`, for that is no fault
    of the answer.
    """

    def __init__(
        self, *, bounds: Bounds = PYTHON_BOUNDS, isolation: Isolation | None = None, runtime: Runtime | None = None
    ):
        self._isolation, self._runtime = isolation or no_isolation(), runtime
        self.bounds = bounds
        self._bytes_read = 0
        self._end: SandboxError | SandboxTimeout | None = None
        self._defined: dict[str, tuple[str, Bounds | None]] = {}
        self._others: list[Sandbox] = []
        self.calling: Call | None = None
        self._process = self._start_process()

    def _start_process(self) -> SandboxProcess:
        return SandboxProcess(self._isolation, self.bounds, runtime=self._runtime)

    @property
    def folder(self) -> Path:
        """The scratch folder of the process."""
        return self._process.folder

    def define(self, source: str, name: str, bounds: Bounds | None = None) -> Any:
        """Run `source` and give what it calls `name`: plain data, or a `SandboxedFunction`.

        Raise `SandboxError` if the text has no sense for Python, raises, or does not define `name`. Line numbers
        count from the cell's first line, which holds the `%%answer` magic. `bounds` are this text's own.
        """
        self._defined.pop(name, None)
        self._defined[name] = source, bounds
        reply = self.exchange({"define": "\n" + source, "name": name}, "your cell", bounds)
        if "error" in reply:
            raise SandboxError(Failure.CELL_RAISED, "your cell", detail=format_exception(reply))
        if "missing" in reply:
            made = ", ".join(f"`{other}`" for other in read_texts(reply["missing"])) or "nothing"
            raise SandboxError(Failure.NAME_MISSING, name, detail=made)
        if "function" in reply:
            return SandboxedFunction(self, name, source)
        return read_value(reply, f"`{name}`", Failure.NAME_NOT_PLAIN, Failure.NAME_ELLIPSIS)

    def begin(self, name: str, arguments: tuple[Any, ...]) -> Call:
        """Begin a call of the function `name`; while one stands still, the next begins in a process of its own."""
        sandbox = self if not self.calling else self._free_process()
        sandbox.calling = call = Call(sandbox, name, arguments)
        if not call.waiting():
            sandbox.calling = None
        return call

    def _free_process(self) -> Sandbox:
        for other in self._others:
            if not other.calling:
                return other
        self._others.append(Sandbox(bounds=self.bounds, isolation=self._isolation, runtime=self._runtime))
        self._others[-1]._define_again(self._defined)
        return self._others[-1]

    def restart(self) -> None:
        """End the process at whatever it does, and define all that it had in a fresh one."""
        self._process.end()
        self.calling = None
        self._process = self._start_process()
        self._define_again(self._defined)

    def _define_again(self, defined: Mapping[str, tuple[str, Bounds | None]]) -> None:
        for name, (source, bounds) in list(defined.items()):
            self.define(source, name, bounds)

    def reopen(self) -> None:
        """Begin anew after a limit was broken."""
        self._end = None
        self.restart()

    def exchange(self, message: dict[str, Any], subject: str, bounds: Bounds | None = None) -> dict[str, Any]:
        """Send one message and give the reply to it; `subject` names in words what is run."""
        if self._end:
            raise self._end
        try:
            reply = self._process.request(message, bounds or self.bounds, subject)
        except SandboxTimeout as late:
            self._end = late
            self.close()
            raise
        except SandboxError as error:
            raise self.fail(error.failure, subject, error.limit, self._language) from None
        self._bytes_read += self._process.reply_size
        if self._bytes_read > MAX_BYTES_IN_ALL:
            raise self.fail(Failure.REPLIES_TOO_LARGE, subject, MAX_BYTES_IN_ALL)
        return reply

    @property
    def _language(self) -> str:
        return self._runtime.name if self._runtime else "Python"

    def fail(self, failure: Failure, subject: str, limit: float = 0, detail: str = "") -> SandboxError:
        """Close the sandbox for good and give the error to be raised."""
        self._end = SandboxError(failure, subject, limit, detail)
        self.close()
        return self._end

    def close(self) -> None:
        """End the process with everything it started, and remove its scratch folder."""
        self._end = self._end or SandboxError(Failure.CLOSED, "your cell")
        for other in self._others:
            other.close()
        self._process.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class SandboxedFunction:
    """A student's function, called like any other; what it does happens in its sandbox.

    Arguments are plain data, or a `Session`, which reaches the function as a connection that feels like the
    engine's own. A call gives plain data and raises `SandboxError` if the function fails.
    """

    def __init__(self, sandbox: Sandbox, name: str, source: str):
        """`source` is the text that defined it."""
        self.sandbox = sandbox
        self.name = name
        self.source = source

    def begin(self, *arguments: Any) -> Call:
        """Begin a call that is driven from outside, statement by statement."""
        return self.sandbox.begin(self.name, arguments)

    def _run_to_end(self, arguments: tuple[Any, ...]) -> Call:
        call = self.begin(*arguments)
        while call.waiting():
            call.answer()
        return call

    def __call__(self, *arguments: Any) -> Any:
        return self._run_to_end(arguments).value()

    def call_each(self, cases: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """Call the function with each of `cases`, plain data, and give the values in turn, as calls one by one would.

        Many calls are made with one message; where that breaks a limit, they are made one by one.
        """
        for start in range(0, len(cases), CALLS_PER_MESSAGE):
            chunk = cases[start : start + CALLS_PER_MESSAGE]
            replies = self._call_together(chunk)
            for case, reply in zip(chunk, replies, strict=False):
                words = self.format_call(*case)
                if "error" in reply:
                    raise SandboxError(Failure.CALL_RAISED, words, detail=format_exception(reply))
                yield read_value(reply, words)
            for case in chunk[len(replies) :]:
                yield self(*case)

    def _call_together(self, cases: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """The replies to `cases` up to the first that gives no value; none where a limit is broken."""
        message = {"call": self.name, "each": [[encode(argument) for argument in case] for case in cases]}
        try:
            replies = self.sandbox.exchange(message, self.format_call(*cases[0])).get("each")
        except SandboxError:
            self.sandbox.reopen()
            return []
        return [reply for reply in replies if isinstance(reply, dict)] if isinstance(replies, list) else []

    def changed_arguments(self, *arguments: Any) -> list[int]:
        """Call the function and give the positions of the arguments that it changed."""
        call = self._run_to_end(arguments)
        call.value()
        return call.changed()

    def format_call(self, *arguments: Any) -> str:
        """The call as a student would write it, cut to a readable length."""
        return format_call(self.name, arguments)
