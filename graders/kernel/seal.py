"""Seals what a key file must not show: it opens at a price, and whoever runs our code can pay it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

# Some 6 ms and 2 MB: a check that opens eight options still takes less than a tenth of a second.
COST, BLOCKS = 1 << 11, 8


@cache
def stretch(exercise: str, *words: str) -> bytes:
    """A digest of `words`, dear to compute (scrypt), and another one in each exercise, whose name is the salt."""
    return hashlib.scrypt("\x1f".join(words).encode(), salt=exercise.encode(), n=COST, r=BLOCKS, p=1, dklen=32)


def seal(text: str, exercise: str, *words: str) -> str:
    """`text`, unreadable without `words`, as a line of ASCII."""
    return base64.b85encode(_mask(text.encode(), stretch(exercise, *words))).decode("ascii")


def unseal(sealed: str, exercise: str, *words: str) -> str:
    """What `seal` was given; raise `ValueError` where it was given other words."""
    return _mask(base64.b85decode(sealed), stretch(exercise, *words)).decode()


def _mask(content: bytes, secret: bytes) -> bytes:
    stream = hashlib.shake_256(secret).digest(len(content))
    return bytes(one ^ other for one, other in zip(content, stream, strict=True))
