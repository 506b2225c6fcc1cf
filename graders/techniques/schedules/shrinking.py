"""Makes a schedule that breaks a rule easier to read: fewer switches from one session to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from graders.techniques.schedules.schedule import Schedule

MOST_TRIES = 100


def shrunk(broken: Schedule, run: Callable[[tuple[str, ...]], Schedule]) -> Schedule:
    """The shortest broken schedule reached from `broken` by swapping neighbouring turns, as long as that helps."""
    best, tries = broken, 0
    better = True
    while better:
        better = False
        for order in _with_turns_swapped(best.order):
            tries += 1
            found = run(order)
            if found.broken and found.length() < best.length():
                best, better = found, True
                break
            if tries >= MOST_TRIES:
                return best
    return best


def _with_turns_swapped(order: list[str]) -> Iterator[tuple[str, ...]]:
    turns = [list(turn) for _, turn in groupby(order)]
    for place in range(len(turns) - 1):
        swapped = [*turns[:place], turns[place + 1], turns[place], *turns[place + 2 :]]
        yield tuple(name for turn in swapped for name in turn)
