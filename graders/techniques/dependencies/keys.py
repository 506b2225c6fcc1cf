"""Keys: the smallest sets of attributes that determine a whole relation."""

from __future__ import annotations

from collections.abc import Iterable

from graders.techniques.dependencies.closure import closure, closure_bits
from graders.techniques.dependencies.covers import fds_within
from graders.techniques.dependencies.fd import FD, Attributes, attribute_set
from graders.techniques.dependencies.schema import Rule, Schema, bits


def candidate_keys(attributes: str | Iterable[str], fds: Iterable[FD]) -> set[Attributes]:
    """Give every candidate key of the relation with `attributes`.

    Each key found is crossed with each dependency to find the next, so the work grows with the number of keys
    and not with the number of subsets. Source: Lucchesi & Osborn, Candidate keys for relations, 1978.
    Dependencies that reach outside the relation are projected onto it.
    """
    fds = fds_within(attributes, fds)
    schema = Schema(attributes)
    return {schema.attributes(key) for key in key_bits(schema.all, schema.rules(fds))}


def key_bits(everything: int, rules: list[Rule]) -> list[int]:
    """Give the candidate keys as masks, in the order in which they are found."""
    keys = [_smallest_key(everything, everything, rules)]
    for key in keys:
        for left, right in rules:
            candidate = left | (key & ~right)
            if not any(found & candidate == found for found in keys):
                keys.append(_smallest_key(candidate, everything, rules))
    return keys


def _smallest_key(superkey: int, everything: int, rules: list[Rule]) -> int:
    for bit in bits(superkey):
        if closure_bits(superkey & ~bit, rules) == everything:
            superkey &= ~bit
    return superkey


def is_superkey(candidate: str | Iterable[str], attributes: str | Iterable[str], fds: Iterable[FD]) -> bool:
    """Whether `candidate` determines all of `attributes`."""
    return attribute_set(attributes) <= closure(candidate, fds)


def prime_attributes(attributes: str | Iterable[str], fds: Iterable[FD]) -> Attributes:
    """Give the attributes that belong to at least one candidate key."""
    return frozenset().union(*candidate_keys(attributes, fds))


def in_key_order(keys: Iterable[Attributes]) -> list[Attributes]:
    """Give keys in the order in which people read them: short ones first, then by name."""
    return sorted(keys, key=lambda key: (len(key), sorted(key)))
