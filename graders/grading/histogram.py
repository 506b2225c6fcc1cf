"""Shares out marks over the bars of a histogram."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_BARS = 10
WIDTHS = [0.5, *(step * 10**power for power in range(6) for step in (1, 2, 5))]


@dataclass(frozen=True)
class Bar:
    """How many submissions earned from `low` to under `high` points; the last bar is full marks alone."""

    low: float
    high: float
    count: int

    @property
    def words(self) -> str:
        """The points that the bar stands for."""
        return f"all {self.low:g}" if self.low == self.high else f"{self.low:g} to under {self.high:g}"


def bars(scores: Sequence[float], points: float) -> Iterator[Bar]:
    """Share out `scores` over bars of one width, a round number of points, and one for full marks."""
    if points <= 0:
        return
    width = next(width for width in WIDTHS if points / width <= MOST_BARS)
    for number in range(math.ceil(points / width)):
        low, high = width * number, min(width * (number + 1), points)
        yield Bar(low, high, sum(low <= score < high for score in scores))
    yield Bar(points, points, sum(score >= points for score in scores))
