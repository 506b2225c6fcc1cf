"""Draws a class: how marks are spread, and what share of an exercise's answers was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graders.figures.svg import EDGE, INK, REACHED, Block, Picture, line, picture, text, width_of

TALL = 110
SHARES_WIDTH = 240
SHARES_HEIGHT = 22

# Fill and strokes of the pattern of each status: told apart without colour, light enough for dark numbers on them.
PATTERNS = {
    "right": ("#bbf7d0", ""),
    "partly right": ("#fef9c3", '<path d="M0 8L8 0" stroke="#854d0e"/>'),
    "wrong": ("#fecaca", '<path d="M0 0L8 8M0 8L8 0" stroke="#b91c1c"/>'),
    "not attempted": ("#ffffff", '<circle cx="4" cy="4" r="1" fill="#4b5563"/>'),
    "needs review": ("#ddd6fe", '<path d="M0 4H8" stroke="#5b21b6" stroke-width="1.5"/>'),
}


def draw_histogram(bars: Sequence[tuple[str, int]], title: str) -> Picture:
    """Draw one column for each of `bars`, a label below and the number above it; the words say the same."""
    most = max((number for _, number in bars), default=0) or 1
    wide = max((width_of(label) for label, _ in bars), default=0) + 12
    body = "".join(_column(i * wide, wide, number / most, number, label) for i, (label, number) in enumerate(bars))
    block = Block(wide * len(bars), TALL + 42, body + line(0, TALL + 20, wide * len(bars), TALL + 20))
    words = "; ".join(f"{label}: {number}" for label, number in bars)
    return picture(title, words, block)


def _column(x: float, wide: float, share: float, number: int, label: str) -> str:
    height = share * TALL
    top = TALL + 20 - height
    frame = f'<rect x="{x + 6:g}" y="{top:g}" width="{wide - 12:g}" height="{height:g}" '
    middle = x + wide / 2
    return (
        f'{frame}fill="{REACHED}" stroke="{EDGE}"/>'
        + text(middle, top - 5, str(number), anchor="middle")
        + text(middle, TALL + 36, label, anchor="middle")
    )


def patterns_svg() -> str:
    """The patterns that `draw_shares` and `swatch_svg` fill with: put it once into a page, before them."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0" style="position:absolute" aria-hidden="true">'
        f"<defs>{''.join(_pattern(*one) for one in PATTERNS.items())}</defs></svg>"
    )


def _pattern(status: str, look: tuple[str, str]) -> str:
    fill, strokes = look
    return (
        f'<pattern id="{_id(status)}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{fill}"/>{strokes}</pattern>'
    )


def _id(status: str) -> str:
    return f"pattern-{status.replace(' ', '-')}"


def swatch_svg(status: str) -> str:
    """A small square in the pattern of `status`, to stand beside the word."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="14" height="14" aria-hidden="true">'
        f'<rect x="0.5" y="0.5" width="13" height="13" fill="url(#{_id(status)})" stroke="{EDGE}"/></svg>'
    )


def draw_shares(counts: Mapping[str, int], title: str) -> Picture:
    """Draw one bar shared out over statuses, in the order of `counts`, each part with its pattern and number."""
    total = sum(counts.values())
    words = ", ".join(f"{number} {status}" for status, number in counts.items() if number) or "no answers"
    pieces, x = [], 0.0
    for status, number in counts.items():
        wide = SHARES_WIDTH * number / total if total else 0.0
        pieces.append(_share(x, wide, status, number) if number else "")
        x += wide
    return picture(title, words, Block(SHARES_WIDTH, SHARES_HEIGHT, "".join(pieces)))


def _share(x: float, wide: float, status: str, number: int) -> str:
    frame = f'<rect x="{x:g}" y="0" width="{wide:g}" height="{SHARES_HEIGHT}" '
    halo = 'stroke="#ffffff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
    label = text(x + wide / 2, 16, str(number), fill=INK, anchor="middle", extra=halo)
    fits = wide >= width_of(str(number)) + 4
    return f'{frame}fill="url(#{_id(status)})" stroke="{EDGE}"/>{label if fits else ""}'
