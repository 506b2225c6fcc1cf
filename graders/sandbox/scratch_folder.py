"""The scratch folder of a sandbox: made for its user, kept within a size, removed whatever lies in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

MAX_DEPTH = 20


def make_scratch_folder(uid: int | None, within: Path | None = None) -> Path:
    """A new empty folder that belongs to the user `uid` (None: to us), in `within` or where temporary files are."""
    folder = Path(tempfile.mkdtemp(prefix="sandbox-", dir=within))
    if uid is not None:
        os.chown(folder, uid, uid)
    return folder


def is_too_full(folder: Path, max_bytes: int, max_entries: int) -> bool:
    """Whether `folder` holds more than it may: bytes, entries, or folders in folders."""
    total = entries = 0
    todo = [(folder, 0)]
    while todo:
        where, depth = todo.pop()
        for entry in _entries(where):
            entries += 1
            if entry.is_dir(follow_symlinks=False):
                todo.append((Path(entry.path), depth + 1))
            else:
                total += _size(entry)
            if total > max_bytes or entries > max_entries or depth >= MAX_DEPTH:
                return True
    return False


def _entries(folder: Path) -> list[os.DirEntry]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []


def _size(entry: os.DirEntry) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0


def remove_folder(folder: Path) -> None:
    """Remove `folder`; folders nested deeper than Python can follow are left to `rm`."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        subprocess.run(["rm", "-rf", "--", str(folder)], check=False)
