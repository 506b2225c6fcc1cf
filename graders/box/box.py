"""Runs a student's Python in a process of its own: plain data go in, plain data come out, time is bounded."""

from __future__ import annotations

import json
import queue
import time
from pathlib import Path
from typing import Any

from graders.box.plain import NotPlain, decode, encode
from graders.box.process import MOST_CHARACTERS, BoxProcess
from graders.box.scratch import handed_over, made_scratch, removed
from graders.box.wall import FOLDER_BYTES, Wall, no_wall
from graders.report import Mismatch


class Box:
    """A process behind `wall` (by default none) that defines one answer and is asked to call it.

    `seconds` bounds each request and `in_all` all of them together. A box that timed out, died or said too much is
    closed for good: every later request raises the same `Mismatch`. `folder` is its scratch folder, where database
    files for it are put. A box that cannot be started raises `RuntimeError`, for that is no fault of the answer.
    """

    def __init__(self, *, seconds: float = 5, in_all: float = 30, wall: Wall | None = None):
        wall = wall or no_wall()
        self.seconds = seconds
        self._left = in_all
        self._uid = wall.uid()
        self._end: Mismatch | None = None
        self.folder = made_scratch(self._uid)
        try:
            self._process = BoxProcess(wall, self.folder, self._uid, int(in_all))
        except BaseException:
            removed(self.folder)
            raise

    def define(self, source: str, name: str) -> Any:
        """Run `source` and give what it calls `name`: plain data, or a `BoxedFunction`.

        Raise `Mismatch` if the text has no sense for Python, raises, or does not define `name`. Line numbers
        count from the cell's first line, which holds the `%%answer` magic.
        """
        reply = self._ask({"define": "\n" + source, "name": name})
        if "missing" in reply:
            made = ", ".join(f"`{other}`" for other in _texts(reply["missing"])) or "nothing"
            raise Mismatch(f"a cell that defines `{name}`", f"a cell that defines {made}")
        if "function" in reply:
            return BoxedFunction(self, name)
        return self._value(reply, f"`{name}` to hold")

    def call(self, name: str, arguments: tuple[Any, ...]) -> tuple[Any, list[int]]:
        """Call the function `name`; give its value and the positions of the arguments it changed.

        A `Path` among the arguments is a SQLite file and reaches the function as an open connection.
        """
        reply = self._ask({"call": name, "arguments": [_argument(item) for item in arguments]}, name, arguments)
        value = self._value(reply, f"{_said(name, arguments)} to give")
        return value, _positions(reply.get("changed"), len(arguments))

    def _ask(self, request: dict, name: str = "", arguments: tuple = ()) -> dict:
        said = _said(name, arguments) if name else "your cell"
        if self._end:
            raise self._end
        handed_over(self.folder, self._uid)
        self._process.ask(json.dumps(request))
        line = self._line(said)
        if not line and self._process.overfull:
            raise self._over(f"{said} to write {FOLDER_BYTES >> 20} MB at most", "it wrote more, or too many files")
        if not line:
            raise self._over(f"{said} to give a value", "it ended the Python process it ran in")
        return self._read(line, said)

    def _line(self, said: str) -> str:
        began = time.monotonic()
        try:
            return self._process.heard(min(self.seconds, self._left))
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
        except (ValueError, RecursionError):
            reply = None
        if not isinstance(reply, dict):
            raise self._over(f"{said} to give a value", "something that is not plain data")
        if "error" in reply:
            raise Mismatch(f"{said} to run", _problem(reply))
        return reply

    def _value(self, reply: dict, said: str) -> Any:
        try:
            return decode(reply["value"])
        except (KeyError, ValueError, TypeError, ArithmeticError, AttributeError, RecursionError):
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
        self._process.end()
        removed(self.folder)

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
    """The error told by a box: in there it may have been forged, so nothing about it is taken for granted."""
    line = f" in line {reply['line']} of your cell" if isinstance(reply.get("line"), int) else ""
    words = ": ".join(text for text in _texts([reply["error"], reply.get("words")]) if text)
    return f"`{words or 'an error'}`{line}"


def _texts(value: Any) -> list[str]:
    """The texts in a list that a box gave, each cut to what an error may say."""
    return [text[:500] for text in value[:20] if isinstance(text, str)] if isinstance(value, list) else []


def _positions(value: Any, count: int) -> list[int]:
    """The positions of arguments in a list that a box gave."""
    return [place for place in range(count) if isinstance(value, list) and place in value]


__all__ = ["Box", "BoxedFunction", "NotPlain"]
