"""Reads the plain data of an answer about dependencies: attribute sets, lists of them, rules written with an arrow."""

from __future__ import annotations

from typing import Any

from graders import Mismatch
from graders.techniques.dependencies import FD, Attributes, attribute_set, parse_fds

COLLECTIONS = (set, frozenset, list, tuple)
MAX_SETS = 1_000
# Whether one of n rules follows from the others takes work that grows with the cube of n.
MAX_RULES, MAX_NAMES = 100, 1_000


def read_attributes(value: Any) -> Attributes:
    """One set of attributes, given as a collection of names; raise `Mismatch` for anything else."""
    if not isinstance(value, COLLECTIONS) or not all(isinstance(name, str) for name in value):
        raise Mismatch("a set of attribute names", f"`{value!r:.120}`")
    return frozenset(value)


def read_attribute_sets(value: Any) -> list[Attributes]:
    """Several sets of attributes; each may also be written as one text, with spaces or commas between the names."""
    if not isinstance(value, COLLECTIONS):
        raise Mismatch("a list of sets of attribute names", f"`{value!r:.120}`")
    _refuse_too_many(value, MAX_SETS)
    return [attribute_set(one) if isinstance(one, str) else read_attributes(one) for one in value]


def read_dependencies(value: Any) -> list[FD]:
    """Rules, each written like "a b -> c"; raise `Mismatch` for what has no arrow."""
    if not isinstance(value, COLLECTIONS) or not all(isinstance(one, str) for one in value):
        raise Mismatch('a list of rules, each a text such as "a b -> c"', f"`{value!r:.120}`")
    _refuse_too_many(value, MAX_RULES)
    try:
        rules = [fd for one in value for fd in parse_fds(one)]
    except ValueError as error:
        raise Mismatch('rules such as "a b -> c"', str(error)) from None
    _refuse_too_many(rules, MAX_RULES)
    if sum(len(rule.attributes) for rule in rules) > MAX_NAMES:
        raise Mismatch(f"at most {MAX_NAMES:,} names in all rules", "more")
    return rules


def _refuse_too_many(value: Any, limit: int) -> None:
    if len(value) > limit:
        raise Mismatch(f"at most {limit:,} of them", f"{len(value):,}")
