"""The first isolation: bubblewrap, which gives a sandbox its own view of files, processes, network and users."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graders.sandbox.interpreter import hidden, needed
from graders.sandbox.isolation import BECOMING, FORKING, NEEDS_OWN_USERS, PACKAGES, SCRIPTS, THREADS, StrictIsolation

SPACES = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
INSIDE = "/sandbox"


class Bubblewrap(StrictIsolation):
    """A sandbox sees the interpreter, its packages and its own folder; there is no network and no other process."""

    name = "bubblewrap"
    words = "bubblewrap: own files, processes, network and user; seccomp; limits"

    def command(self, folder: Path) -> list[str]:
        return [*_wrapped(folder), sys.executable, "-I", f"{INSIDE}/{FORKING.name}", *_asks()]

    def _alone(self, folder: Path, words: list[str]) -> list[str]:
        return [*_wrapped(folder), sys.executable, "-I", f"{INSIDE}/{BECOMING.name}", *words]

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        plan = super().plan(folder, uid, seconds)
        limits = plan["limits"] | {"NPROC": THREADS}
        return plan | {"limits": limits, "landlock": _own_files(folder)}


def _wrapped(folder: Path) -> list[str]:
    """The words that put a command behind bubblewrap, with `folder` to write to."""
    program = shutil.which("bwrap") or "bwrap"
    return [program, "--die-with-parent", *SPACES, *_user(), *_view(folder), "--chdir", "/"]


def _user() -> list[str]:
    """An ordinary user gets a user namespace; root needs none, and keeps what it takes to make a nobody and end it."""
    if os.geteuid() != 0:
        return ["--unshare-user"]
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL")
    return ["--cap-drop", "ALL", *(word for name in kept for word in ("--cap-add", name))]


def _asks() -> list[str]:
    """Sandboxes of root are kept apart by their users; those of an ordinary user need more, which may not be there."""
    return [] if os.geteuid() == 0 else [NEEDS_OWN_USERS]


def _own_files(folder: Path) -> dict[str, list[str]] | None:
    """Of the files in view, a sandbox is left the interpreter and its own folder, where the kernel knows how."""
    from graders.sandbox.locks import TRUNCATE_IS_KNOWN, landlock_version  # It is Linux's alone.

    if landlock_version() < TRUNCATE_IS_KNOWN:
        return None
    return {"read": [*map(str, needed()), "/dev/urandom"], "listed": [], "write": [str(folder)]}


def _view(folder: Path) -> list[str]:
    """The file system of sandboxes: read-only but for `folder`, without the course's own package."""
    binds = {str(path): str(path) for path in needed()}
    binds |= {str(script): f"{INSIDE}/{script.name}" for script in (*SCRIPTS, *PACKAGES)}
    words = _folders([*binds.values(), str(folder)])
    for source, target in binds.items():
        words += ["--ro-bind", source, target]
    for path in _masked():
        words += ["--tmpfs", str(path), "--remount-ro", str(path)]
    for device in ("/dev/null", "/dev/urandom"):
        words += ["--dev-bind", device, device]
    return [*words, "--bind", str(folder), str(folder), "--remount-ro", "/"]


def _folders(paths: list[str]) -> list[str]:
    """Make the folders that lead to `paths`, open to any user: bubblewrap would close them."""
    leading = {parent for path in paths for parent in Path(path).parents} - {Path("/")}
    return [word for path in sorted(leading | {Path("/dev")}) for word in ("--perms", "0755", "--dir", str(path))]


def _masked() -> Iterator[Path]:
    """Every place at which the course's package would be seen; a folder may be seen at more than one."""
    for path in needed():
        for copy in hidden():
            if copy.is_relative_to(path.resolve()):
                yield path / copy.relative_to(path.resolve())
