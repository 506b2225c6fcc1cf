"""Minimal covers and projections, the keys of a relation, and the dependencies by which it misses a normal form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
    subsets,
)


def minimal_cover(rules: list[Rule]) -> list[Rule]:
    """Give an equivalent set with one attribute on each right side and nothing to leave out.

    The result depends on the order of `rules`: there may be several minimal covers.
    Source: Maier, The Theory of Relational Databases, 1983, ch. 5; Ullman, vol. 1, ch. 7.
    """
    single = [(left, bit) for left, right in rules for bit in bits(right & ~left)]
    reduced = list(dict.fromkeys((_shortest(left, right, single), right) for left, right in single))
    for rule in list(reduced):
        others = [other for other in reduced if other != rule]
        if not rule[1] & ~closure_mask(rule[0], others):
            reduced = others
    return reduced


def _shortest(left: int, right: int, rules: list[Rule]) -> int:
    """Drop from `left` each attribute without which it still determines `right`."""
    for bit in bits(left):
        if not right & ~closure_mask(left & ~bit, rules):
            left &= ~bit
    return left


def extraneous_attributes(fds: Iterable[FD]) -> list[tuple[FD, str]]:
    """Name every attribute on the left side of a dependency that it could do without, with the dependency.

    An attribute is listed by itself: leaving out two of them at once may be too much.
    """
    fds = list(fds)
    universe = Universe((), fds)
    rules = universe.rules(fds)
    spare = [sum(bit for bit in bits(left) if not right & ~closure_mask(left & ~bit, rules)) for left, right in rules]
    return [(fd, name) for fd, mask in zip(fds, spare, strict=True) for name in sorted(universe.attributes(mask))]


def redundant_dependencies(fds: Iterable[FD]) -> list[FD]:
    """Name every dependency that follows from the others; of two that replace each other, both are named."""
    fds = list(fds)
    rules = Universe((), fds).rules(fds)
    others = [rules[:place] + rules[place + 1 :] for place in range(len(rules))]
    return [
        fd for fd, (left, right), rest in zip(fds, rules, others, strict=True) if right & ~closure_mask(left, rest) == 0
    ]


def project_fds(fds: Iterable[FD], onto: str | Iterable[str]) -> list[FD]:
    """Give a minimal cover of all that `fds` imply among the attributes `onto`.

    Looks at every subset of `onto`: the cover itself may be exponentially large (Ullman, vol. 1, ch. 7).
    """
    fds = list(fds)
    universe = Universe(onto, fds)
    projected = project_rules(universe.rules(fds), universe.mask(onto))
    return [universe.fd(left, right) for left, right in projected]


def project_rules(rules: list[Rule], onto: int) -> list[Rule]:
    """Give a minimal cover of what `rules` imply inside the mask `onto`; small left sides are found first."""
    rules_inside: list[Rule] = []
    for left in subsets(onto):
        known = closure_mask(left, rules_inside)
        if known != onto and (gap := closure_mask(left, rules) & onto & ~known):
            rules_inside.append((left, gap))
    return minimal_cover(rules_inside)


def restrict_fds(fds: Iterable[FD], relation: str | Iterable[str]) -> list[FD]:
    """Give what holds in `relation`: `fds` themselves if they all fit in it, else their projection."""
    fds, relation = list(fds), attribute_set(relation)
    return fds if all(fd.attributes <= relation for fd in fds) else project_fds(fds, relation)


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
