"""Claims on the time between two moments that were written down in different zones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from graders import Attempt, Mismatch, claim, experiment

ZONES = (0, 1, 2, -5, -4, 9, 5.5)


@dataclass(frozen=True)
class Interval:
    """Two moments as they were written, and what a function says is between them."""

    begin: str
    end: str
    found: Any

    @property
    def minutes(self) -> int:
        """The minutes that have passed."""
        return int((datetime.fromisoformat(self.end) - datetime.fromisoformat(self.begin)).total_seconds()) // 60

    @property
    def same_zone(self) -> bool:
        """Whether both were written down in one zone."""
        return self.begin[19:] == self.end[19:]

    def __str__(self) -> str:
        return f"minutes_between({self.begin!r}, {self.end!r})"


@experiment("minutes-between")
def measure_intervals(attempt: Attempt) -> list[Interval]:
    """Ask for some hundred intervals, the short ones in one zone first."""
    pairs = draw_pairs(random.Random(attempt.seed))
    results = attempt.answer.call_each(pairs)
    return [Interval(*pair, found) for pair, found in zip(pairs, results, strict=True)]


def draw_pairs(rng: random.Random) -> list[tuple[str, str]]:
    """Intervals within an hour, a day and a month, in one zone and in two."""
    pairs = []
    for minutes in (60, 1_440, 40_000):
        for zones in ([1], ZONES):
            pairs += [_draw_pair(rng, rng.randint(1, minutes), zones) for _ in range(25)]
    return pairs


def _draw_pair(rng: random.Random, minutes: int, zones: Sequence[float]) -> tuple[str, str]:
    begin = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(500_000))
    first, second = (timezone(timedelta(hours=rng.choice(zones))) for _ in range(2))
    return begin.astimezone(first).isoformat(), (begin + timedelta(minutes=minutes)).astimezone(second).isoformat()


@claim(measure_intervals)
def measures_in_one_zone(intervals: Sequence[Interval]) -> None:
    """it gives the minutes, as a whole number, where both were written down in one zone"""
    _require([each for each in intervals if each.same_zone])


@claim(measure_intervals, weight=2, after=measures_in_one_zone)
def measures_between_zones(intervals: Sequence[Interval]) -> None:
    """it gives the minutes that have passed where they were written down in two"""
    _require([each for each in intervals if not each.same_zone])


def _require(intervals: Sequence[Interval]) -> None:
    for each in intervals:
        if type(each.found) is not int or each.found != each.minutes:
            raise Mismatch(f"{each} to be {each.minutes}", f"{each.found!r}"[:200], _hint(each))


def _hint(each: Interval) -> str:
    if isinstance(each.found, float) and each.found == each.minutes:
        return "The number is right. Make a whole number of it."
    if type(each.found) is not int:
        return ""
    if not each.same_zone and each.found == _by_the_clocks(each):
        return "This is the difference between two clocks on the wall. What does the end of each text say of its clock?"
    if each.found == -each.minutes:
        return "The minutes have passed from the first moment to the second. Which is taken from which?"
    if each.minutes >= 1_440 and each.found == each.minutes % 1_440:
        return "Whole days are missing. What does `.seconds` of a timedelta leave out?"
    return ""


def _by_the_clocks(each: Interval) -> int:
    begin, end = (datetime.fromisoformat(text[:19]) for text in (each.begin, each.end))
    return int((end - begin).total_seconds()) // 60
