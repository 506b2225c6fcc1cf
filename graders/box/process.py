"""The process of a box, and the two pipes to it: bounded in what it may say, ended with all that it started.

Behind a wall it is a fork of a warm Python, elsewhere a Python of its own.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading

from graders.box.forkserver import forked
from graders.box.scratch import too_full
from graders.box.spawn import Spawned
from graders.box.wall import FOLDER_BYTES, FOLDER_ENTRIES, Wall

MOST_CHARACTERS = 5_000_000
MOST_UNREAD = 2
TO_START = 30
BETWEEN_LOOKS = 0.1


class BoxProcess:
    """A Python behind `wall`, ready to be asked; raise `RuntimeError` if it cannot be started or locked.

    `folder` is its scratch folder, and `uid` the user it belongs to (None: us).
    """

    def __init__(self, wall: Wall, seconds: int):
        self.overfull = False
        self._ended = threading.Event()
        self._lines: queue.Queue[str] = queue.Queue()
        try:
            self._running = forked(wall) if wall.holds else Spawned(wall)
        except OSError as error:
            raise RuntimeError(f"a box could not be started: {error}") from None
        self.folder, self.uid = self._running.folder, self._running.uid
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._begin(json.dumps(wall.plan(self.folder, self.uid, seconds)))
        if wall.holds:
            threading.Thread(target=self._watch, daemon=True).start()

    def _begin(self, plan: str) -> None:
        self._write(plan)
        try:
            said = self.heard(TO_START)
        except queue.Empty:
            said = ""
        if said != '{"ready": true}\n':
            self.end()
            raise RuntimeError(f"a box could not be started: {said.strip() or 'its process ended'}")

    def _listen(self) -> None:
        """Read replies, each bounded; an empty line means that the process has gone, or had more to say than asked."""
        with contextlib.suppress(ValueError, OSError):
            while line := self._running.replies.readline(MOST_CHARACTERS):
                if self._lines.qsize() >= MOST_UNREAD:
                    self._running.kill()
                else:
                    self._lines.put(line)
        self._lines.put("")

    def _watch(self) -> None:
        while not self._ended.wait(BETWEEN_LOOKS):
            try:
                self.overfull = too_full(self.folder, FOLDER_BYTES, FOLDER_ENTRIES)
            except OSError:
                self.overfull = True
            if self.overfull:
                self._running.kill()
                break

    def ask(self, text: str) -> None:
        """Send one line; a process that does not listen keeps nobody waiting."""
        threading.Thread(target=self._write, args=(text,), daemon=True).start()

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._running.requests.write(text + "\n")
            self._running.requests.flush()

    def heard(self, seconds: float) -> str:
        """The next line it says, empty if it has gone; raise `queue.Empty` after `seconds`."""
        return self._lines.get(timeout=max(0, seconds))

    def end(self) -> None:
        """End the process with everything it started, and remove its folder."""
        self._ended.set()
        self._running.kill()
        self._listener.join(timeout=5)
        for stream in (self._running.requests, self._running.replies):
            with contextlib.suppress(OSError, ValueError):
                stream.close()
        self._running.clear()
