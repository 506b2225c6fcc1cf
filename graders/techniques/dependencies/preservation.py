"""Which dependencies can no longer be checked inside one part of a decomposition."""

from __future__ import annotations

from collections.abc import Iterable

from graders.techniques.dependencies.closure import closure_bits
from graders.techniques.dependencies.fd import FD, attribute_set
from graders.techniques.dependencies.schema import Rule, Schema


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
