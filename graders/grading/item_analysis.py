"""Item analysis: does an exercise tell strong students from weak ones, or does it mislead?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import correlation

FEWEST = 10
WEAK = 0.2
# The 97.5 % point of the normal distribution: 95 % lie between its negative and itself.
SPREAD = 1.96


@dataclass(frozen=True)
class Discrimination:
    """How the marks on one exercise go with the marks on the rest of the lesson, over `answers` students.

    `value` is the item-rest correlation, from -1 to 1, or None where `why_not` says why there is none; `low` and
    `high` are the ends of its 95 % confidence interval by Fisher's transformation, a rough one in a small class.
    """

    answers: int
    value: float | None = None
    low: float = -1.0
    high: float = 1.0
    why_not: str = ""

    @property
    def misleads(self) -> bool:
        """Whether those who do well elsewhere do worse here, chance or not."""
        return self.value is not None and self.value < 0

    @property
    def words(self) -> str:
        """What the number means, in one sentence."""
        if self.value is None:
            return self.why_not
        if self.high < 0:
            return "Misleads: students who do well elsewhere do worse here, and chance does not explain it."
        if self.misleads:
            return "May mislead: students who do well elsewhere do worse here, but it could be chance."
        if self.value < WEAK:
            return "Tells little: marks here hardly go with marks elsewhere."
        return "Tells strong from weak: students who do well elsewhere do well here."


def discrimination(own: Sequence[float], rest: Sequence[float]) -> Discrimination:
    """Correlate the marks on an exercise with the same students' marks on the rest of the lesson.

    For marks that are all or nothing this is the point-biserial correlation, corrected for the exercise's own part
    in the sum (Henrysson 1963). Under 10 answers, and where all marks are the same, there is no number.
    """
    count = len(own)
    if count < FEWEST:
        return Discrimination(count, why_not=f"Not computed: {count} answers, and under {FEWEST} chance decides.")
    # Sums of rounded marks differ in their last bits; such a difference is none.
    own, rest = [round(mark, 6) for mark in own], [round(mark, 6) for mark in rest]
    if len(set(own)) == 1:
        return Discrimination(count, why_not="Not computed: everyone who answered has the same mark here.")
    if len(set(rest)) == 1:
        return Discrimination(count, why_not="Not computed: everyone who answered has the same marks elsewhere.")
    value = max(-1.0, min(1.0, correlation(own, rest)))
    return Discrimination(count, value, *_interval(value, count))


def _interval(value: float, count: int) -> tuple[float, float]:
    if abs(value) > 1 - 1e-12:
        return value, value
    reach = SPREAD / math.sqrt(count - 3)
    return math.tanh(math.atanh(value) - reach), math.tanh(math.atanh(value) + reach)
