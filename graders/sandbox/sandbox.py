"""Runs a student's Python in a process of its own: plain data go in, plain data come out, work is bounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from graders.kernel.report import Mismatch
from graders.sandbox.calls import Call, problem, said, texts
from graders.sandbox.channel import MOST_BYTES
from graders.sandbox.isolation import FOLDER_BYTES, Isolation, SandboxTimeout, no_isolation
from graders.sandbox.plain_data import UNREADABLE, NotPlain, decode
from graders.sandbox.process import SandboxProcess
from graders.sandbox.runtimes import Runtime
from graders.sandbox.watchdog import Bounds, Overrun

BOUNDS = Bounds(work=5, in_all=30)
# To read what a sandbox writes takes us longer than it takes the sandbox.
MAX_BYTES_IN_ALL = 20 * MOST_BYTES


class Sandbox:
    """A process in `isolation` (by default none) that defines one answer and is asked to call it.

    `bounds` are what each request may take, and all of them. A sandbox that broke one, died or said too much is closed
    for good: every later request raises the same `Mismatch`. A sandbox that cannot be started raises
    `SandboxStartError`, and one that does not answer although it broke no bound `SandboxTimeout`, for that is no fault
    of the answer.
    """

    def __init__(self, *, bounds: Bounds = BOUNDS, isolation: Isolation | None = None, runtime: Runtime | None = None):
        self._isolation, self._runtime = isolation or no_isolation(), runtime
        self.bounds = bounds
        self._heard = 0
        self._end: Mismatch | SandboxTimeout | None = None
        self._defined: tuple[str, str] | None = None
        self._twins: list[Sandbox] = []
        self.calling: Call | None = None
        self._process = self._started()

    def _started(self) -> SandboxProcess:
        return SandboxProcess(self._isolation, self.bounds, runtime=self._runtime)

    @property
    def folder(self) -> Path:
        """The scratch folder of the process."""
        return self._process.folder

    def define(self, source: str, name: str, bounds: Bounds | None = None) -> Any:
        """Run `source` and give what it calls `name`: plain data, or a `SandboxedFunction`.

        Raise `Mismatch` if the text has no sense for Python, raises, or does not define `name`. Line numbers
        count from the cell's first line, which holds the `%%answer` magic. `bounds` are this text's own.
        """
        self._defined = (source, name)
        reply = self.exchange({"define": "\n" + source, "name": name}, "your cell", bounds)
        if "error" in reply:
            raise Mismatch("your cell to run", problem(reply))
        if "missing" in reply:
            made = ", ".join(f"`{other}`" for other in texts(reply["missing"])) or "nothing"
            raise Mismatch(f"a cell that defines `{name}`", f"a cell that defines {made}")
        if "function" in reply:
            return SandboxedFunction(self, name)
        return self.value(reply, f"`{name}` to hold")

    def begin(self, name: str, arguments: tuple[Any, ...]) -> Call:
        """Begin a call of the function `name`; while one stands still, the next begins in a process of its own."""
        sandbox = self if not self.calling else self._free_twin()
        sandbox.calling = call = Call(sandbox, name, arguments)
        if not call.waiting():
            sandbox.calling = None
        return call

    def _free_twin(self) -> Sandbox:
        for twin in self._twins:
            if not twin.calling:
                return twin
        self._twins.append(Sandbox(bounds=self.bounds, isolation=self._isolation, runtime=self._runtime))
        self._twins[-1].define(*self._defined)
        return self._twins[-1]

    def start_again(self) -> None:
        """End the process at whatever it does, and define the answer in a fresh one."""
        self._process.end()
        self.calling = None
        self._process = self._started()
        self.define(*self._defined)

    def exchange(self, message: dict, said: str, bounds: Bounds | None = None) -> dict:
        """Send one message and give the reply to it; `said` names in words what was asked for."""
        if self._end:
            raise self._end
        line = self._line(json.dumps(message), said, bounds or self.bounds)
        if not line and self._process.overfull:
            raise self.over(f"{said} to write {FOLDER_BYTES >> 20} MB at most", "it wrote more, or too many files")
        if not line and self._process.used_up():
            raise self._overrun(Overrun("in_all", self.bounds.in_all), said)
        if not line:
            raise self.over(
                f"{said} to give a value",
                f"it ended the {self._runtime.name if self._runtime else 'Python'} process it ran in",
            )
        return self._read(line, said)

    def _line(self, text: str, said: str, bounds: Bounds) -> str:
        try:
            return self._process.exchange(text, bounds)
        except Overrun as overrun:
            raise self._overrun(overrun, said) from None
        except SandboxTimeout as late:
            self._end = late
            self.close()
            raise

    def _overrun(self, overrun: Overrun, said: str) -> Mismatch:
        """Close the sandbox and say which bound was broken."""
        limit = f"{overrun.limit:g} s"
        if overrun.bound == "in_all":
            return self.over(f"all calls together to end within {limit} of processor time", "they took too long")
        if overrun.bound == "asleep":
            return self.over(f"{said} to work or to end", f"it waited and did nothing, for {limit} in all")
        return self.over(f"{said} to end within {limit} of processor time", "it was still running")

    def _read(self, line: str, said: str) -> dict:
        if len(line) >= MOST_BYTES:
            raise self.over(f"{said} to give a value of ordinary size", "more than 5 million characters")
        self._heard += len(line)
        if self._heard > MAX_BYTES_IN_ALL:
            most = MAX_BYTES_IN_ALL // 1_000_000
            raise self.over(
                "all calls together to give values of ordinary size", f"more than {most} million characters"
            )
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            reply = None
        if not isinstance(reply, dict):
            raise self.over(f"{said} to give a value", "something that is not plain data")
        return reply

    def value(self, reply: dict, said: str) -> Any:
        """The plain data in `reply`; raise `Mismatch` if there are none."""
        try:
            return decode(reply["value"])
        except UNREADABLE:
            kind = str(reply.get("unplain", "something unreadable"))[:60]
            if kind == "ellipsis":
                raise Mismatch(f"{said} no `...` any more", "`...` where your answer belongs") from None
            raise Mismatch(
                f"{said} plain data (numbers, text, lists, tuples, sets, dictionaries)", f"`{kind}`"
            ) from None

    def over(self, expected: str, found: str) -> Mismatch:
        """Close the sandbox for good and give the reason, to be raised."""
        self._end = Mismatch(expected, found)
        self.close()
        return self._end

    def close(self) -> None:
        """End the process with everything it started, and remove its scratch folder."""
        self._end = self._end or Mismatch("a cell that is running", "its process has ended")
        for twin in self._twins:
            twin.close()
        self._process.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class SandboxedFunction:
    """A student's function, called like any other; what it does happens in its sandbox.

    Arguments are plain data, or a `Session`, which reaches the function as a wire: a connection that feels like the
    engine's own. A call gives plain data and raises `Mismatch` in words a student can read if the function fails.
    """

    def __init__(self, sandbox: Sandbox, name: str):
        self.sandbox = sandbox
        self.name = name

    def begin(self, *arguments: Any) -> Call:
        """Begin a call that is driven from outside, statement by statement."""
        return self.sandbox.begin(self.name, arguments)

    def _ended(self, arguments: tuple[Any, ...]) -> Call:
        call = self.begin(*arguments)
        while call.waiting():
            call.answer()
        return call

    def __call__(self, *arguments: Any) -> Any:
        return self._ended(arguments).value()

    def changed_arguments(self, *arguments: Any) -> list[int]:
        """Call the function and give the positions of the arguments that it changed."""
        call = self._ended(arguments)
        call.value()
        return call.changed()

    def said(self, *arguments: Any) -> str:
        """The call as a student would write it, cut to a readable length."""
        return said(self.name, arguments)


__all__ = ["Sandbox", "SandboxedFunction", "NotPlain"]
