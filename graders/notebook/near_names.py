"""The names that somebody may have meant who wrote another one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from graders.kernel.readable import readable

NEAR, MAX_GUESSES, MAX_NAME = 0.72, 3, 60


def guess(name: str, known: Iterable[str]) -> str:
    """A question for whoever wrote `name`, with a blank before it: those of `known` that are nearest; or nothing."""
    written = _plain(name[:MAX_NAME])
    near = sorted((-_nearness(written, other), other) for other in known) if len(written) > 1 else []
    names = [f"`{other}`" for nearness, other in near if -nearness >= NEAR][:MAX_GUESSES]
    if not names:
        return ""
    return f" Did you mean {' or '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}?"


def shown(name: str) -> str:
    """`name` as a sentence repeats it: in backquotes, readable, and not longer than names are."""
    return f"`{readable(name, MAX_NAME)}`"


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "-", name.strip().casefold())


def _nearness(name: str, known: str) -> float:
    """How near `name` is to `known`, to one of its words or to its beginning, from 0 to 1."""
    other = known.casefold()
    return max(SequenceMatcher(None, name, part).ratio() for part in {other, other[: len(name)], *other.split("-")})
