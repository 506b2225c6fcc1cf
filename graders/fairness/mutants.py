"""An answer with one mistake made on purpose and its name, and such mistakes in the order of given steps."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations


@dataclass(frozen=True)
class Mutant:
    """The answer `text` with one mistake; `base` is the answer without it, laid out in the same way."""

    kind: str
    text: str
    base: str
    place: int = 1
    """Which of the mutants it is in which the same lines differ."""

    @property
    def change(self) -> str:
        """What differs, in lines that begin with "- " or "+ ", as an author lists an equivalent mutant.

        Where the same lines stand in several places, the second begins with the line "@@ 2".
        """
        before, after = (_stripped_lines(text) for text in (self.base, self.text))
        lines = [line for line in difflib.ndiff(before, after) if line[:1] in "+-"]
        return "\n".join([f"@@ {self.place}", *lines] if self.place > 1 else lines)


def _stripped_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def read_changes(text: str) -> list[str]:
    """The changes that an author lists in one fence: blank lines stand between them."""
    blocks = ("\n".join(_stripped_lines(block)) for block in text.split("\n\n"))
    return [block for block in blocks if block]


# A kind of mistake, the pattern of what is exchanged or left out, and what stands there then, as `re.sub` takes it.
WordChange = tuple[str, str, str | Callable[[re.Match[str]], str]]


def change_words(text: str, changes: Iterable[WordChange], flags: int = 0) -> Iterator[tuple[str, str]]:
    """For each place at which one of `changes` is possible, its kind and `text` with it made there."""
    for kind, pattern, word in changes:
        for found in re.finditer(pattern, text, flags):
            new = word(found) if callable(word) else found.expand(word)
            yield kind, text[: found.start()] + new + text[found.end() :]


def unlike(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Each mutant once, by its text, that differs in more than its layout; equal changes are numbered."""
    seen, places = set[str](), Counter[str]()
    for mutant in mutants:
        change = mutant.change
        if change and mutant.text not in seen:
            seen.add(mutant.text)
            places[change] += 1
            yield replace(mutant, place=places[change])


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
