"""Random values that no answer can know: they repeat for a secret seed, and are new each time for the open one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

OPEN_SEED = 1
_SOURCE: ContextVar[random.Random | None] = ContextVar("source", default=None)


def drawing() -> random.Random:
    """Where claims draw passwords, canaries and salts."""
    return _SOURCE.get() or random.SystemRandom()


@contextmanager
def drawn_for(seed: int, text: str) -> Iterator[None]:
    """Have `drawing` repeat inside the `with` what it drew before for `seed`, unless everybody knows it, and `text`.

    For another `text`, the answer that is judged, it draws other values: what a report told of them helps nobody.
    """
    token = _SOURCE.set(None if seed == OPEN_SEED else random.Random(f"{seed} {text}".encode(errors="surrogatepass")))
    try:
        yield
    finally:
        _SOURCE.reset(token)
