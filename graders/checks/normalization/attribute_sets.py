"""Reads what students write as plain data: one set of attributes, and several."""

from __future__ import annotations

from typing import Any

from graders import Mismatch
from graders.techniques.dependencies import Attributes, attribute_set

COLLECTIONS = (set, frozenset, list, tuple)
MAX_SETS = 1_000


def read_attributes(value: Any) -> Attributes:
    """One set of attributes, given as a collection of names; raise `Mismatch` for anything else."""
    if not isinstance(value, COLLECTIONS) or not all(isinstance(name, str) for name in value):
        raise Mismatch("a set of attribute names", f"`{value!r:.120}`")
    return frozenset(value)


def read_attribute_sets(value: Any) -> list[Attributes]:
    """Several sets of attributes; each may also be written as one text, with spaces or commas between the names."""
    if not isinstance(value, COLLECTIONS):
        raise Mismatch("a list of sets of attribute names", f"`{value!r:.120}`")
    refuse_too_many(value, MAX_SETS)
    return [attribute_set(one) if isinstance(one, str) else read_attributes(one) for one in value]


def refuse_too_many(value: Any, limit: int) -> None:
    """Raise `Mismatch` for a collection of more than `limit` members."""
    if len(value) > limit:
        raise Mismatch(f"at most {limit:,} of them", f"{len(value):,}")
