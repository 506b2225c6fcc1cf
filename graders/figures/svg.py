"""Pieces of inline SVG, blocks that flow like words, and the picture with its description."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

CHAR = 7.9
LINE = 20
GAP = 28
MAX_WIDTH = 900
INK = "#1b1f24"
# Both stand out against white, against black and against the light fills.
EDGE = "#6b7280"
MARK = "#2563eb"
PAPER = "#ffffff"
REACHED = "#dbeafe"
GOOD = "#dcfce7"
BAD = "#fee2e2"
HEAD = "#e5e7eb"
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


@dataclass(frozen=True, repr=False)
class Picture:
    """An SVG drawing, the same facts in words as its alternative text, and the sentence below it, else those words."""

    svg: str
    words: str
    caption: str = ""

    def __str__(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return self.words

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        words = f"<figcaption>{escape(self.caption or self.words)}</figcaption>"
        return f'<figure class="tex2jax_ignore mathjax_ignore" style="margin:0">{self.svg}{words}</figure>'


@dataclass(frozen=True)
class Block:
    """A piece of drawing with its own origin at the top left; sizes in CSS pixels."""

    width: float
    height: float
    body: str


def make_picture(title: str, words: str, block: Block, caption: str = "") -> Picture:
    """Wrap a block as a whole drawing that shrinks with the page; `title` is its short name, `caption` stands below."""
    width, height = block.width + 8, block.height + 8
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="-4 -4 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" style="max-width:100%;height:auto" '
        f'font-family="{FONT}" font-size="13" fill="currentColor">'
        f"<title>{escape(title)}</title><desc>{escape(words)}</desc>{block.body}</svg>"
    )
    return Picture(svg, words, caption)


def width_of(text: str) -> float:
    """Give the width of `text` in the drawing's font, in pixels."""
    return CHAR * len(text)


def text(x: float, y: float, words: str, *, fill: str = "currentColor", anchor: str = "start", extra: str = "") -> str:
    """Write `words` with their baseline at (x, y); `extra` is further SVG attributes."""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" text-anchor="{anchor}" {extra}>{escape(words)}</text>'


def text_lines(x: float, y: float, lines: Iterable[str], *, fill: str = "currentColor", extra: str = "") -> str:
    """Write `lines` below each other, the first with its baseline at (x, y)."""
    return "".join(text(x, y + LINE * place, words, fill=fill, extra=extra) for place, words in enumerate(lines))


def box(
    x: float, y: float, width: float, height: float, *, fill: str = PAPER, border: float = 1, dash: str = ""
) -> str:
    """Draw a box with a light fill, so that dark text on it reads in any theme."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3" fill="{fill}" '
        f'stroke="{MARK if border > 1 else EDGE}" stroke-width="{border:g}"{dashes}/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, *, thick: float = 1) -> str:
    """Draw a straight line in the colour of the text around it."""
    ends = f'x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"'
    return f'<line {ends} stroke="currentColor" stroke-width="{thick:g}"/>'


def polyline(points: Iterable[tuple[float, float]], *, stroke: str, dash: str = "") -> str:
    """Draw a thick line through `points`, with the dashes of `dash`."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="2.5" stroke-dasharray="{dash}"/>'


def move_block(block: Block, x: float, y: float) -> str:
    """Give the body of a block with its origin at (x, y)."""
    return f'<g transform="translate({x:g} {y:g})">{block.body}</g>'


def add_caption(caption: str, block: Block) -> Block:
    """Put a line of words above a block."""
    body = text(0, 14, caption, extra='font-weight="bold"') + move_block(block, 0, LINE + 2)
    return Block(max(block.width, width_of(caption) + 4), block.height + LINE + 2, body)


def add_footer(block: Block, words: str) -> Block:
    """Put a line of words below a block."""
    body = block.body + text(0, block.height + LINE, words, extra='font-weight="bold"')
    return Block(max(block.width, width_of(words) + 4), block.height + LINE + 6, body)


def add_lines(block: Block, lines: Sequence[str]) -> Block:
    """Put plain lines of words below a block."""
    body = block.body + text_lines(0, block.height + LINE, lines)
    return Block(max([block.width, *map(width_of, lines)]), block.height + LINE * len(lines) + 6, body)


def flow(blocks: Iterable[Block], max_width: float = MAX_WIDTH) -> Block:
    """Place blocks from left to right and start a new line where the next would pass `max_width` pixels."""
    x = y = tallest = widest = 0.0
    pieces = []
    for block in blocks:
        if x and x + block.width > max_width:
            x, y, tallest = 0.0, y + tallest + GAP, 0.0
        pieces.append(move_block(block, x, y))
        widest, tallest = max(widest, x + block.width), max(tallest, block.height)
        x += block.width + GAP
    return Block(widest, y + tallest, "".join(pieces))


@dataclass(frozen=True)
class Cell:
    """A cell of a drawn table: its text, its fill, and whether a thick border marks it."""

    text: str
    fill: str = PAPER
    marked: bool = False


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]], remarks: Sequence[str] = ()) -> Block:
    """Draw a table with a head, whose names may have several lines; `remarks` stand to the right, one for each row."""
    lines = [[Cell(name, HEAD) for name in columns], *rows]
    widths = [max(_text_width(row[place].text) for row in lines) + 14 for place in range(len(columns))]
    head = 24 + LINE * max((name.count("\n") for name in columns), default=0)
    tops = [0, *(head + 24 * number for number in range(len(rows)))]
    lefts = [sum(widths[:place]) for place in range(len(columns))]
    places = [
        (x, top, w, row[i], 24 if top else head)
        for top, row in zip(tops, lines, strict=True)
        for i, (x, w) in enumerate(zip(lefts, widths, strict=True))
    ]
    # Marked cells last, so that no neighbour paints over their border.
    body = "".join(_draw_cell(*place) for place in sorted(places, key=lambda place: place[3].marked))
    body += "".join(text(sum(widths) + 8, top + 16, words) for top, words in zip(tops[1:], remarks, strict=False))
    beside = max((width_of(words) + 12 for words in remarks if words), default=0)
    return Block(sum(widths) + beside, head + 24 * len(rows), body)


def _text_width(words: str) -> float:
    return max(map(width_of, words.split("\n")))


def _draw_cell(x: float, y: float, width: float, cell: Cell, height: float) -> str:
    frame = box(x, y, width, height, fill=cell.fill, border=3 if cell.marked else 1)
    return frame + text_lines(x + 7, y + 16, cell.text.split("\n"), fill=INK)
