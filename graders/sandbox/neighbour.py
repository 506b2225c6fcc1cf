"""What else has sandboxes in the same isolation: one that lives beside an attempt to break out, and one before it."""

from __future__ import annotations

import secrets
from typing import Any

from graders.kernel.report import Mismatch
from graders.sandbox.isolation import Isolation
from graders.sandbox.sandbox import Sandbox

SOURCE = """
import os
kept = {token!r}
def told(word):
    return [os.getpid(), word]
"""


class Neighbour:
    """A sandbox in `isolation` with a file and a secret, and the secret of one that has gone; use it in a `with`."""

    def __init__(self, isolation: Isolation):
        self._earlier, self._notes = secrets.token_hex(16), secrets.token_hex(16)
        with Sandbox(isolation=isolation) as before:
            before.define(SOURCE.format(token=self._earlier), "told")(self._earlier)
        self._box = Sandbox(isolation=isolation)
        self._file = self._box.folder / "notes.txt"
        self._file.write_text(self._notes)
        self._told = self._box.define(SOURCE.format(token=self._notes), "told")
        self._pid = self._told(self._notes)[0]

    def __enter__(self) -> Neighbour:
        return self

    def __exit__(self, *_: Any) -> None:
        self._box.close()

    def at(self) -> dict[str, Any]:
        """What an attempt is told of it; secrets in halves, so that they are nowhere whole but with their owner."""
        return {
            "neighbour": self._pid,
            "neighbour's file": str(self._file),
            "secrets of others": [[token[:16], token[16:]] for token in (self._earlier, self._notes)],
        }

    def unharmed(self) -> bool:
        """Whether it still answers, and finds its file as it was and alone."""
        try:
            same = self._told("")[0] == self._pid and self._file.read_text() == self._notes
            return same and list(self._box.folder.iterdir()) == [self._file]
        except (Mismatch, OSError):
            return False
