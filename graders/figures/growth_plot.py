"""How a count grows, on axes with equal steps for equal factors, and where two ways cost the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from graders.figures.svg import EDGE, MARK, Block, Picture, picture, text, width_of

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 420, 260
LEFT, BOTTOM, TOP = 96, 46, 30
# Lines differ by dashes and by the shape of their points, not by colour alone.
DASHES = ("", "7 4", "2 4", "10 3 2 3")
COLOURS = (MARK, "#c2410c", EDGE, "#15803d")


def draw_growth(series: Mapping[str, Points], x: str = "rows in the table", y: str = "steps") -> Picture:
    """Draw each of `series` through its points (both numbers above 0) with its name at its end."""
    words = f"{y} by {x}. {' '.join(growth_words(*one, x) for one in series.items())}"
    return picture(f"{y} by {x}", words, _plot(series, x, y))


def draw_crossover(series: Mapping[str, Points], x: str = "rows found", y: str = "steps") -> Picture:
    """Draw two series that share their x, and where they cross."""
    words = f"{y} by {x}. {crossover_words(series)}"
    return picture(f"{y} by {x}", words, _plot(series, x, y, crossing(series)))


def growth_words(name: str, points: Points, x: str = "rows in the table") -> str:
    """Say how much a series grows from its first point to its last."""
    (x1, y1), (x2, y2) = points[0], points[-1]
    told = f"{name}: {_said(y1)} at {_said(x1)} and {_said(y2)} at {_said(x2)}"
    times = "the same" if y1 == y2 else f"{_said(y2 / y1)} times as much"
    return f"{told}, {times} for {_said(x2 / x1)} times the {x}."


def _said(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def crossover_words(series: Mapping[str, Points]) -> str:
    """Say below and above which point which of two series is the cheaper."""
    (one, first), (other, second) = series.items()
    cheaper, dearer = (one, other) if first[0][1] < second[0][1] else (other, one)
    at = crossing(series)
    if at is None:
        return f"{cheaper} costs less than {dearer} all the way."
    return f"{cheaper} costs less up to about {_said(at[0])}, {dearer} beyond it."


def crossing(series: Mapping[str, Points]) -> tuple[float, float] | None:
    """Where two series that share their x cross, between points in equal factors; None if they do not."""
    first, second = series.values()
    pairs = list(zip(first, second, strict=True))
    for (a, b), (c, d) in zip(pairs, pairs[1:], strict=False):
        before, after = math.log(a[1] / b[1]), math.log(c[1] / d[1])
        if before * after <= 0 and before != after:
            part = before / (before - after)
            return a[0] * (c[0] / a[0]) ** part, a[1] * (c[1] / a[1]) ** part
    return None


def _plot(series: Mapping[str, Points], x: str, y: str, cross: tuple[float, float] | None = None) -> Block:
    points = [point for line in series.values() for point in line]
    spans = [_span([point[axis] for point in points]) for axis in (0, 1)]

    def place(point: tuple[float, float]) -> tuple[float, float]:
        (left, right), (low, high) = spans
        across = (math.log10(point[0]) - left) / (right - left)
        up = (math.log10(point[1]) - low) / (high - low)
        return LEFT + across * WIDTH, TOP + (1 - up) * HEIGHT

    body = "".join(_grid(spans, place)) + _names(x, y)
    ends: list[float] = []
    for number, (name, line) in enumerate(series.items()):
        drawn = [place(point) for point in line]
        ends.append(_free(drawn[-1][1] + 4, ends))
        body += _line(drawn, number) + text(drawn[-1][0] + 12, ends[-1], name)
    if cross:
        body += _crossing(*place(cross), f"same at about {_said(cross[0])}")
    longest = max(map(width_of, series))
    return Block(LEFT + WIDTH + longest + 22, TOP + HEIGHT + BOTTOM, body)


def _span(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _grid(spans: Sequence[tuple[int, int]], place) -> Iterator[str]:
    (left, right), (low, high) = spans
    for power in range(left, right + 1):
        x, _ = place((10**power, 10**low))
        yield _rule(x, TOP, x, TOP + HEIGHT) + text(x, TOP + HEIGHT + 16, _number(power), anchor="middle")
    for power in range(low, high + 1):
        _, y = place((10**left, 10**power))
        yield _rule(LEFT, y, LEFT + WIDTH, y) + text(LEFT - 6, y + 4, _number(power), anchor="end")


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{EDGE}" stroke-opacity="0.4"/>'


def _number(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"


def _names(x: str, y: str) -> str:
    return text(LEFT + WIDTH / 2, TOP + HEIGHT + 38, x, anchor="middle") + text(LEFT, 14, y, anchor="middle")


def _free(y: float, taken: Sequence[float]) -> float:
    """A height near `y` at which a name does not cover one that is there."""
    while any(abs(y - other) < 16 for other in taken):
        y += 4
    return y


def _line(points: Sequence[tuple[float, float]], number: int) -> str:
    colour, dash = COLOURS[number % 4], DASHES[number % 4]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    body = f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
    return body + "".join(_mark(x, y, colour, number) for x, y in points)


def _mark(x: float, y: float, colour: str, number: int) -> str:
    if number % 2:
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>'


def _crossing(x: float, y: float, words: str) -> str:
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="none" stroke="currentColor" stroke-width="2"/>'
    return ring + text(x - 12, y + 34, words, anchor="middle")
