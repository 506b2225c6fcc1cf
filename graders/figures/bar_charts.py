"""Draws numbers as bars: counts, costs of designs, guesses a second, and the marks of a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, log10

from graders.figures.svg import (
    BAD,
    EDGE,
    GOOD,
    INK,
    LINE,
    MARK,
    REACHED,
    Block,
    Picture,
    add_caption,
    add_lines,
    box,
    flow,
    line,
    make_picture,
    text,
    width_of,
)
from graders.kernel.readable import join_words
from graders.techniques.plans import QueryCost

COST_WIDTH, COUNT_WIDTH = 260, 320
DECADE_WIDTH = 54
BAR, BAR_GAP = 18, 8
STEP = BAR + BAR_GAP
COLUMN_HEIGHT = 110
SHARES_WIDTH, SHARES_HEIGHT = 240, 22
LENGTH_WIDTH, LENGTH_HEIGHT = 120, 14

# Fill and strokes of the pattern of each status: distinct without colour, light enough for dark numbers on them.
PATTERNS = {
    "right": ("#bbf7d0", ""),
    "partly right": ("#fef9c3", '<path d="M0 8L8 0" stroke="#854d0e"/>'),
    "wrong": ("#fecaca", '<path d="M0 0L8 8M0 8L8 0" stroke="#b91c1c"/>'),
    "not attempted": ("#ffffff", '<circle cx="4" cy="4" r="1" fill="#4b5563"/>'),
    "needs review": ("#ddd6fe", '<path d="M0 4H8" stroke="#5b21b6" stroke-width="1.5"/>'),
}


def draw_costs(costs: Mapping[str, Mapping[str, float]]) -> Picture:
    """Draw a group of bars for each measure of `costs`, which gives the cost of each design by its name.

    Each group has its own scale, because bytes and rows cannot share one. The longest bar is the most expensive design.
    """
    words, caption = describe_costs(costs), compare_costs(costs)
    return make_picture("What each choice costs", words, _draw_cost_groups(costs), caption)


def describe_costs(costs: Mapping[str, Mapping[str, float]]) -> str:
    """Say each measure in words, with the factor between the most expensive design and the cheapest."""
    return " ".join(_describe_measure(measure, designs) for measure, designs in costs.items())


def _describe_measure(measure: str, designs: Mapping[str, float]) -> str:
    words = f"{measure}: {', '.join(f'{name} {cost:,}' for name, cost in designs.items())}"
    (highest, name), (lowest, _) = (pick((cost, name) for name, cost in designs.items()) for pick in (max, min))
    return f"{words} ({name} takes {highest / lowest:.3g} times as much)." if highest > lowest > 0 else f"{words}."


def compare_costs(costs: Mapping[str, Mapping[str, float]]) -> str:
    """Say in one sentence which design costs the most in each measure, and how many times the least."""
    most: dict[str, list[str]] = {}
    for measure, designs in costs.items():
        highest, lowest = max(designs.values()), min(designs.values())
        factor = f" ({highest / lowest:.3g} times the least)" if highest > lowest > 0 else ""
        name = max(designs, key=designs.__getitem__) if highest > lowest else ""
        most.setdefault(name, []).append(f"{measure}{factor}")
    equal = most.pop("", [])
    said = [f"{name} has the most {join_words(measures)}" for name, measures in most.items()]
    said += [f"all have the same {join_words(equal)}"] if equal else []
    return _to_sentence("; ".join(said))


def _to_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _draw_cost_groups(costs: Mapping[str, Mapping[str, float]]) -> Block:
    return flow(add_caption(measure, _draw_cost_bars(designs)) for measure, designs in costs.items())


def _draw_cost_bars(designs: Mapping[str, float]) -> Block:
    highest = max(designs.values()) or 1
    left = max(map(width_of, designs)) + 10
    body = ""
    for number, (name, cost) in enumerate(designs.items()):
        y, width = number * STEP, max(COST_WIDTH * cost / highest, 1)
        fill, label = (MARK, f"{cost:,} ◀ most") if cost == highest else (EDGE, f"{cost:,}")
        body += _draw_bar(left, y, width, name, label, fill)
    return Block(left + COST_WIDTH + width_of("9,999,999 ◀ most") + 12, len(designs) * STEP + LINE / 2, body)


def _draw_bar(x: float, y: float, width: float, name: str, label: str, fill: str) -> str:
    """A bar with its name to the left and its label to the right."""
    return text(0, y + 14, name) + box(x, y, width, BAR, fill=fill) + text(x + width + 6, y + 14, label)


def draw_query_costs(costs: Mapping[str, QueryCost]) -> Picture:
    """Draw what a query costs under several choices of indexes: steps and time as bars, and each plan in words."""
    measures: dict[str, Mapping[str, float]] = {
        "steps": {name: cost.steps for name, cost in costs.items()},
        "milliseconds, on this computer and just now": {name: cost.milliseconds for name, cost in costs.items()},
    }
    plans = [f"{name}: {cost.plan}" for name, cost in costs.items()]
    words = " ".join([describe_costs(measures), *(f"{plan}." for plan in plans)])
    drawn = add_lines(_draw_cost_groups(measures), plans)
    return make_picture("One query, several choices of indexes", words, drawn, compare_steps(measures["steps"]))


def compare_steps(steps: Mapping[str, float]) -> str:
    """Say in one sentence with which choice a query takes the fewest steps, and with which the most."""
    least, most = min(steps, key=steps.__getitem__), max(steps, key=steps.__getitem__)
    if steps[least] == steps[most]:
        return f"The query takes {steps[least]:,} steps with each of them."
    return (
        f"The query takes the fewest steps, {steps[least]:,}, with {least}, and the most, {steps[most]:,}, with {most}."
    )


def draw_counts(counts: Mapping[str, int], expected: int) -> Picture:
    """Draw a bar for each count by its name, and a line at what all of them should have come to."""
    words = " ".join(_describe_count(name, count, expected) for name, count in counts.items())
    return make_picture("Counted and expected", words, _draw_count_bars(counts, expected), _sum_up(counts, expected))


def _sum_up(counts: Mapping[str, int], expected: int) -> str:
    """Say in one sentence which counts came to what was expected, and which did not."""
    right = [name for name, count in counts.items() if count == expected]
    others = [f"{name} counts {count:,}" for name, count in counts.items() if count != expected]
    all_of_them = [f"{join_words(right)} {'counts' if len(right) == 1 else 'count'} all of them"] if right else []
    return f"Of {expected:,}, {join_words([*others, *all_of_them])}."


def _describe_count(name: str, count: int, expected: int) -> str:
    if count == expected:
        return f"{name}: all {expected:,} counted."
    return f"{name}: {count:,} of {expected:,} counted, {expected - count:,} lost."


def _draw_count_bars(counts: Mapping[str, int], expected: int) -> Block:
    highest = max(expected, *counts.values(), 1)
    left = max(map(width_of, counts)) + 12
    goal = left + COUNT_WIDTH * expected / highest
    body = text(goal, 12, f"expected {expected:,}", anchor="end")
    for number, (name, count) in enumerate(counts.items()):
        y, right = 20 + number * STEP, count == expected
        body += text(0, y + 14, name)
        body += box(left, y, max(COUNT_WIDTH * count / highest, 1), BAR, fill=GOOD if right else BAD)
        body += text(left + COUNT_WIDTH + 10, y + 14, f"{'✓' if right else '✗'} {count:,}")
    height = 20 + len(counts) * STEP
    body += line(goal, 16, goal, height, thick=2)
    return Block(left + COUNT_WIDTH + width_of("✗ 9,999,999") + 12, height, body)


def draw_guess_rates(rates: Mapping[str, float], words: int = 10_000) -> Picture:
    """Draw the guesses a second of each way of storing a password, and how long a list of `words` guesses takes.

    The scale is one of powers of ten.
    """
    low = min(0, *(floor(log10(rate)) for rate in rates.values()))
    high = max(floor(log10(rate)) + 1 for rate in rates.values())
    left = max(map(width_of, rates)) + 10
    body = _draw_scale(left, len(rates) * STEP, low, high)
    for number, (name, rate) in enumerate(rates.items()):
        fill = MARK if rate == max(rates.values()) else EDGE
        label = f"{_round(rate)}/s: {words:,} guesses in {format_seconds(words / rate)}"
        body += _draw_bar(left, number * STEP, DECADE_WIDTH * (log10(rate) - low) + 2, name, label, fill)
    width = left + DECADE_WIDTH * (high - low) + width_of("9,999,999/s: 10,000 guesses in 999 min")
    block = Block(width, len(rates) * STEP + 2 * LINE, body)
    return make_picture("Guesses a second", describe_guess_rates(rates), block, compare_guess_rates(rates))


def describe_guess_rates(rates: Mapping[str, float]) -> str:
    """Say each rate, and how many times as many guesses the fastest allows."""
    each = ", ".join(f"{name} {_round(rate)}" for name, rate in rates.items())
    return f"Guesses a second on this computer: {each}. {compare_guess_rates(rates)}"


def compare_guess_rates(rates: Mapping[str, float]) -> str:
    """Say in one sentence how many times as many guesses the fastest way allows as the slowest."""
    fast, slow = (pick(rates, key=rates.__getitem__) for pick in (max, min))
    return f"{fast} allows {_round(rates[fast] / rates[slow])} times as many guesses as {slow}."


def _round(number: float) -> str:
    """A number to two digits, without an exponent."""
    return f"{number:.2g}" if number < 100 else f"{float(f'{number:.2g}'):,.0f}"


def format_seconds(seconds: float) -> str:
    """A length of time in the unit that suits it."""
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds * 1000:.2g} ms"


def _draw_scale(left: float, y: float, low: int, high: int) -> str:
    body = line(left, y, left + DECADE_WIDTH * (high - low), y)
    for power in range(low, high + 1):
        x = left + DECADE_WIDTH * (power - low)
        body += line(x, y, x, y + 6)
        body += text(
            x, y + 20, f"{10**power:,}" if power >= 0 else f"{10.0**power:g}", anchor="middle", extra='font-size="11"'
        )
    return body


def draw_histogram(bars: Sequence[tuple[str, int]], title: str) -> Picture:
    """Draw one column for each of `bars`, a label below and the number above it; the words say the same."""
    highest = max((number for _, number in bars), default=0) or 1
    width = max((width_of(label) for label, _ in bars), default=0) + 12
    body = line(0, COLUMN_HEIGHT + 20, width * len(bars), COLUMN_HEIGHT + 20)
    for place, (label, number) in enumerate(bars):
        height, middle = COLUMN_HEIGHT * number / highest, (place + 0.5) * width
        top = COLUMN_HEIGHT + 20 - height
        body += f'<rect x="{place * width + 6:g}" y="{top:g}" width="{width - 12:g}" height="{height:g}" '
        body += f'fill="{REACHED}" stroke="{EDGE}"/>{text(middle, top - 5, str(number), anchor="middle")}'
        body += text(middle, COLUMN_HEIGHT + 36, label, anchor="middle")
    words = "; ".join(f"{label}: {number}" for label, number in bars)
    return make_picture(title, words, Block(width * len(bars), COLUMN_HEIGHT + 42, body))


def patterns_svg() -> str:
    """The patterns that `draw_shares` and `swatch_svg` fill with: put it once into a page, before them."""
    patterns = "".join(
        f'<pattern id="{_pattern_id(status)}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{fill}"/>{strokes}</pattern>'
        for status, (fill, strokes) in PATTERNS.items()
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0" style="position:absolute" aria-hidden="true">'
        f"<defs>{patterns}</defs></svg>"
    )


def _pattern_id(status: str) -> str:
    return f"pattern-{status.replace(' ', '-')}"


def swatch_svg(status: str) -> str:
    """A small square in the pattern of `status`, to stand beside the word."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="14" height="14" aria-hidden="true">'
        f'<rect x="0.5" y="0.5" width="13" height="13" fill="url(#{_pattern_id(status)})" stroke="{EDGE}"/></svg>'
    )


def draw_shares(counts: Mapping[str, int], title: str) -> Picture:
    """Draw one bar divided among statuses, in the order of `counts`, each part with its pattern and number."""
    total = sum(counts.values())
    words = ", ".join(f"{number} {status}" for status, number in counts.items() if number) or "no answers"
    body, x = "", 0.0
    for status, number in counts.items():
        width = SHARES_WIDTH * number / total if total else 0.0
        body += _draw_share(x, width, status, number) if number else ""
        x += width
    return make_picture(title, words, Block(SHARES_WIDTH, SHARES_HEIGHT, body))


def _draw_share(x: float, width: float, status: str, number: int) -> str:
    frame = f'<rect x="{x:g}" y="0" width="{width:g}" height="{SHARES_HEIGHT}" '
    halo = 'stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
    label = text(x + width / 2, 16, str(number), fill=INK, anchor="middle", extra=halo)
    fits = width >= width_of(str(number)) + 4
    return f'{frame}fill="url(#{_pattern_id(status)})" stroke="{EDGE}"/>{label if fits else ""}'


def draw_length(count: int, most: int, title: str) -> Picture:
    """Draw `count` as the length of a bar that is full at `most`."""
    width = LENGTH_WIDTH * count / most if most else 0.0
    body = f'<rect x="0" y="0" width="{width:g}" height="{LENGTH_HEIGHT}" fill="{REACHED}" stroke="{EDGE}"/>'
    return make_picture(title, f"{count} of at most {most}", Block(LENGTH_WIDTH, LENGTH_HEIGHT, body))
