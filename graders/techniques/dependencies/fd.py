"""Functional dependencies as people write them: attribute names, an arrow, a readable str."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Attributes = frozenset[str]
SEPARATORS = re.compile(r"[\s,{}]+")


def in_order(attributes: str | Iterable[str]) -> tuple[str, ...]:
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
    return frozenset(in_order(attributes))


def written(attributes: Iterable[str]) -> str:
    """Write a set of attributes by name, as in "A B"; the empty set is "{}"."""
    return " ".join(sorted(attributes)) or "{}"


@dataclass(frozen=True)
class FD:
    """A functional dependency: rows that agree on `left` agree on `right`.

    An empty left side means that `right` has one value in the whole relation.
    """

    left: Attributes
    right: Attributes

    def __post_init__(self):
        object.__setattr__(self, "left", attribute_set(self.left))
        object.__setattr__(self, "right", attribute_set(self.right))

    def __str__(self) -> str:
        return f"{written(self.left)} -> {written(self.right)}"

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
