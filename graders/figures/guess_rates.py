"""How many passwords can be tried in a second, as bars on a scale of powers of ten."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10

from graders.figures.svg import EDGE, LINE, MARK, Block, Picture, box, line, picture, text, width_of

DECADE = 54
BAR = 18


def draw_guess_rates(rates: Mapping[str, float], words: int = 10_000) -> Picture:
    """Draw the guesses a second of each way of storing a password, and how long a list of `words` guesses takes."""
    low = min(0, *(floor(log10(rate)) for rate in rates.values()))
    high = max(floor(log10(rate)) + 1 for rate in rates.values())
    left = max(map(width_of, rates)) + 10
    body = _scale(left, low, high, len(rates))
    for number, (name, rate) in enumerate(rates.items()):
        y, width = number * (BAR + 8), DECADE * (log10(rate) - low) + 2
        fill = MARK if rate == max(rates.values()) else EDGE
        label = f"{short(rate)}/s: {words:,} guesses in {span(words / rate)}"
        body += text(0, y + 14, name) + box(left, y, width, BAR, fill=fill) + text(left + width + 6, y + 14, label)
    wide = left + DECADE * (high - low) + width_of("9,999,999/s: 10,000 guesses in 999 min")
    return picture("Guesses a second", rates_words(rates), Block(wide, len(rates) * (BAR + 8) + 2 * LINE, body))


def rates_words(rates: Mapping[str, float]) -> str:
    """Say each rate, and how many times as many guesses the fastest allows."""
    fast, slow = max(rates, key=rates.get), min(rates, key=rates.get)
    told = ", ".join(f"{name} {short(rate)}" for name, rate in rates.items())
    factor = rates[fast] / rates[slow]
    return f"Guesses a second on this computer: {told}. {fast} allows {short(factor)} times as many as {slow}."


def short(number: float) -> str:
    """A number to two digits, in words of thousands."""
    return f"{number:.2g}" if number < 100 else f"{float(f'{number:.2g}'):,.0f}"


def span(seconds: float) -> str:
    """A length of time in the unit that suits it."""
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds * 1000:.2g} ms"


def _scale(left: float, low: int, high: int, bars: int) -> str:
    bottom = bars * (BAR + 8)
    marks = ""
    for power in range(low, high + 1):
        x = left + DECADE * (power - low)
        marks += line(x, bottom, x, bottom + 6)
        marks += text(x, bottom + 20, f"{10.0**power:,g}", anchor="middle", extra='font-size="11"')
    return line(left, bottom, left + DECADE * (high - low), bottom) + marks
