"""Chooses the wall that holds on this machine, by trying it."""

from __future__ import annotations

import sys
import tempfile
from functools import cache
from pathlib import Path

from graders.kernel.report import Mismatch
from graders.sandbox.box import Box
from graders.sandbox.bubblewrap import Bubblewrap
from graders.sandbox.landlock import Landlock
from graders.sandbox.wall import LockedWall, NoWall, Wall
from graders.sandbox.watch import Bounds

REMEDY = (
    "Python answers cannot be graded safely here: install bubblewrap (Debian, Ubuntu: `apt install bubblewrap`; "
    "Fedora: `dnf install bubblewrap`), or use Linux 6.2 or later with Landlock; `python -m graders doctor` says more."
)
PROBE = """
import socket
def reached(attempt, *arguments):
    try:
        attempt(*arguments)
        return True
    except OSError:
        return False
held = not reached(open, {secret!r}) and not reached(socket.create_connection, ("127.0.0.1", 9), 1) and {{
    "it held": open("scratch.txt", "w").write("x") == 1}}
"""


@cache
def best_wall() -> Wall:
    """The first wall that holds here, tried once in a process; raise `NoWall`, saying what to install, if none does."""
    for wall in walls():
        if not weakness(wall):
            return wall
    raise NoWall(REMEDY)


def walls() -> tuple[LockedWall, ...]:
    """All walls proper, the best first."""
    return (Bubblewrap(), Landlock())


def weakness(wall: LockedWall) -> str:
    """Why `wall` does not hold on this machine, in a few words; empty if it does. Tried once in a process."""
    return _tried(wall.name)


@cache
def _tried(name: str) -> str:
    if sys.platform != "linux":
        return "it needs Linux"
    (wall,) = (wall for wall in walls() if wall.name == name)
    try:
        with tempfile.NamedTemporaryFile() as secret, Box(wall=wall, bounds=Bounds(work=20, in_all=30)) as box:
            Path(secret.name).chmod(0o644)
            held = box.define(PROBE.format(secret=secret.name), "held")
    except (OSError, RuntimeError) as error:
        return str(error)
    except Mismatch as mismatch:
        return f"a trial in it ended with {mismatch.found}"
    return "" if held == {"it held": True} else "a trial in it came through"
