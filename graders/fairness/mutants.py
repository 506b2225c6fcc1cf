"""An answer with one mistake made on purpose, and its name: the lines in which it differs from the solution."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """The answer `text` with one mistake; `base` is the answer without it, laid out in the same way."""

    kind: str
    text: str
    base: str

    @property
    def change(self) -> str:
        """What differs, in lines that begin with "- " or "+ ", as an author lists an equivalent mutant."""
        before, after = (_stripped_lines(text) for text in (self.base, self.text))
        return "\n".join(line for line in difflib.ndiff(before, after) if line[:1] in "+-")


def _stripped_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def read_changes(text: str) -> list[str]:
    """The changes that an author lists in one fence: blank lines stand between them."""
    blocks = ("\n".join(_stripped_lines(block)) for block in text.split("\n\n"))
    return [block for block in blocks if block]


def unlike(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Each mutant once, by its change."""
    seen = {""}
    for mutant in mutants:
        change = mutant.change
        if change not in seen:
            seen.add(change)
            yield mutant
