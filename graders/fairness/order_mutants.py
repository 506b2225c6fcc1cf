"""Mistakes made on purpose in the order of given steps: left out, added, exchanged, moved."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from graders.fairness.mutants import Mutant, unlike


def order_mutants(letters: str, steps: dict[str, str]) -> list[Mutant]:
    """The orders that differ from `letters` ("b a d") by one mistake, each once."""
    order = letters.split()
    texts = (Mutant(kind, " ".join(changed), letters) for kind, changed in _changed(order, list(steps)))
    return list(unlike(texts))


def _changed(order: list[str], offered: list[str]) -> Iterator[tuple[str, list[str]]]:
    for place, letter in enumerate(order):
        rest = [*order[:place], *order[place + 1 :]]
        yield "step left out", rest
        yield "step moved to the start", [letter, *rest]
        yield "step moved to the end", [*rest, letter]
    for first, second in combinations(range(len(order)), 2):
        swapped = list(order)
        swapped[first], swapped[second] = order[second], order[first]
        yield "steps swapped", swapped
    for letter in sorted(set(offered) - set(order)):
        for place in range(len(order) + 1):
            yield "step too many", [*order[:place], letter, *order[place:]]
