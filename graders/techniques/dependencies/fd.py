"""Functional dependencies: as text, as bits (a set of attributes is an int), drawn at random, and what they imply."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

Attributes = frozenset[str]
Rule = tuple[int, int]
SEPARATORS = re.compile(r"[\s,{}]+")


def list_attributes(attributes: str | Iterable[str]) -> tuple[str, ...]:
    """Give attribute names in the order in which they were given, or by name when they came as a set.

    A string is split at spaces, commas and braces: "student, course" is two attributes, "AB" is one.
    """
    if isinstance(attributes, str):
        attributes = filter(None, SEPARATORS.split(attributes))
    elif isinstance(attributes, (set, frozenset)):
        attributes = sorted(attributes)
    return tuple(dict.fromkeys(attributes))


def attribute_set(attributes: str | Iterable[str]) -> Attributes:
    """Give attribute names as a frozenset; a string is split at spaces, commas and braces."""
    return attributes if isinstance(attributes, frozenset) else frozenset(list_attributes(attributes))


def format_set(attributes: Iterable[str]) -> str:
    """Write a set of attributes by name, as in "A B"; the empty set is "{}"."""
    return " ".join(sorted(attributes)) or "{}"


@dataclass(frozen=True)
class FD:
    """A functional dependency: rows that agree on `left` agree on `right`.

    An empty left side means that `right` has one value in the whole relation.
    """

    left: Attributes
    """What determines; a text is split as `attribute_set` does."""
    right: Attributes
    """What is determined."""

    def __post_init__(self):
        object.__setattr__(self, "left", attribute_set(self.left))
        object.__setattr__(self, "right", attribute_set(self.right))

    def __str__(self) -> str:
        return f"{format_set(self.left)} -> {format_set(self.right)}"

    @property
    def attributes(self) -> Attributes:
        """Every attribute that the dependency mentions."""
        return self.left | self.right

    @property
    def is_trivial(self) -> bool:
        """Whether the right side lies inside the left side, so that every relation obeys."""
        return self.right <= self.left


def parse_fds(text: str) -> list[FD]:
    """Read dependencies written as "A B -> C; C -> D", separated by semicolons or line ends.

    Raises `ValueError` with the piece that has no arrow, or nothing on its right side.
    """
    pieces = (piece.strip() for piece in re.split(r"[;\n]", text))
    return [_parse_fd(piece) for piece in pieces if piece]


def _parse_fd(piece: str) -> FD:
    sides = re.split(r"->|→", piece)
    if len(sides) != 2:
        raise ValueError(f"expected one arrow, as in A B -> C, found {piece!r}")
    fd = FD(attribute_set(sides[0]), attribute_set(sides[1]))
    if not fd.right:
        raise ValueError(f"expected an attribute after the arrow, found {piece!r}")
    return fd


def attributes_of(fds: Iterable[FD]) -> Attributes:
    """Give every attribute that `fds` mention."""
    return frozenset().union(*(fd.attributes for fd in fds))


class Universe:
    """The attributes of one question in alphabetical order, each with its own bit."""

    def __init__(self, attributes: str | Iterable[str], fds: Iterable[FD] = ()):
        self.names = sorted(attribute_set(attributes) | attributes_of(fds))
        self.bit = {name: 1 << place for place, name in enumerate(self.names)}
        self.all = (1 << len(self.names)) - 1

    def mask(self, attributes: str | Iterable[str]) -> int:
        """Give the bits of `attributes`; raise `ValueError` for a name that the universe does not have."""
        attributes = attribute_set(attributes)
        unknown = attributes - self.bit.keys()
        if unknown:
            raise ValueError(f"{format_set(unknown)} is not among the attributes {format_set(self.names)}")
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
    masks = [0]
    for bit in bits(mask):
        masks += [subset | bit for subset in masks]
    return sorted(masks, key=int.bit_count)


def closure_mask(reached: int, rules: Sequence[Rule]) -> int:
    """Give, as a mask, all that the attributes in `reached` determine; a rule that fired is set aside."""
    while True:
        waiting = []
        for left, right in rules:
            if left & ~reached:
                waiting.append((left, right))
            else:
                reached |= right
        if len(waiting) == len(rules):
            return reached
        rules = waiting


def closure(attributes: str | Iterable[str], fds: Iterable[FD]) -> Attributes:
    """Give every attribute that `attributes` determine under `fds`, themselves included.

    Source: Beeri & Bernstein 1979; Ullman, Principles of Database and Knowledge-Base Systems, vol. 1, ch. 7.
    """
    fds = list(fds)
    universe = Universe(attributes, fds)
    return universe.attributes(closure_mask(universe.mask(attributes), universe.rules(fds)))


@dataclass(frozen=True)
class ClosureStep:
    """One dependency that fired."""

    fd: FD
    added: Attributes
    """What it added to the closure."""
    reached: Attributes
    """Everything reached once it had."""


def closure_steps(attributes: str | Iterable[str], fds: Iterable[FD]) -> list[ClosureStep]:
    """Give the dependencies that make the closure of `attributes` grow, in the order in which they fire."""
    fds, reached, steps = list(fds), attribute_set(attributes), []
    while fd := next((fd for fd in fds if fd.left <= reached and not fd.right <= reached), None):
        added = fd.right - reached
        reached |= added
        steps.append(ClosureStep(fd, added, reached))
    return steps


def implies(fds: Iterable[FD], fd: FD) -> bool:
    """Whether every relation that obeys `fds` obeys `fd` as well."""
    return fd.right <= closure(fd.left, fds)


LEFT_SIZES = (1, 1, 1, 2, 2, 3)
RIGHT_SIZES = (1, 1, 1, 2)
MAX_TRIES = 5


def letters(count: int) -> Attributes:
    """Give the first `count` capital letters as attributes; at most 26."""
    if not 0 <= count <= len(ascii_uppercase):
        raise ValueError(f"expected a count from 0 to 26, found {count}")
    return frozenset(ascii_uppercase[:count])


def random_fds(rng: random.Random, attributes: str | Iterable[str], count: int) -> list[FD]:
    """Give up to `count` different dependencies among `attributes`, none of them trivial.

    The same state of `rng` gives the same dependencies. Fewer come back when there are too few attributes
    (at least two are needed) to make so many different ones.
    """
    names = sorted(attribute_set(attributes))
    fds: dict[FD, None] = {}
    for _ in range(count * MAX_TRIES if len(names) > 1 else 0):
        if len(fds) == count:
            break
        fds[_random_fd(rng, names)] = None
    return list(fds)


def _random_fd(rng: random.Random, names: list[str]) -> FD:
    left = rng.sample(names, min(rng.choice(LEFT_SIZES), len(names) - 1))
    others = [name for name in names if name not in left]
    return FD(frozenset(left), frozenset(rng.sample(others, min(rng.choice(RIGHT_SIZES), len(others)))))
