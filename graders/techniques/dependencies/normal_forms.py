"""The keys of a relation, and the dependencies by which it misses a normal form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graders.techniques.dependencies.covers import restrict_fds
from graders.techniques.dependencies.fd import (
    FD,
    Attributes,
    Rule,
    Universe,
    attribute_set,
    bits,
    closure,
    closure_mask,
    format_set,
)


def candidate_keys(attributes: str | Iterable[str], fds: Iterable[FD]) -> set[Attributes]:
    """Give every candidate key of the relation with `attributes`.

    Each key found is crossed with each dependency to find the next, so the work grows with the number of keys
    and not with the number of subsets. Source: Lucchesi & Osborn, Candidate keys for relations, 1978.
    Dependencies that reach outside the relation are projected onto it.
    """
    fds = restrict_fds(fds, attributes)
    universe = Universe(attributes)
    return {universe.attributes(key) for key in find_key_masks(universe.all, universe.rules(fds))}


def find_key_masks(everything: int, rules: list[Rule]) -> list[int]:
    """Give the candidate keys as masks, in the order in which they are found."""
    keys = [_smallest_key(everything, everything, rules)]
    for key in keys:
        for left, right in rules:
            candidate = left | (key & ~right)
            if not any(other & candidate == other for other in keys):
                keys.append(_smallest_key(candidate, everything, rules))
    return keys


def _smallest_key(superkey: int, everything: int, rules: list[Rule]) -> int:
    for bit in bits(superkey):
        if closure_mask(superkey & ~bit, rules) == everything:
            superkey &= ~bit
    return superkey


def is_superkey(candidate: str | Iterable[str], attributes: str | Iterable[str], fds: Iterable[FD]) -> bool:
    """Whether `candidate` determines all of `attributes`."""
    return attribute_set(attributes) <= closure(candidate, fds)


def prime_attributes(attributes: str | Iterable[str], fds: Iterable[FD]) -> Attributes:
    """Give the attributes that belong to at least one candidate key."""
    return frozenset().union(*candidate_keys(attributes, fds))


def sort_keys(keys: Iterable[Attributes]) -> list[Attributes]:
    """Give keys in the order in which people read them: short ones first, then by name."""
    return sorted(keys, key=lambda key: (len(key), sorted(key)))


@dataclass(frozen=True)
class Violation:
    """A dependency that keeps a relation out of a normal form, and why."""

    form: str
    """ "3NF" or "BCNF"."""
    fd: FD
    why: str
    """The rest of a sentence that begins with the dependency."""

    def __str__(self) -> str:
        return f"{self.fd} breaks {self.form}: {self.why}"


def violations_3nf(relation: str | Iterable[str], fds: Iterable[FD]) -> list[Violation]:
    """Name the dependencies whose left side is no superkey and whose right side leaves the keys.

    Dependencies that reach outside the relation are projected onto it, as in `violations_bcnf`.
    It is enough to look at the given dependencies, not at all that they imply (Ullman, vol. 1, ch. 7).
    """
    relation = attribute_set(relation)
    fds = restrict_fds(fds, relation)
    prime = prime_attributes(relation, fds)
    violations = []
    for fd in _without_superkey(relation, fds):
        outside = fd.right - prime
        if outside:
            verb = "is" if len(outside) == 1 else "are"
            why = f"{format_set(fd.left)} is not a superkey, and {format_set(outside)} {verb} in no key"
            violations.append(Violation("3NF", FD(fd.left, outside), why))
    return violations


def violations_bcnf(relation: str | Iterable[str], fds: Iterable[FD]) -> list[Violation]:
    """Name the dependencies whose left side is no superkey."""
    relation = attribute_set(relation)
    fds = restrict_fds(fds, relation)
    return [
        Violation("BCNF", fd, f"{format_set(fd.left)} is not a superkey of {format_set(relation)}")
        for fd in _without_superkey(relation, fds)
    ]


def _without_superkey(relation: Attributes, fds: list[FD]) -> list[FD]:
    """The dependencies that say something new about a left side that is no superkey, as far as it is new."""
    news = [FD(fd.left, fd.right - fd.left) for fd in fds if not fd.is_trivial]
    return [fd for fd in news if not is_superkey(fd.left, relation, fds)]
