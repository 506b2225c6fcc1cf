"""Looks at the database when scripts have ended, where they may have left nothing that can be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from graders.kernel.report import Mismatch
from graders.labs import EngineError, SharedLab

Found = TypeVar("Found")
Invariant = Callable[[SharedLab], str]


def seen(lab: SharedLab, look: Callable[[SharedLab], Found]) -> Found:
    """What `look` finds in `lab`; raise `Mismatch` if the engine refuses: a table is gone, or too large."""
    try:
        return look(lab)
    except EngineError as error:
        raise Mismatch("a database that can be looked at afterwards", f"{error.engine} says: {error}") from None
