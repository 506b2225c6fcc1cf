"""What a set of attributes determines, and what follows from a set of dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graders.techniques.dependencies.fd import FD, Attributes, Rule, Schema


def closure_bits(reached: int, rules: Sequence[Rule]) -> int:
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
    schema = Schema(attributes, fds)
    return schema.attributes(closure_bits(schema.mask(attributes), schema.rules(fds)))


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
    fds = list(fds)
    schema = Schema(attributes, fds)
    reached, steps = schema.mask(attributes), []
    rules = schema.rules(fds)
    while (place := _next_to_fire(reached, rules)) is not None:
        added = rules[place][1] & ~reached
        reached |= added
        steps.append(ClosureStep(fds[place], schema.attributes(added), schema.attributes(reached)))
    return steps


def _next_to_fire(reached: int, rules: Sequence[Rule]) -> int | None:
    """The place of the first rule whose left side is reached and whose right side is not."""
    ready = (place for place, (left, right) in enumerate(rules) if right & ~reached and not left & ~reached)
    return next(ready, None)


def implies(fds: Iterable[FD], fd: FD) -> bool:
    """Whether every relation that obeys `fds` obeys `fd` as well."""
    return fd.right <= closure(fd.left, fds)


def equivalent(first: Iterable[FD], second: Iterable[FD]) -> bool:
    """Whether two sets of dependencies say the same: each implies all of the other."""
    first, second = list(first), list(second)
    return all(implies(first, fd) for fd in second) and all(implies(second, fd) for fd in first)
