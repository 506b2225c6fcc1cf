"""What stands around a box: how its process is started, and what it must lock before it runs a student's Python."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INSIDE = HERE / "inside.py"
SCRIPTS = (
    *(INSIDE, HERE / "plain.py", HERE / "wire_sqlite.py", HERE / "wire_duck.py"),
    *(HERE / "locks.py", HERE / "seccomp.py"),
)
MEMORY = 2 << 30
FOLDER_BYTES, FOLDER_ENTRIES = 128 << 20, 2_000
FILE_BYTES, OPEN_FILES, THREADS = 32 << 20, 64, 64
NO_ACCOUNTS = range(62_000, 65_000)
TO_START_PYTHON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class NoWall(RuntimeError):
    """No wall holds on this machine; the words say what to install."""


class Wall:
    """No wall: a process of its own with limits on time and memory, on any system, for a student's own machine.

    The walls proper are subclasses. `holds` says whether a student's Python is kept from anything at all.
    """

    name = "none"
    words = "no wall: limits on time and memory only"
    holds = False

    def command(self, folder: Path, uid: int | None) -> list[str]:
        """The words that start the process of a box with the scratch folder `folder`."""
        return [sys.executable, "-I", str(INSIDE)]

    def environment(self, folder: Path) -> dict[str, str]:
        """All that the process may know of ours: where programs are, the language, and its own folder as a home."""
        own = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}
        if self.holds:
            return own
        windows = {"TEMP": str(folder), "TMP": str(folder)} if os.name == "nt" else {}
        passed = {name: os.environ[name] for name in ("PATH", *TO_START_PYTHON) if name in os.environ}
        return own | windows | passed

    def uid(self) -> int | None:
        """The user that the process becomes, drawn from numbers that have no account; None: it stays ours."""
        return None

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        """What the process must do to itself before anything else, as JSON can hold it."""
        return {"locked": False, "limits": {"AS": MEMORY, "CPU": seconds, "CORE": 0}}


class LockedWall(Wall):
    """What every wall proper has in common: an own user, strict limits and refused system calls."""

    holds = True

    def uid(self) -> int | None:
        return secrets.choice(NO_ACCOUNTS) if os.geteuid() == 0 else None

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        limits = {"AS": MEMORY, "CPU": seconds, "CORE": 0, "FSIZE": FILE_BYTES, "NOFILE": OPEN_FILES}
        return {"locked": True, "uid": uid, "folder": str(folder), "limits": limits, "landlock": None}


def no_wall() -> Wall:
    """The wall of a student's own notebook: none, for it is the student's own machine."""
    return Wall()
