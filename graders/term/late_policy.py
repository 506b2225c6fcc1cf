"""What a submission loses for being late."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class LatePolicy:
    """The share of the points earned that late submissions lose; without settings, none."""

    grace_minutes: int = 0
    """How late a submission may be and lose nothing."""
    percent_a_day: float = 0
    """What it loses for each day that has begun, in per cent of the points it earned."""
    at_most_percent: float = 100
    """The most that it can lose."""
    days_accepted: int | None = None
    """After this many days it earns nothing; without it, it is always accepted."""

    def __post_init__(self):
        if not 0 <= self.percent_a_day <= 100:
            raise ValueError(f"percent_a_day is a number from 0 to 100, not {self.percent_a_day:g}.")
        if not 0 <= self.at_most_percent <= 100:
            raise ValueError(f"at_most_percent is a number from 0 to 100, not {self.at_most_percent:g}.")
        if self.grace_minutes < 0 or (self.days_accepted or 0) < 0:
            raise ValueError("grace_minutes and days_accepted are 0 or more.")

    def share_lost(self, due: datetime, handed_in: datetime) -> float:
        """The share of its points, from 0 to 1, that a submission loses; both times know their zone.

        >>> due = datetime(2027, 1, 31, 23, 59, tzinfo=UTC)
        >>> LatePolicy(percent_a_day=10).share_lost(due, due + timedelta(hours=25))
        0.2
        """
        days = self.days_late(due, handed_in)
        if self.days_accepted is not None and days > self.days_accepted:
            return 1.0
        return min(days * self.percent_a_day, self.at_most_percent) / 100

    def days_late(self, due: datetime, handed_in: datetime) -> int:
        """How many days after `due` have begun at `handed_in`; 0 within the grace."""
        # Two times of one zone would be subtracted by its clocks, which may have changed between them.
        late = handed_in.astimezone(UTC) - due.astimezone(UTC)
        return math.ceil(late / DAY) if late > timedelta(minutes=self.grace_minutes) else 0
