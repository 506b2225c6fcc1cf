"""Draws relations to ask about, of few rules and many, and reads the sets of attributes that students write."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

from graders import Mismatch
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import FD, Attributes, attribute_set

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


Schema = tuple[Attributes, tuple[FD, ...]]
ALIKE = ("id", "ID", "Id", "i", "id2", "order", "order_id", "Order", "o", "orders", "a_b")
SHARE_ALIKE = 0.1
CROWDS = 5


@lru_cache(maxsize=4)
def draw_schemas(seed: int, count: int, max_size: int, chains: tuple[int, ...]) -> Sequence[Schema]:
    """Draw `count` relations of at most `max_size` attributes, some with many rules, and one chain of each of `chains`.

    Small ones come first, and those whose names are nearly the same last; they are drawn once for a class.
    """
    rng = random.Random(seed)
    plain = [_draw_schema(rng, max_size) for _ in range(count)]
    chained = [_draw_chain(rng, length) for length in chains]
    alike = [_rename(rng, schema) for schema in plain if rng.random() < SHARE_ALIKE]
    crowded = [_draw_crowd(rng, max_size) for _ in range(CROWDS)]
    return (*sorted([*plain, *chained, *crowded], key=_size), *sorted(alike, key=_size))


def _size(schema: Schema) -> tuple[int, int]:
    return len(schema[1]), len(schema[0])


def _draw_schema(rng: random.Random, max_size: int) -> Schema:
    attributes = fd_theory.letters(rng.randint(2, max_size))
    fds = fd_theory.random_fds(rng, attributes, rng.randint(0, max_size + 1))
    return attributes, tuple(_widen(rng, fd) for fd in fds)


def _widen(rng: random.Random, fd: FD) -> FD:
    """Now and then, say again on the right what is on the left."""
    return FD(fd.left, fd.right | fd.left) if rng.random() < SHARE_ALIKE else fd


def _draw_chain(rng: random.Random, length: int) -> Schema:
    """Each attribute gives the next, and the rule that fires last is written first."""
    names = [f"A{number}" for number in rng.sample(range(1, length + 1), length)]
    fds = [FD(frozenset({one}), frozenset({other})) for one, other in pairwise(names)]
    return frozenset(names), tuple(reversed(fds))


def _draw_crowd(rng: random.Random, size: int) -> Schema:
    """Many rules, each with three attributes on the left and one on the right."""
    attributes = fd_theory.letters(size)
    lefts = map(frozenset, combinations(sorted(attributes), 3))
    rules = [FD(left, frozenset({name})) for left in lefts for name in sorted(attributes - left)]
    return attributes, tuple(rng.sample(rules, rng.randint(14, 18)))


def _rename(rng: random.Random, schema: Schema) -> Schema:
    attributes, fds = schema
    names = dict(zip(sorted(attributes), rng.sample(ALIKE, len(attributes)), strict=True))
    renamed = (FD(_rename_all(names, fd.left), _rename_all(names, fd.right)) for fd in fds)
    return _rename_all(names, attributes), tuple(renamed)


def _rename_all(names: Mapping[str, str], attributes: Iterable[str]) -> Attributes:
    return frozenset(names[name] for name in attributes)


def draw_start(rng: random.Random, attributes: Attributes) -> Attributes:
    """Draw where a closure begins: with some of the attributes, now and then with none."""
    return frozenset(rng.sample(sorted(attributes), rng.randint(0, len(attributes))))


def to_pairs(fds: Iterable[FD]) -> list[tuple[set[str], set[str]]]:
    """The dependencies as the functions of students are given them."""
    return [(set(fd.left), set(fd.right)) for fd in fds]


def first_to_fire(attributes: Attributes, fds: Iterable[FD]) -> Iterator[FD]:
    """The dependencies that would still add something to `attributes`."""
    return (fd for fd in fds if fd.left <= attributes and not fd.right <= attributes)
