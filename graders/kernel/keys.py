"""Keys: what a check needs to know without knowing the solution, each exercise's in a dataclass of its own."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from typing import Any

from cattrs import Converter

from graders.kernel.claims import KEY_CLASSES, KEY_MAKERS, KeyRequest
from graders.sandbox import decode, encode

CONVERTER = Converter()
CHOICE_KINDS = ("choice", "prediction")


@dataclass(frozen=True)
class ChoiceKey:
    """What a check needs to know of a choice or a prediction; digests keep the right letters from the eye."""

    right: str
    """The digest of the right letters together."""
    count: int
    """How many letters are right."""
    each: dict[str, str]
    """For each letter the digest of whether it is right."""
    because: dict[str, str]
    """For each letter what to say to whoever misjudged it."""


def make_key(exercise: str, request: KeyRequest) -> Any:
    """The key of `exercise`, as it will be read back from its file; None if its claims need none."""
    maker = KEY_MAKERS.get(exercise)
    return read_key(exercise, write_key(maker(request))) if maker else None


def write_key(key: Any) -> Any:
    """`key` as JSON can hold it."""
    return encode(CONVERTER.unstructure(key) if is_dataclass(key) else key)


def read_key(exercise: str, plain: Any, kind: str = "") -> Any:
    """Read back what `write_key` wrote: a choice's key, or an instance of the class that the claims declare."""
    declared, found = ChoiceKey if kind in CHOICE_KINDS else KEY_CLASSES.get(exercise), decode(plain)
    return CONVERTER.structure(found, declared) if declared and found is not None else found
