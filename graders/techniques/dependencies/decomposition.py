"""Relations taken apart: synthesis of 3NF, splitting into BCNF, and which dependencies the parts can check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graders.techniques.dependencies.closure import closure_bits
from graders.techniques.dependencies.covers import cover_bits, fds_within, project_bits
from graders.techniques.dependencies.fd import FD, Attributes, Rule, Schema, attribute_set
from graders.techniques.dependencies.normal_forms import key_bits


def synthesize_3nf(attributes: str | Iterable[str], fds: Iterable[FD]) -> list[Attributes]:
    """Give relations in 3NF that lose no rows and no dependency, none of them inside another.

    One relation for each left side of a minimal cover, and one for a key if no relation holds a key.
    Source: Bernstein 1976; the relation for the key: Biskup, Dayal & Bernstein 1979.
    """
    fds = fds_within(attributes, fds)
    schema = Schema(attributes)
    rules = cover_bits(schema.rules(fds))
    parts: dict[int, int] = {}
    for left, right in rules:
        parts[left] = parts.get(left, left) | right
    relations = list(parts.values())
    if not any(closure_bits(relation, rules) == schema.all for relation in relations):
        relations.append(key_bits(schema.all, rules)[0])
    return [schema.attributes(relation) for relation in _outermost(relations)]


def _outermost(relations: list[int]) -> list[int]:
    """Drop the relations that lie inside another, and repeated ones."""
    distinct = list(dict.fromkeys(relations))
    return [one for one in distinct if not any(one != other and one & ~other == 0 for other in distinct)]


@dataclass(frozen=True)
class Node:
    """A relation in a decomposition tree."""

    attributes: Attributes
    split_on: FD | None = None
    """The dependency that took it apart; None for a leaf."""
    children: tuple[Node, ...] = ()
    """The relations that it became."""

    @property
    def leaves(self) -> list[Attributes]:
        """The relations that are left at the end, from left to right."""
        if not self.children:
            return [self.attributes]
        return [leaf for child in self.children for leaf in child.leaves]


def decompose_bcnf(attributes: str | Iterable[str], fds: Iterable[FD]) -> Node:
    """Split a relation on a dependency that breaks BCNF, and its parts again, until all leaves are in BCNF.

    The first part is the left side with all that it determines, the second is the left side with the rest, so
    no rows are lost; dependencies may be. The first violation is taken: another order gives another tree.
    Source: Ullman, Principles of Database and Knowledge-Base Systems, vol. 1, ch. 7.
    """
    fds = fds_within(attributes, fds)
    schema = Schema(attributes)
    return _split(schema.all, schema.rules(fds), schema)


def _split(relation: int, rules: list[Rule], schema: Schema) -> Node:
    violation = _first_violation(relation, rules)
    if violation is None:
        return Node(schema.attributes(relation))
    left, reached = violation
    halves = reached, left | (relation & ~reached)
    children = tuple(_split(half, project_bits(rules, half), schema) for half in halves)
    return Node(schema.attributes(relation), schema.fd(left, reached & ~left), children)


def _first_violation(relation: int, rules: list[Rule]) -> tuple[int, int] | None:
    """The first left side that determines something but not everything, with all that it determines."""
    for left, right in rules:
        if right & ~left:
            reached = closure_bits(left, rules)
            if reached != relation:
                return left, reached
    return None


def lost_dependencies(fds: Iterable[FD], decomposition: Iterable[str | Iterable[str]]) -> list[FD]:
    """Name the dependencies of `fds` that do not follow from what the parts can check by themselves.

    Needs no projection of the dependencies, so the work is polynomial.
    Source: Beeri & Honeyman, Preserving functional dependencies, 1981; Ullman, vol. 1, ch. 7.
    """
    fds, parts = list(fds), [attribute_set(part) for part in decomposition]
    schema = Schema(frozenset().union(*parts), fds)
    rules, masks = schema.rules(fds), [schema.mask(part) for part in parts]
    return [fd for fd, (left, right) in zip(fds, rules, strict=True) if right & ~local_closure(left, masks, rules)]


def local_closure(reached: int, parts: list[int], rules: list[Rule]) -> int:
    """Give what `reached` determines when each step must happen inside one of `parts`."""
    before = None
    while reached != before:
        before = reached
        for part in parts:
            reached |= closure_bits(reached & part, rules) & part
    return reached
