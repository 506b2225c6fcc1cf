"""The second wall: Landlock and seccomp, which a process puts around itself where namespaces are not to be had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graders.sandbox.interpreter import needed, readable
from graders.sandbox.isolation import StrictIsolation

# DuckDB asks for its share of memory, and ends the process if it sees a file of these that it may not open.
SHARE_OF_MEMORY = ("/proc/self/cgroup", "/sys/fs/cgroup")


class Landlock(StrictIsolation):
    """A sandbox can open the interpreter, its packages and its own folder; it has no sockets and no other processes.

    Names and sizes of other files can still be asked for by who knows their path; contents and lists cannot.
    """

    name = "landlock"
    words = "Landlock: own files; seccomp: no sockets, no other processes; limits"

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        rules = {
            "read": [*map(str, readable()), "/dev/urandom", *SHARE_OF_MEMORY],
            "listed": [str(path) for path in needed()],
            "write": [str(folder)],
        }
        return super().plan(folder, uid, seconds) | {"landlock": rules}
