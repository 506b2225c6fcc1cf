"""What was counted beside what should have been, as bars with a line at the expected value."""

from __future__ import annotations

from collections.abc import Mapping

from graders.figures.svg import BAD, GOOD, Block, Picture, box, line, picture, text, width_of

LONGEST = 320
BAR = 18
STEP = 28


def draw_counted(counted: Mapping[str, int], expected: int) -> Picture:
    """Draw a bar for each count by its name, and a line at what all of them should have come to."""
    words = " ".join(_sentence(name, count, expected) for name, count in counted.items())
    return picture("Counted and expected", words, _bars(counted, expected))


def _sentence(name: str, count: int, expected: int) -> str:
    if count == expected:
        return f"{name}: all {expected:,} counted."
    return f"{name}: {count:,} of {expected:,} counted, {expected - count:,} lost."


def _bars(counted: Mapping[str, int], expected: int) -> Block:
    most = max(expected, *counted.values(), 1)
    left = max(map(width_of, counted)) + 12
    there = left + LONGEST * expected / most
    body = text(there, 12, f"expected {expected:,}", anchor="end")
    for number, (name, count) in enumerate(counted.items(), 1):
        y, right = number * STEP - 8, count == expected
        width = max(LONGEST * count / most, 1)
        body += text(0, y + 14, name) + box(left, y, width, BAR, fill=GOOD if right else BAD)
        body += text(left + LONGEST + 10, y + 14, f"{'✓' if right else '✗'} {count:,}")
    height = (len(counted) + 1) * STEP - 8
    return Block(left + LONGEST + width_of("✗ 9,999,999") + 12, height, body + line(there, 16, there, height, thick=2))
