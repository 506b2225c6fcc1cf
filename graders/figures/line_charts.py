"""Draws numbers as lines: how a count grows, and how much of a secret is known after how many questions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from graders.figures.svg import EDGE, LINE, MARK, Block, Picture, line, make_picture, polyline, text, width_of
from graders.kernel.readable import join_words

Point = tuple[float, float]
Points = Sequence[Point]
Run = Sequence[tuple[int, str]]
WIDTH, HEIGHT = 420, 260
LEFT, BOTTOM, TOP = 100, 50, 30
RUN_WIDTH, RUN_HEIGHT, RUN_LEFT = 520, 200, 34
# Lines differ by dashes and by the shape of their points, not by colour alone.
DASHES = ("", "7 4", "2 4", "10 3 2 3")
COLOURS = (MARK, "#c2410c", EDGE, "#15803d")


def draw_growth(series: Mapping[str, Points], x: str = "rows in the table", y: str = "steps") -> Picture:
    """Draw each of `series` through its points (both numbers above 0) on logarithmic axes, its name at its end."""
    words = f"{y} by {x}. {' '.join(describe_growth(*one, x) for one in series.items())}"
    return make_picture(f"{y} by {x}", words, _plot(series, x, y), compare_growth(series, x, y))


def draw_crossover(series: Mapping[str, Points], x: str = "rows found", y: str = "steps") -> Picture:
    """Draw two series that share their x, and where they cross."""
    words = f"{y} by {x}. {describe_crossover(series)}"
    return make_picture(f"{y} by {x}", words, _plot(series, x, y, find_crossing(series)), describe_crossover(series))


def describe_growth(name: str, points: Points, x: str = "rows in the table") -> str:
    """Say how much a series grows from its first point to its last."""
    (x1, y1), (x2, y2) = points[0], points[-1]
    ends = f"{_format(y1)} at {_format(x1)} and {_format(y2)} at {_format(x2)}"
    factor = "the same" if y1 == y2 else f"{_format(y2 / y1)} times as much"
    return f"{name}: {ends}, {factor} for {_format(x2 / x1)} times the {x}."


def compare_growth(series: Mapping[str, Points], x: str, y: str) -> str:
    """Say in one sentence how many times as much each series has at its last point as at its first."""
    said = []
    for name, points in series.items():
        factor = _format(points[-1][1] / points[0][1])
        said.append(f"{name} takes {'as many' if factor == '1' else f'{factor} times as many'} {y}")
    first, last = (next(iter(series.values()))[place][0] for place in (0, -1))
    return f"With {_format(last / first)} times the {x}, {join_words(said)}."


def _format(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def describe_crossover(series: Mapping[str, Points]) -> str:
    """Say below and above which point which of two series is the cheaper."""
    (one, first), (other, second) = series.items()
    cheap, expensive = (one, other) if first[0][1] < second[0][1] else (other, one)
    crossing = find_crossing(series)
    if crossing is None:
        return f"{cheap} costs less than {expensive} all the way."
    return f"{cheap} costs less up to about {_format(crossing[0])}, {expensive} beyond it."


def find_crossing(series: Mapping[str, Points]) -> Point | None:
    """Where two series that share their x cross, between points in equal factors; None if they do not."""
    first, second = series.values()
    pairs = list(zip(first, second, strict=True))
    for (a, b), (c, d) in zip(pairs, pairs[1:], strict=False):
        before, after = math.log(a[1] / b[1]), math.log(c[1] / d[1])
        if before * after <= 0 and before != after:
            part = before / (before - after)
            return a[0] * (c[0] / a[0]) ** part, a[1] * (c[1] / a[1]) ** part
    return None


def _plot(series: Mapping[str, Points], x: str, y: str, crossing: Point | None = None) -> Block:
    (left, right), (low, high) = (_span([one[axis] for points in series.values() for one in points]) for axis in (0, 1))

    def place(point: Point) -> Point:
        across = (math.log10(point[0]) - left) / (right - left)
        up = (math.log10(point[1]) - low) / (high - low)
        return LEFT + across * WIDTH, TOP + (1 - up) * HEIGHT

    body = "".join(_draw_grid((left, right), (low, high), place))
    body += text(LEFT + WIDTH / 2, TOP + HEIGHT + 42, x, anchor="middle") + text(LEFT, 14, y, anchor="middle")
    labels: list[float] = []
    for number, (name, points) in enumerate(series.items()):
        places = [place(point) for point in points]
        labels.append(_find_free_height(places[-1][1] + 4, labels))
        body += _draw_series(places, number) + text(places[-1][0] + 12, labels[-1], name)
    if crossing:
        body += _draw_crossing(*place(crossing), f"same at about {_format(crossing[0])}")
    return Block(LEFT + WIDTH + max(map(width_of, series)) + 22, TOP + HEIGHT + BOTTOM, body)


def _span(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten between which `values` lie."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _draw_grid(across: tuple[int, int], up: tuple[int, int], place: Callable[[Point], Point]) -> Iterator[str]:
    (left, right), (low, high) = across, up
    for power in range(left, right + 1):
        x, _ = place((10.0**power, 10.0**low))
        yield _draw_rule(x, TOP, x, TOP + HEIGHT)
        yield text(x, TOP + HEIGHT + 20, _format_power(power), anchor="middle")
    for power in range(low, high + 1):
        _, y = place((10.0**left, 10.0**power))
        yield _draw_rule(LEFT, y, LEFT + WIDTH, y) + text(LEFT - 10, y + 4, _format_power(power), anchor="end")


def _draw_rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{EDGE}" stroke-opacity="0.4"/>'


def _format_power(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"


def _find_free_height(y: float, taken: Sequence[float]) -> float:
    """A height near `y` at which a name does not cover one that is there."""
    while any(abs(y - other) < 16 for other in taken):
        y += 4
    return y


def _draw_series(points: Points, number: int) -> str:
    colour = COLOURS[number % 4]
    marks = "".join(_draw_mark(x, y, colour, number) for x, y in points)
    return polyline(points, stroke=colour, dash=DASHES[number % 4]) + marks


def _draw_mark(x: float, y: float, colour: str, number: int) -> str:
    if number % 2:
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>'


def _draw_crossing(x: float, y: float, words: str) -> str:
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="none" stroke="currentColor" stroke-width="2"/>'
    return ring + text(x - 12, y + 34, words, anchor="middle")


def draw_extraction(runs: Mapping[str, Run], length: int) -> Picture:
    """Draw the characters known of a secret of `length` against the questions asked.

    A run is a list of (questions asked so far, text known so far); each has a name.
    """
    questions = max((run[-1][0] for run in runs.values() if run), default=1) or 1

    def place(count: float, known: float) -> Point:
        return RUN_LEFT + RUN_WIDTH * count / questions, RUN_HEIGHT * (1 - known / max(length, 1))

    body = _draw_axes(questions, length, place)
    for number, (name, run) in enumerate(runs.items()):
        corners = [place(0, 0)]
        for (count, known), (_, before) in zip(run, [(0, ""), *run], strict=False):
            corners += [place(count, len(before)), place(count, len(known))]
        x, y = corners[-1]
        body += polyline(corners, stroke=(MARK, EDGE, MARK)[number % 3], dash=DASHES[number % 3])
        body += text(x + 6, y + 12, f"{name} ({run[-1][0]})" if run else name)
    width = RUN_LEFT + RUN_WIDTH + max(map(width_of, runs), default=0) + 60
    return make_picture("Blind extraction", describe_extraction(runs), Block(width, RUN_HEIGHT + 3 * LINE, body))


def describe_extraction(runs: Mapping[str, Run]) -> str:
    """Say how far each run has come."""
    ends = [f"{name}: {len(run[-1][1])} characters after {run[-1][0]} questions" for name, run in runs.items() if run]
    return "; ".join(ends) + "." if ends else "No question yet."


def _draw_axes(questions: int, length: int, place: Callable[[float, float], Point]) -> str:
    right, bottom = RUN_LEFT + RUN_WIDTH, RUN_HEIGHT
    body = line(RUN_LEFT, bottom, right, bottom) + line(RUN_LEFT, 0, RUN_LEFT, bottom)
    for known in range(0, length + 1, 2):
        body += text(RUN_LEFT - 6, place(0, known)[1] + 4, str(known), anchor="end")
    for quarter in range(5):
        count = questions * quarter / 4
        body += text(place(count, 0)[0], bottom + 18, f"{count:.0f}", anchor="middle")
    return body + text(RUN_LEFT + RUN_WIDTH / 2, bottom + 38, "questions asked", anchor="middle")
