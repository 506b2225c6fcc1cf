"""The same dependencies in fewer words: minimal covers, what is too much in a cover, and projections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graders.techniques.dependencies.fd import FD, Rule, Schema, attribute_set, bits, closure_bits, subsets


def minimal_cover(fds: Iterable[FD]) -> list[FD]:
    """Give an equivalent set with one attribute on each right side and nothing to leave out.

    The result depends on the order of `fds`: there may be several minimal covers.
    Source: Maier, The Theory of Relational Databases, 1983, ch. 5; Ullman, vol. 1, ch. 7.
    """
    fds = list(fds)
    schema = Schema((), fds)
    return [schema.fd(left, right) for left, right in cover_bits(schema.rules(fds))]


def cover_bits(rules: list[Rule]) -> list[Rule]:
    """Give a minimal cover of pairs of masks."""
    single = [(left, bit) for left, right in rules for bit in bits(right & ~left)]
    reduced = list(dict.fromkeys((_shortest(left, right, single), right) for left, right in single))
    for rule in list(reduced):
        others = [other for other in reduced if other != rule]
        if not rule[1] & ~closure_bits(rule[0], others):
            reduced = others
    return reduced


def _shortest(left: int, right: int, rules: list[Rule]) -> int:
    """Drop from `left` each attribute without which it still determines `right`."""
    for bit in bits(left):
        if not right & ~closure_bits(left & ~bit, rules):
            left &= ~bit
    return left


@dataclass(frozen=True)
class Extraneous:
    """An attribute that a dependency of a set could do without."""

    fd: FD
    attribute: str
    side: str
    """ "left" or "right"."""

    def __str__(self) -> str:
        return f"{self.attribute} on the {self.side} of {self.fd} is not needed"


def extraneous_attributes(fds: Iterable[FD]) -> list[Extraneous]:
    """Name every attribute that one dependency could do without, left sides and right sides.

    An attribute is listed by itself: leaving out two of them at once may be too much. A dependency that can
    go as a whole is named by `redundant_dependencies`, so its right side is not listed here.
    """
    fds = list(fds)
    schema = Schema((), fds)
    rules = schema.rules(fds)
    redundant = _redundant_places(rules)
    extraneous = []
    for place, fd in enumerate(fds):
        sides = {"left": _spare_on_left(rules, place)}
        if place not in redundant:
            sides["right"] = _spare_on_right(rules, place)
        extraneous += [
            Extraneous(fd, name, side) for side, spare in sides.items() for name in sorted(schema.attributes(spare))
        ]
    return extraneous


def _spare_on_left(rules: list[Rule], place: int) -> int:
    left, right = rules[place]
    return sum(bit for bit in bits(left) if not right & ~closure_bits(left & ~bit, rules))


def _spare_on_right(rules: list[Rule], place: int) -> int:
    left, right = rules[place]
    others = rules[:place] + rules[place + 1 :]
    return sum(bit for bit in bits(right) if bit & closure_bits(left, [*others, (left, right & ~bit)]))


def redundant_dependencies(fds: Iterable[FD]) -> list[FD]:
    """Name every dependency that follows from the others; of two that replace each other, both are named."""
    fds = list(fds)
    return [fds[place] for place in sorted(_redundant_places(Schema((), fds).rules(fds)))]


def _redundant_places(rules: list[Rule]) -> set[int]:
    return {
        place
        for place, (left, right) in enumerate(rules)
        if not right & ~closure_bits(left, rules[:place] + rules[place + 1 :])
    }


def project(fds: Iterable[FD], onto: str | Iterable[str]) -> list[FD]:
    """Give a minimal cover of all that `fds` imply among the attributes `onto`.

    Looks at every subset of `onto`: the cover itself may be exponentially large (Ullman, vol. 1, ch. 7).
    """
    fds = list(fds)
    schema = Schema(onto, fds)
    projected = project_bits(schema.rules(fds), schema.mask(onto))
    return [schema.fd(left, right) for left, right in projected]


def project_bits(rules: list[Rule], onto: int) -> list[Rule]:
    """Give a minimal cover of what `rules` imply inside the mask `onto`; small left sides are found first."""
    rules_inside: list[Rule] = []
    for left in subsets(onto):
        known = closure_bits(left, rules_inside)
        if known != onto and (gap := closure_bits(left, rules) & onto & ~known):
            rules_inside.append((left, gap))
    return cover_bits(rules_inside)


def fds_within(relation: str | Iterable[str], fds: Iterable[FD]) -> list[FD]:
    """Give what holds in `relation`: `fds` themselves if they all fit in it, else their projection."""
    fds, relation = list(fds), attribute_set(relation)
    return fds if all(fd.attributes <= relation for fd in fds) else project(fds, relation)
