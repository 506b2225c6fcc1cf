"""Runs Python as another user, in a view of this machine in which that user can open the interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from ending import FAR_NET, bound_to_us, run_to_end

from graders.sandbox.isolation import find_required_paths

ROOT = Path(__file__).resolve().parents[2]
ORDINARY = 20_001


def open_view(*paths: Path) -> list[str]:
    """The words that start a program where closed folders above `paths` are open, and hold nothing but `paths`."""
    words = ["bwrap", "--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--proc", "/proc"]
    closed = {folder for path in paths for folder in path.parents if not folder.stat().st_mode & 0o001}
    for folder in sorted(closed):
        words += ["--perms", "0755", "--tmpfs", str(folder)]
    for path in paths:
        if closed & set(path.parents):
            parents = [parent for parent in reversed(path.parents) if closed & set(parent.parents)]
            words += [word for parent in parents for word in ("--perms", "0755", "--dir", str(parent))]
            words += ["--bind", str(path), str(path)]
    return words


def as_user(uid: int) -> list[str]:
    """The words that make an ordinary user of root; whoever it becomes, it ends with us."""
    if not uid:
        return bound_to_us()
    return ["setpriv", "--pdeathsig", "KILL", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"]


def run_as(
    uid: int, home: Path, *words: str, shown: Iterable[Path] = (), seconds: float = FAR_NET, **environment: str
) -> subprocess.CompletedProcess:
    """Run Python with `words` from the project's folder, as the user `uid`, where `shown` can be seen too."""
    paths = {Path(sys.base_prefix), Path(sys.prefix), ROOT, home, *find_required_paths(), *shown}
    return run_to_end(
        [*open_view(*sorted(paths)), *as_user(uid), sys.executable, *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)} | environment,
        timeout=seconds,
    )
