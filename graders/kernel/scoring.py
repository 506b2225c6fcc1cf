"""What the verdicts on an answer are worth: each claim weighed, the points that it earns, and a status in a word."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum


class Outcome(Enum):
    """What became of one claim."""

    HOLDS = "holds"
    FAILS = "does not hold"
    WAITS = "needs the line above"
    BLANK = "not attempted"
    OUR_FAULT = "our fault"


# A claim that broke through our own fault costs nothing, and counts for nothing until a person has looked.
EARNING = {Outcome.HOLDS, Outcome.OUR_FAULT}
CONFIRMED = {Outcome.HOLDS}


def weigh_points(points: float, weighed: Collection[tuple[Outcome, float]], earning: set[Outcome]) -> float:
    """The share of `points` that the claims with an `earning` outcome have, each claim by its weight."""
    total = sum(weight for _, weight in weighed)
    held = sum(weight for outcome, weight in weighed if outcome in earning)
    return round(points * held / total, 2) if total else 0.0


def name_status(outcomes: Iterable[Outcome], score: float) -> str:
    """One of "right", "wrong", "partly right", "not attempted" and "needs review"."""
    found = set(outcomes)
    if Outcome.OUR_FAULT in found:
        return "needs review"
    if found == {Outcome.BLANK}:
        return "not attempted"
    if found == {Outcome.HOLDS}:
        return "right"
    return "partly right" if score else "wrong"
