"""A process behind a wall in which engines run: SQL of a student's is never run where expected rows are."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graders.box import Wall
from graders.box.process import MOST_CHARACTERS, BoxProcess
from graders.box.scratch import made_scratch, removed
from graders.engines.far_lab import FarLab
from graders.labs import OutOfBounds, labs_opened_by

UNREADABLE = (KeyError, ValueError, TypeError, ArithmeticError, AttributeError, RecursionError)


class EngineBox:
    """A process behind `wall` that holds labs; started when the first is opened, and again after it has died.

    `seconds` bounds each request, far above what the labs' own bounds allow, and `in_all` the processor time of one
    process. A request that is not answered raises `OutOfBounds`: an engine dies, or hangs, of what it was asked.
    """

    def __init__(self, wall: Wall, *, seconds: float = 30, in_all: float = 120):
        self.wall = wall
        self.seconds = seconds
        self.in_all = in_all
        self._process: _EngineProcess | None = None

    def open(self, engine: str) -> FarLab:
        """Open an empty lab on `engine` in the process."""
        if self._process is None or self._process.ended:
            self.close()
            self._process = _EngineProcess(self.wall, self.seconds, self.in_all)
        return FarLab(engine, self._process.ask)

    def close(self) -> None:
        """End the process with every lab in it."""
        if self._process:
            self._process.end()
            self._process = None


class _EngineProcess:
    def __init__(self, wall: Wall, seconds: float, in_all: float):
        self.seconds = seconds
        self.ended = False
        uid = wall.uid()
        self._folder = made_scratch(uid)
        try:
            self._process = BoxProcess(wall, self._folder, uid, int(in_all), serves="labs")
        except BaseException:
            removed(self._folder)
            raise

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Give the reply to `request`; raise `OutOfBounds` if there is none, `RuntimeError` if a lab broke."""
        reply = self._reply(request)
        if "broke" in reply:
            raise RuntimeError(f"in the engine's process: {reply['broke']}")
        return reply

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.ended:
            raise OutOfBounds("The engine", "its process has ended")
        self._process.ask(json.dumps(request))
        try:
            return self._read(self._process.heard(self.seconds))
        except queue.Empty:
            raise self._over(f"cut off after {self.seconds:g} s") from None

    def _read(self, line: str) -> dict[str, Any]:
        if not line:
            raise self._over("its process ended at this statement")
        if len(line) >= MOST_CHARACTERS:
            raise self._over(f"it gave more than {MOST_CHARACTERS // 1_000_000} million characters")
        try:
            reply = json.loads(line)
        except UNREADABLE:
            reply = None
        if not isinstance(reply, dict):
            raise self._over("its process answered with something that is no answer")
        return reply

    def _over(self, words: str) -> OutOfBounds:
        self.end()
        return OutOfBounds("The engine", words)

    def end(self) -> None:
        if not self.ended:
            self.ended = True
            self._process.end()
            removed(self._folder)


@contextmanager
def engines_behind(wall: Wall) -> Iterator[None]:
    """Have every lab that is opened inside the `with` run in a process of its own behind `wall`."""
    box = EngineBox(wall)
    try:
        with labs_opened_by(box.open):
            yield
    finally:
        box.close()
