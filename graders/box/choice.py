"""Chooses the wall that holds on this machine, by trying it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from graders.box.bubblewrap import Bubblewrap
from graders.box.landlock import Landlock
from graders.box.scratch import made_scratch, removed
from graders.box.wall import LockedWall, NoWall, Wall

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


@cache
def _weaknesses() -> dict[str, str]:
    return {wall.name: _tried(wall) for wall in walls()}


def weakness(wall: LockedWall) -> str:
    """Why `wall` does not hold on this machine, in a few words; empty if it does. Tried once in a process."""
    return _weaknesses()[wall.name]


def _tried(wall: LockedWall) -> str:
    if sys.platform != "linux":
        return "it needs Linux"
    uid = wall.uid()
    folder = made_scratch(uid)
    try:
        with tempfile.NamedTemporaryFile() as secret:
            Path(secret.name).chmod(0o644)
            return _answered(wall, folder, uid, secret.name)
    finally:
        removed(folder)


def _answered(wall: LockedWall, folder: Path, uid: int | None, secret: str) -> str:
    asked = [wall.plan(folder, uid, 10), {"define": PROBE.format(secret=secret), "name": "held"}]
    try:
        done = subprocess.run(
            wall.command(folder, uid),
            input="".join(json.dumps(line) + "\n" for line in asked),
            env=wall.environment(folder),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)[:200]
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    if {"value": {"dict": [["it held", True]]}} in replies:
        return ""
    return _reason(replies, done.stderr)


def _reason(replies: list[dict], words: str) -> str:
    with contextlib.suppress(IndexError):
        return replies[0].get("refused") or f"a trial in it ended with {replies[-1]}"
    lines = words.strip().splitlines()
    return lines[-1][:200] if lines else "its process ended without a word"
