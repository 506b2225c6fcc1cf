"""Attribute names on the outside, bits on the inside: every set of attributes is one int here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graders.techniques.dependencies.fd import FD, Attributes, attribute_set, attributes_of, written

Rule = tuple[int, int]


class Schema:
    """The attributes of one question in alphabetical order, each with its own bit."""

    def __init__(self, attributes: str | Iterable[str], fds: Iterable[FD] = ()):
        self.names = sorted(attribute_set(attributes) | attributes_of(fds))
        self.bit = {name: 1 << place for place, name in enumerate(self.names)}
        self.all = (1 << len(self.names)) - 1

    def mask(self, attributes: str | Iterable[str]) -> int:
        """Give the bits of `attributes`; raise `ValueError` for a name that the schema does not have."""
        attributes = attribute_set(attributes)
        unknown = attributes - self.bit.keys()
        if unknown:
            raise ValueError(f"{written(unknown)} is not among the attributes {written(self.names)}")
        return sum(self.bit[name] for name in attributes)

    def attributes(self, mask: int) -> Attributes:
        """Give the names of the bits in `mask`."""
        return frozenset(name for name, bit in self.bit.items() if bit & mask)

    def rules(self, fds: Iterable[FD]) -> list[Rule]:
        """Give each dependency as a pair of masks, left and right."""
        return [(self.mask(fd.left), self.mask(fd.right)) for fd in fds]

    def fd(self, left: int, right: int) -> FD:
        """Give a pair of masks as a dependency."""
        return FD(self.attributes(left), self.attributes(right))


def bits(mask: int) -> Iterator[int]:
    """Give the bits of `mask` one by one, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def subsets(mask: int) -> list[int]:
    """Give every subset of `mask`, small ones first."""
    found = [0]
    for bit in bits(mask):
        found += [subset | bit for subset in found]
    return sorted(found, key=int.bit_count)
