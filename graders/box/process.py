"""The process of a box, and the two pipes to it: bounded in what it may say, ended with all that it started."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

from graders.box.scratch import too_full
from graders.box.wall import FOLDER_BYTES, FOLDER_ENTRIES, Wall

MOST_CHARACTERS = 5_000_000
MOST_UNREAD = 2
TO_START = 30
BETWEEN_LOOKS = 0.1


class BoxProcess:
    """A Python behind `wall`, ready to be asked; raise `RuntimeError` if it cannot be started or locked."""

    def __init__(self, wall: Wall, folder: Path, uid: int | None, seconds: int):
        self.overfull = False
        self._folder = folder
        self._ended = threading.Event()
        self._lines: queue.Queue[str] = queue.Queue()
        self._process = subprocess.Popen(
            wall.command(folder, uid),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=wall.environment(folder),
            text=True,
            encoding="utf-8",
            start_new_session=os.name == "posix",
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._begin(wall.plan(folder, uid, seconds))
        if wall.holds:
            threading.Thread(target=self._watch, daemon=True).start()

    def _begin(self, plan: dict[str, Any]) -> None:
        self._write(json.dumps(plan))
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
            while line := self._process.stdout.readline(MOST_CHARACTERS):
                if self._lines.qsize() >= MOST_UNREAD:
                    self._kill()
                else:
                    self._lines.put(line)
        self._lines.put("")

    def _watch(self) -> None:
        while not self._ended.wait(BETWEEN_LOOKS):
            try:
                self.overfull = too_full(self._folder, FOLDER_BYTES, FOLDER_ENTRIES)
            except OSError:
                self.overfull = True
            if self.overfull:
                self._kill()
                break

    def ask(self, text: str) -> None:
        """Send one line; a process that does not listen keeps nobody waiting."""
        threading.Thread(target=self._write, args=(text,), daemon=True).start()

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(text + "\n")
            self._process.stdin.flush()

    def heard(self, seconds: float) -> str:
        """The next line it says, empty if it has gone; raise `queue.Empty` after `seconds`."""
        return self._lines.get(timeout=max(0, seconds))

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def end(self) -> None:
        """End the process with everything it started."""
        self._ended.set()
        self._kill()
        self._process.wait()
        self._listener.join(timeout=5)
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError, ValueError):
                stream.close()
