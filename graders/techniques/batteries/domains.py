"""The values that a column may hold: which must enter, which must not, drawn by a seed, and how they come back."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

LETTERS = "abcdefghijklmnoprstuvwz"
EPOCH = date(2001, 1, 1)


@dataclass(frozen=True)
class Sample:
    """A value to try."""

    value: Any
    kind: str
    """What is special about it: "least", "below", "type", "blank"; a key of the hints in `faults`."""


class Domain:
    """The values that a column may hold on an engine."""

    def draw(self, rng: random.Random, engine: str) -> Any:
        """An ordinary value."""
        raise NotImplementedError

    def good(self, rng: random.Random, engine: str) -> list[Sample]:
        """Values that must enter, those at the boundaries among them."""
        return [Sample(self.draw(rng, engine), "ordinary")]

    def bad(self, rng: random.Random, engine: str) -> list[Sample]:
        """Values that must not enter, the nearest to the boundaries first."""
        raise NotImplementedError

    def holds(self, stored: Any) -> bool:
        """Whether a stored value is one of the domain."""
        raise NotImplementedError

    def same(self, given: Any, stored: Any) -> bool:
        """Whether `stored` is what was given."""
        return type(given) is type(stored) and given == stored


def draw_word(rng: random.Random, letters: int = 6) -> str:
    """A word that is in no list."""
    return "".join(rng.choices(LETTERS, k=letters))


@dataclass(frozen=True)
class Whole(Domain):
    """Whole numbers from `low` to `high`; None where there is no bound."""

    low: int | None = None
    high: int | None = None

    def draw(self, rng, engine):
        low = self.low if self.low is not None else (self.high if self.high is not None else 0) - 900
        high = self.high if self.high is not None else low + 900
        # Off the bounds, where there is room: an ordinary row must not fail for a bound that is one too narrow.
        return rng.randint(low + 1, high - 1) if high - low > 1 else rng.randint(low, high)

    def good(self, rng, engine):
        bounds = [(self.low, "least"), (self.high, "most")]
        return super().good(rng, engine) + [Sample(value, kind) for value, kind in bounds if value is not None]

    def bad(self, rng, engine):
        far = rng.randint(2, 900)
        below = [] if self.low is None else [Sample(self.low - 1, "below"), Sample(self.low - far, "below")]
        above = [] if self.high is None else [Sample(self.high + 1, "above"), Sample(self.high + far, "above")]
        fraction = [Sample(self.draw(rng, engine) + 0.5, "fraction")]
        return [*below, *above, *fraction, Sample(draw_word(rng), "type")]

    def holds(self, stored):
        if not isinstance(stored, int) or isinstance(stored, bool):
            return False
        return (self.low is None or stored >= self.low) and (self.high is None or stored <= self.high)


@dataclass(frozen=True)
class Exact(Domain):
    """Decimal numbers of `places` digits behind the point that come back exactly; on DuckDB and PostgreSQL."""

    low: str | None = None
    places: int = 2

    @property
    def unit(self) -> Decimal:
        """The least step between two numbers."""
        return Decimal(1).scaleb(-self.places)

    def draw(self, rng, engine):
        return Decimal(self.low or 0) + self.unit * (100 * rng.randint(1, 900) + rng.choice((1, 7, 13, 29, 99)))

    def good(self, rng, engine):
        least = [] if self.low is None else [Sample(Decimal(self.low).quantize(self.unit), "least")]
        return super().good(rng, engine) + least

    def bad(self, rng, engine):
        low = [] if self.low is None else [Decimal(self.low) - self.unit, Decimal(self.low) - self.draw(rng, engine)]
        return [*(Sample(value, "below") for value in low), Sample(draw_word(rng), "type")]

    def holds(self, stored):
        return isinstance(stored, Decimal) and (self.low is None or stored >= Decimal(self.low))


@dataclass(frozen=True)
class Text(Domain):
    """Text of at least one letter, and at most `max_length`."""

    max_length: int | None = None

    def draw(self, rng, engine):
        return draw_word(rng, min(8, self.max_length or 8)).title()

    def good(self, rng, engine):
        name, digit = draw_word(rng, 3), rng.randrange(10)
        odd = [f"{name} O'{draw_word(rng, 3)}", f"{digit}{name}", f"{rng.choice('ÄÉØ')}{name}"]
        odd = odd if (self.max_length or 9) > 8 else []
        longest = [Sample(draw_word(rng, self.max_length), "longest")] if self.max_length else []
        return super().good(rng, engine) + [Sample(text, "odd") for text in odd] + longest

    def bad(self, rng, engine):
        long = [Sample(draw_word(rng, self.max_length + 1), "long")] if self.max_length else []
        return [Sample("", "blank"), Sample(" " * rng.randint(1, 4), "blank"), *long]

    def holds(self, stored):
        return isinstance(stored, str) and bool(stored.strip()) and len(stored) <= (self.max_length or len(stored))


@dataclass(frozen=True)
class OneOf(Domain):
    """One of a few words, written as they are."""

    words: tuple[str, ...]

    def draw(self, rng, engine):
        return self.words[0]

    def good(self, rng, engine):
        return [Sample(word, "word") for word in self.words]

    def bad(self, rng, engine):
        word = rng.choice(self.words)
        place = rng.randrange(len(word))
        typo = word[:place] + word[place] * 2 + word[place + 1 :]
        others = {word.upper(), word.title(), word.lower()} - set(self.words)
        cases = [Sample(other, "case") for other in sorted(others)]
        return [Sample(typo, "other word"), Sample(draw_word(rng), "other word"), *cases, Sample("", "blank")]

    def holds(self, stored):
        return stored in self.words


@dataclass(frozen=True)
class Flag(Domain):
    """True or false; on SQLite 1 or 0."""

    def draw(self, rng, engine):
        return False

    def good(self, rng, engine):
        return [Sample(False, "ordinary"), Sample(True, "ordinary")]

    def bad(self, rng, engine):
        numbers = [Sample(rng.choice((2, -1, 7)), "other number")] if engine == "SQLite" else []
        return [*numbers, Sample(draw_word(rng), "type")]

    def holds(self, stored):
        return stored in (0, 1) and not isinstance(stored, float)

    def same(self, given, stored):
        return not isinstance(stored, (str, float)) and given == stored


@dataclass(frozen=True)
class Day(Domain):
    """Dates, as YYYY-MM-DD.

    Days such as 30 February are left out on SQLite, whose versions do not agree on what `date()` makes of them.
    """

    def draw(self, rng, engine):
        return str(EPOCH + timedelta(days=rng.randrange(9_000)))

    def good(self, rng, engine):
        return super().good(rng, engine) + [Sample(f"{rng.choice((2004, 2016, 2024))}-02-29", "leap day")]

    def bad(self, rng, engine):
        year = rng.randint(2001, 2030)
        never = [f"{year}-02-30", f"{year}-{rng.choice(('04', '06', '09'))}-31"] * (engine != "SQLite")
        month = Sample(f"{year}-13-0{rng.randint(1, 9)}", "no such month")
        return [*(Sample(day, "no such day") for day in never), Sample(f"2 {draw_word(rng)}", "no date"), month]

    def holds(self, stored):
        return type(stored) is date or _reads_back(stored, "%Y-%m-%d")

    def same(self, given, stored):
        return str(stored) == given


@dataclass(frozen=True)
class Moment(Domain):
    """Points in time; on SQLite text in UTC, as YYYY-MM-DD HH:MM:SS, elsewhere with the zone that they came with."""

    def draw(self, rng, engine):
        moment = datetime.combine(EPOCH, datetime.min.time()) + timedelta(seconds=rng.randrange(9_000 * 86_400))
        return str(moment) + ("" if engine == "SQLite" else f"+{rng.randint(1, 9):02}:00")

    def good(self, rng, engine):
        return [Sample(self.draw(rng, engine), "ordinary"), Sample(self.draw(rng, engine), "ordinary")]

    def bad(self, rng, engine):
        never = [f"{rng.randint(2001, 2030)}-02-30 1{rng.randrange(10)}:00:00"] * (engine != "SQLite")
        return [
            *(Sample(moment, "no such day") for moment in never),
            Sample(f"{Day().draw(rng, engine)} 25:00:0{rng.randrange(10)}", "no such time"),
            Sample(f"2 {draw_word(rng)}", "no date"),
        ]

    def holds(self, stored):
        return isinstance(stored, datetime) or _reads_back(stored, "%Y-%m-%d %H:%M:%S")

    def same(self, given, stored):
        if isinstance(stored, str):
            return stored == given
        if not isinstance(stored, datetime) or stored.tzinfo is None:
            return False
        return datetime.fromisoformat(given).astimezone(UTC) == stored.astimezone(UTC)


def _reads_back(stored: Any, form: str) -> bool:
    """Whether `stored` is text that means a time in this form, and is written so."""
    try:
        return isinstance(stored, str) and datetime.strptime(stored, form).strftime(form) == stored
    except ValueError:
        return False


@dataclass(frozen=True)
class Values(Domain):
    """Whatever two functions draw: values that must enter, and values that must not."""

    entering: Callable[[random.Random], Sequence[Any]]
    kept_out: Callable[[random.Random], Sequence[Any]]

    def draw(self, rng, engine):
        return self.entering(rng)[0]

    def good(self, rng, engine):
        return [Sample(value, "ordinary") for value in self.entering(rng)]

    def bad(self, rng, engine):
        return [Sample(value, "kept out") for value in self.kept_out(rng)]

    def holds(self, stored):
        return False
