"""What stands around a sandbox: how its process is started, and what it must lock before it runs a student's Python."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from graders.sandbox.runtime import Runtime

HERE = Path(__file__).parent
INSIDE = HERE / "inside.py"
FORKING = HERE / "forking.py"
BECOMING = HERE / "becoming.py"
SCRIPTS = (
    *(FORKING, BECOMING, INSIDE, HERE / "plain.py", HERE / "clock.py", HERE / "wire_sqlite.py", HERE / "wire_duck.py"),
    *(HERE / "locks.py", HERE / "seccomp.py"),
)
# The course's own packages that engines run with, and no other.
PACKAGES = (HERE.parent / "labs", HERE.parent / "sql")
NEEDS_OWN_USERS = "own-users"
MEMORY = 2 << 30
FOLDER_BYTES, FOLDER_ENTRIES = 128 << 20, 2_000
FILE_BYTES, OPEN_FILES, THREADS = 32 << 20, 64, 64
# What the kernel starts a program with, by machine; it has to be allowed to run like the program itself.
LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
NO_ACCOUNTS = range(62_000, 65_000)
TO_START_PYTHON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class TemporaryFailure(RuntimeError):
    """A sandbox gave nothing, by no fault of any answer; another try may succeed."""


class SandboxStartError(TemporaryFailure):
    """A sandbox could not be started."""


class SandboxTimeout(TemporaryFailure):
    """A sandbox did not answer for so long that it was given up, although it broke no bound."""


class IsolationUnavailable(RuntimeError):
    """No isolation holds on this machine; the words say what to install."""


class Isolation:
    """No isolation: a process of its own with limits on time and memory, on any system, for a student's own machine.

    Strict ones are subclasses. `is_strict` says whether a student's Python is kept from anything at all.
    """

    name = "none"
    words = "no isolation: limits on time and memory only"
    is_strict = False

    def command(self, folder: Path) -> list[str]:
        """The words that start a sandbox with the scratch folder `folder`; of strict isolation, its fork server."""
        return [sys.executable, "-I", str(INSIDE)]

    def environment(self, folder: Path) -> dict[str, str]:
        """All that the process may know of ours: where programs are, the language, and its own folder as a home."""
        own = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}
        if self.is_strict:
            return own
        windows = {"TEMP": str(folder), "TMP": str(folder)} if os.name == "nt" else {}
        passed = {name: os.environ[name] for name in ("PATH", *TO_START_PYTHON) if name in os.environ}
        return own | windows | passed

    def uid(self) -> int | None:
        """The user that the process becomes, drawn from numbers that have no account; None: it stays ours."""
        return None

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        """What the process must do to itself before anything else, as JSON can hold it."""
        return {"limits": {"AS": MEMORY, "CPU": seconds, "CORE": 0}}

    def starts(self, runtime: Runtime, folder: Path, uid: int | None, seconds: int) -> list[str]:
        """The words that start a sandbox whose program is `runtime`; strict isolation locks the process first."""
        return runtime.command(folder)


class StrictIsolation(Isolation):
    """What every strict isolation has in common: an own user, strict limits and refused system calls."""

    is_strict = True

    def command(self, folder: Path) -> list[str]:
        return [sys.executable, "-I", str(FORKING)]

    def uid(self) -> int | None:
        return secrets.choice(NO_ACCOUNTS) if os.geteuid() == 0 else None

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        limits = {"AS": MEMORY, "CPU": seconds, "CORE": 0, "FSIZE": FILE_BYTES, "NOFILE": OPEN_FILES}
        return {"uid": uid, "folder": str(folder), "limits": limits, "landlock": None}

    def starts(self, runtime: Runtime, folder: Path, uid: int | None, seconds: int) -> list[str]:
        plan = self.plan(folder, uid, seconds)
        plan |= {"limits": runtime.limits(plan["limits"]), "becomes": True}
        if plan["landlock"]:
            plan["landlock"] |= {"run": [runtime.words[0], *LOADERS]}
        return self._alone(folder, [json.dumps(plan), *runtime.command(folder)])

    def _alone(self, folder: Path, words: list[str]) -> list[str]:
        """The words that start a process of its own with `words` for what becomes the program."""
        return [sys.executable, "-I", str(BECOMING), *words]


def no_isolation() -> Isolation:
    """The isolation of a student's own notebook: none, for it is the student's own machine."""
    return Isolation()
