"""Chooses the isolation that holds on this machine, by trying it."""

from __future__ import annotations

import sys
import tempfile
from functools import cache
from pathlib import Path

from graders.sandbox.errors import IsolationUnavailable, SandboxError
from graders.sandbox.isolation import Bubblewrap, Landlock, StrictIsolation
from graders.sandbox.limits import TRIAL_BOUNDS
from graders.sandbox.sandbox import Sandbox

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
def best_isolation() -> StrictIsolation:
    """The first isolation that holds here, tried once in a process.

    Raise `IsolationUnavailable`, saying what to install, if none does.
    """
    for isolation in isolations():
        if not weakness(isolation):
            return isolation
    raise IsolationUnavailable(REMEDY)


def isolations() -> tuple[StrictIsolation, ...]:
    """All strict ones, the best first."""
    return (Bubblewrap(), Landlock())


def weakness(isolation: StrictIsolation) -> str:
    """Why `isolation` does not hold on this machine, in a few words; empty if it does. Tried once in a process."""
    return _tried(isolation.name)


@cache
def _tried(name: str) -> str:
    if sys.platform != "linux":
        return "it needs Linux"
    (isolation,) = (isolation for isolation in isolations() if isolation.name == name)
    try:
        with (
            tempfile.NamedTemporaryFile() as secret,
            Sandbox(isolation=isolation, bounds=TRIAL_BOUNDS) as sandbox,
        ):
            Path(secret.name).chmod(0o644)
            held = sandbox.define(PROBE.format(secret=secret.name), "held")
    except (OSError, RuntimeError) as error:
        return str(error)
    except SandboxError as error:
        return f"a trial in it ended: {error}"
    return "" if held == {"it held": True} else "a trial in it came through"
