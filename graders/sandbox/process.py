"""The process of a box and what is said to it: bounded in what it may say, ended with all that it started.

Behind a wall it is a fork of a warm Python, elsewhere a Python of its own.
"""

from __future__ import annotations

import json
import os
import threading

from graders.sandbox.forkserver import forked
from graders.sandbox.lines import Lines
from graders.sandbox.runtime import Runtime
from graders.sandbox.scratch import too_full
from graders.sandbox.spawn import Spawned
from graders.sandbox.threaded_lines import ThreadedLines
from graders.sandbox.wall import FOLDER_BYTES, FOLDER_ENTRIES, NoBox, Wall

TO_START = 30
BETWEEN_LOOKS = 0.1


class BoxProcess:
    """A Python behind `wall`, ready to be asked; raise `NoBox` if it cannot be started or locked.

    It serves "answers", or "labs" for an engine's own process; with a `runtime` it is that program. `folder` is its
    scratch folder, and `uid` the user it belongs to (None: us).
    """

    def __init__(self, wall: Wall, seconds: int, serves: str = "answers", runtime: Runtime | None = None):
        self.overfull = False
        self._ended = threading.Event()
        try:
            self._running = forked(wall) if wall.holds and not runtime else Spawned(wall, runtime, seconds)
        except OSError as error:
            raise NoBox(f"a box could not be started: {error}") from None
        self.folder, self.uid = self._running.folder, self._running.uid
        kind = ThreadedLines if os.name == "nt" else Lines
        self._lines = kind(self._running.requests, self._running.replies)
        self._begin(json.dumps({**wall.plan(self.folder, self.uid, seconds), "serves": serves}))
        if wall.holds:
            threading.Thread(target=self._watch, daemon=True).start()

    def _begin(self, plan: str) -> None:
        try:
            said = self.exchange(plan, TO_START)
        except TimeoutError:
            said = ""
        if said != '{"ready": true}\n':
            self.end()
            raise NoBox(f"a box could not be started: {said.strip() or 'its process ended'}")

    def _watch(self) -> None:
        while not self._ended.wait(BETWEEN_LOOKS):
            try:
                self.overfull = too_full(self.folder, FOLDER_BYTES, FOLDER_ENTRIES)
            except OSError:
                self.overfull = True
            if self.overfull:
                self._running.kill()
                break

    def exchange(self, text: str, seconds: float) -> str:
        """Send one line and give the next it says, empty if it has gone; raise `TimeoutError` after `seconds`."""
        return self._lines.exchange(text, seconds)

    def end(self) -> None:
        """End the process with everything it started, and remove its folder."""
        if not self._ended.is_set():
            self._ended.set()
            self._running.kill()
            self._lines.close()
            self._running.clear()
