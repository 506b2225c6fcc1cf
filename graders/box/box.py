"""Runs a student's Python in a process of its own: plain data go in, plain data come out, time is bounded."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from graders.box.plain import NotPlain, decode, encode
from graders.report import Mismatch

INSIDE = Path(__file__).with_name("inside.py")
MOST_CHARACTERS = 5_000_000
MEMORY = 2 << 30


class Box:
    """A process that defines one answer and is asked to call it.

    `seconds` bounds each request and `in_all` all of them together. A box that timed out, died or said too much is
    closed for good: every later request raises the same `Mismatch`. `folder` is its scratch folder, where database
    files for it are put.
    """

    def __init__(self, *, seconds: float = 5, in_all: float = 30):
        self.seconds = seconds
        self._left = in_all
        self.folder = Path(tempfile.mkdtemp(prefix="box-"))
        self._lines: queue.Queue[str] = queue.Queue()
        self._end: Mismatch | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(INSIDE), str(MEMORY), str(int(in_all))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            text=True,
            encoding="utf-8",
            start_new_session=os.name == "posix",
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        """Read replies, each bounded, until the process falls silent; an empty line means that it has gone."""
        with contextlib.suppress(ValueError, OSError):
            while line := self._process.stdout.readline(MOST_CHARACTERS):
                self._lines.put(line)
        self._lines.put("")

    def define(self, source: str, name: str) -> Any:
        """Run `source` and give what it calls `name`: plain data, or a `BoxedFunction`.

        Raise `Mismatch` if the text has no sense for Python, raises, or does not define `name`. Line numbers
        count from the cell's first line, which holds the `%%answer` magic.
        """
        reply = self._ask({"define": "\n" + source, "name": name})
        if "missing" in reply:
            made = ", ".join(f"`{other}`" for other in reply["missing"]) or "nothing"
            raise Mismatch(f"a cell that defines `{name}`", f"a cell that defines {made}")
        if "function" in reply:
            return BoxedFunction(self, name)
        return self._value(reply, f"`{name}` to hold")

    def call(self, name: str, arguments: tuple[Any, ...]) -> tuple[Any, list[int]]:
        """Call the function `name`; give its value and the positions of the arguments it changed.

        A `Path` among the arguments is a SQLite file and reaches the function as an open connection.
        """
        reply = self._ask({"call": name, "arguments": [_argument(item) for item in arguments]}, name, arguments)
        said = _said(name, arguments)
        return self._value(reply, f"{said} to give"), reply.get("changed", [])

    def _ask(self, request: dict, name: str = "", arguments: tuple = ()) -> dict:
        said = _said(name, arguments) if name else "your cell"
        if self._end:
            raise self._end
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        line = self._line(said)
        if not line:
            raise self._over(f"{said} to give a value", "it ended the Python process it ran in")
        return self._read(line, said)

    def _line(self, said: str) -> str:
        began = time.monotonic()
        try:
            return self._lines.get(timeout=min(self.seconds, self._left))
        except queue.Empty:
            if self._left < self.seconds:
                raise self._over("all calls together to end in time", "they took too long") from None
            raise self._over(f"{said} to end within {self.seconds:g} s", "it was still running") from None
        finally:
            self._left -= time.monotonic() - began

    def _read(self, line: str, said: str) -> dict:
        if len(line) >= MOST_CHARACTERS:
            raise self._over(f"{said} to give a value of ordinary size", "more than 5 million characters")
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        if not isinstance(reply, dict):
            raise self._over(f"{said} to give a value", "something that is not plain data")
        if "error" in reply:
            raise Mismatch(f"{said} to run", _problem(reply))
        return reply

    def _value(self, reply: dict, said: str) -> Any:
        try:
            return decode(reply["value"])
        except (KeyError, ValueError, TypeError, ArithmeticError, AttributeError):
            kind = str(reply.get("unplain", "something unreadable"))[:60]
            if kind == "ellipsis":
                raise Mismatch(f"{said} no `...` any more", "`...` where your answer belongs") from None
            raise Mismatch(
                f"{said} plain data (numbers, text, lists, tuples, sets, dictionaries)", f"`{kind}`"
            ) from None

    def _over(self, expected: str, found: str) -> Mismatch:
        self._end = Mismatch(expected, found)
        self.close()
        return self._end

    def close(self) -> None:
        """End the process with everything it started, and remove its scratch folder."""
        self._end = self._end or Mismatch("a cell that is running", "its process has ended")
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError, ValueError):
                stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class BoxedFunction:
    """A student's function, called like any other; what it does happens in its box.

    A call gives plain data and raises `Mismatch` in words a student can read if the function fails.
    """

    def __init__(self, box: Box, name: str):
        self.box = box
        self.name = name

    def __call__(self, *arguments: Any) -> Any:
        return self.box.call(self.name, arguments)[0]

    def changed_arguments(self, *arguments: Any) -> list[int]:
        """Call the function and give the positions of the arguments that it changed."""
        return self.box.call(self.name, arguments)[1]

    def said(self, *arguments: Any) -> str:
        """The call as a student would write it, cut to a readable length."""
        return _said(self.name, arguments)


def _argument(value: Any) -> Any:
    return {"database": str(value)} if isinstance(value, Path) else encode(value)


def _said(name: str, arguments: tuple[Any, ...]) -> str:
    words = ", ".join("connection" if isinstance(item, Path) else repr(item) for item in arguments)
    return f"`{name}({words if len(words) <= 160 else words[:160] + '…'})`"


def _problem(reply: dict) -> str:
    line = f" in line {reply['line']} of your cell" if reply.get("line") else ""
    words = f": {reply['words']}" if reply.get("words") else ""
    return f"`{reply['error']}{words}`{line}"


__all__ = ["Box", "BoxedFunction", "NotPlain"]
