"""Random dependencies from a seed, for tests and for graded data."""

from __future__ import annotations

import random
from collections.abc import Iterable
from string import ascii_uppercase

from graders.techniques.dependencies.fd import FD, Attributes, attribute_set

LEFT_SIZES = (1, 1, 1, 2, 2, 3)
RIGHT_SIZES = (1, 1, 1, 2)
MAX_TRIES = 5


def letters(count: int) -> Attributes:
    """Give the first `count` capital letters as attributes; at most 26."""
    if not 0 <= count <= len(ascii_uppercase):
        raise ValueError(f"expected a count from 0 to 26, found {count}")
    return frozenset(ascii_uppercase[:count])


def random_schema(rng: random.Random, attributes: str | Iterable[str], count: int) -> list[FD]:
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
