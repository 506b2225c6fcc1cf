"""Keeps what goes wrong with one submission to that submission, and tells it from what stops the whole run."""

from __future__ import annotations

import errno
import sqlite3
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OURS = Path(__file__).parents[1]
LIBRARIES = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
MAX_CHARACTERS = 200
MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EPIPE}


class RunStopped(RuntimeError):
    """Nothing more can be graded on this machine; `str()` says why."""


@contextmanager
def contain_failure(step: str) -> Iterator[list[str]]:
    """Take one step with one submission: if it raises, the list that this gives holds why, in words.

    `step` completes "… broke". What would stop the next submission too is raised as it is.

        with contain_failure("reading it") as faults:
            return read(submission)
        return leave_unread(submission, faults[0])
    """
    faults: list[str] = []
    try:
        yield faults
    except Exception as error:
        if stops_the_run(error):
            raise
        faults.append(f"{step} broke ({describe_error(error)})")


def stops_the_run(error: Exception) -> bool:
    """Whether the machine or a database fails, rather than a step with one submission."""
    return isinstance(error, (RunStopped, *_database_errors())) or (
        isinstance(error, OSError) and error.errno in MACHINE
    )


def _database_errors() -> tuple[type[Exception], ...]:
    """What is raised where a database fails; SQLAlchemy's too where it is in use: a worker starts faster without."""
    alchemy = sys.modules.get("sqlalchemy.exc")
    return (sqlite3.OperationalError, *((alchemy.InterfaceError, alchemy.OperationalError) if alchemy else ()))


def describe_error(error: Exception) -> str:
    """What was raised and where, in one line: "ValueError: too wide; tables.py, line 88"."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_library(Path(frame.filename))] or frames
    place = f"; {Path(own[-1].filename).name}, line {own[-1].lineno}" if own else ""
    return f"{type(error).__name__}: {_first_line(error)}{place}"


def _is_library(path: Path) -> bool:
    return OURS not in path.parents and any(folder in path.parents for folder in LIBRARIES)


def describe_stop(error: Exception) -> str:
    """Why a whole run ended, in one sentence without a full stop."""
    if isinstance(error, _database_errors()):
        return f"The gradebook or results.db cannot be used: {_first_line(getattr(error, 'orig', None) or error)}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return _first_line(error) if isinstance(error, (RuntimeError, OSError)) else describe_error(error)


def _first_line(error: BaseException) -> str:
    """The first line of what `error` says; one that cannot even say it says nothing."""
    try:
        lines = str(error).splitlines()
    except Exception:
        lines = []
    return lines[0][:MAX_CHARACTERS] if lines else "no more is known"
