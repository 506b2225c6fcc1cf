"""The same dependencies in fewer words: minimal covers, what is too much in a cover, and projections."""

from __future__ import annotations

from collections.abc import Iterable

from graders.techniques.dependencies.fd import FD, Rule, Universe, attribute_set, bits, closure_mask, subsets


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
