"""What several choices cost, such as designs of the same data, as groups of bars with the number beside each."""

from __future__ import annotations

from collections.abc import Mapping

from graders.figures.svg import (
    EDGE,
    LINE,
    MARK,
    Block,
    Picture,
    box,
    captioned,
    flow,
    picture,
    text,
    width_of,
)

LONGEST = 260
BAR = 16
BARS_APART = 8


def draw_price(costs: Mapping[str, Mapping[str, float]]) -> Picture:
    """Draw a group of bars for each measure of `costs`, which gives the cost of each design by its name.

    Each group has its own scale, because bytes and rows cannot share one. The longest bar is the dearest design.
    """
    words = " ".join(price_words(measure, designs) for measure, designs in costs.items())
    return picture("What each choice costs", words, price_block(costs))


def price_block(costs: Mapping[str, Mapping[str, float]]) -> Block:
    """The drawing alone, to be put beside other pieces."""
    return flow(captioned(measure, _bars(designs)) for measure, designs in costs.items())


def price_words(measure: str, designs: Mapping[str, float]) -> str:
    """Say one measure in words, with the factor between the dearest design and the cheapest."""
    told = ", ".join(f"{name} {cost:,}" for name, cost in designs.items())
    dearest, cheapest = (pick(designs, key=designs.get) for pick in (max, min))
    if designs[dearest] == designs[cheapest] or not designs[cheapest]:
        return f"{measure}: {told}."
    return f"{measure}: {told} ({dearest} takes {designs[dearest] / designs[cheapest]:.3g} times as much)."


def _bars(designs: Mapping[str, float]) -> Block:
    most = max(designs.values()) or 1
    left = max(map(width_of, designs)) + 10
    body = ""
    for number, (name, cost) in enumerate(designs.items()):
        y, width = number * (BAR + BARS_APART), max(LONGEST * cost / most, 1)
        fill, label = (MARK, f"{cost:,} ◀ dearest") if cost == most else (EDGE, f"{cost:,}")
        body += text(0, y + 13, name) + box(left, y, width, BAR, fill=fill)
        body += text(left + width + 6, y + 13, label)
    return Block(
        left + LONGEST + width_of("9,999,999 ◀ dearest") + 12, len(designs) * (BAR + BARS_APART) + LINE / 2, body
    )
