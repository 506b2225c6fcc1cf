"""Draws the pages of a file with a damaged byte, and a line of time with backups and what can be had back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.figures.svg import (
    BAD,
    GOOD,
    HEAD,
    INK,
    LINE,
    MARK,
    PAPER,
    REACHED,
    Block,
    Picture,
    box,
    line,
    make_picture,
    text,
    text_lines,
)

PAGE_WIDTH, PAGE_HEIGHT, PAGE_GAP, PAGES_IN_A_ROW, MAX_PAGES = 86, 46, 6, 10, 60
# The first byte of a page of a b-tree: https://www.sqlite.org/fileformat2.html#b_tree_pages
KINDS = {2: "index, inner", 5: "table, inner", 10: "index, leaf", 13: "table, leaf"}
WORDS = {
    "index, inner": "an inner page of an index",
    "table, inner": "an inner page of a table",
    "index, leaf": "a leaf of an index",
    "table, leaf": "a leaf of a table",
}
FILLS = {"table": REACHED, "index": HEAD}
AROUND = 12
LEFT, WIDTH, AXIS, BAR, ROW = 36, 640, 70, 26, 34


@dataclass(frozen=True)
class Event:
    """Something that happened on one day."""

    commits: int
    """How many rows or transactions had been committed before it."""
    kind: str
    """"copy", "bad copy" or "accident"."""
    label: str
    """Its time or its name, as it is written below the line."""


def draw_pages(file: str | Path, damaged: int) -> Picture:
    """Draw the pages of a SQLite file as boxes, the one with the byte number `damaged` marked, and the bytes around it.

    draw_pages("copy.db", 32318)
    """
    content = Path(file).read_bytes()
    size = read_page_size(content)
    kinds = [read_kind(content, start) for start in range(0, len(content), size)][:MAX_PAGES]
    marked = damaged // size
    body = "".join(_draw_page(number, kind, number == marked) for number, kind in enumerate(kinds))
    top = (len(kinds) - 1) // PAGES_IN_A_ROW * (PAGE_HEIGHT + PAGE_GAP) + PAGE_HEIGHT
    lines = _hex_lines(content, damaged)
    body += text_lines(0, top + 24, lines, extra='xml:space="preserve"')
    width = min(len(kinds), PAGES_IN_A_ROW) * (PAGE_WIDTH + PAGE_GAP)
    words = (
        f"Byte {damaged:,} is damaged: of {len(kinds)} pages of {size:,} bytes it is in page {marked + 1}, "
        f"{WORDS.get(kinds[marked], 'which holds something else')}."
    )
    return make_picture("Pages of a file", words, Block(width, top + 24 + LINE * len(lines), body))


def read_page_size(content: bytes) -> int:
    """The size of a page, as the head of a SQLite file has it."""
    return int.from_bytes(content[16:18], "big") % 65_535 or 65_536


def read_kind(content: bytes, start: int) -> str:
    """What the page that begins at `start` holds; the first one begins behind the head of the file."""
    return KINDS.get(content[100 if start == 0 else start], "other")


def _draw_page(number: int, kind: str, marked: bool) -> str:
    row, column = divmod(number, PAGES_IN_A_ROW)
    x, y = column * (PAGE_WIDTH + PAGE_GAP), row * (PAGE_HEIGHT + PAGE_GAP)
    what, _, place = kind.partition(", ")
    fill = BAD if marked else FILLS.get(what, PAPER)
    lines = [f"{number + 1} {what}", place + (" ✗" if marked else "")]
    return box(x, y, PAGE_WIDTH, PAGE_HEIGHT, fill=fill, border=3 if marked else 1) + text_lines(
        x + 5, y + 18, lines, fill=INK
    )


def _hex_lines(content: bytes, damaged: int) -> list[str]:
    """The bytes around the damaged one, as numbers and as letters, and a mark below it."""
    start = max(0, damaged - AROUND)
    around = content[start : damaged + AROUND]
    numbers = " ".join(f"{byte:02x}" for byte in around)
    letters = "  ".join(chr(byte) if 32 <= byte < 127 else "." for byte in around)
    return [numbers, " " + letters, "   " * (damaged - start) + "^^"]


def draw_recovery(events: Sequence[Event], accident: Event, log_reaches: int = 0) -> Picture:
    """Draw a line of time: the copies, the accident, and what comes back from the newest whole copy and from the log.

    `log_reaches` is how many commits are in the log that lies elsewhere; 0 where there is none.

        draw_recovery([Event(0, "copy", "02:00")], Event(350, "accident", "14:05"), log_reaches=300)
    """
    base = max(
        (event.commits for event in events if event.kind == "copy" and event.commits <= accident.commits), default=0
    )
    reached = max(base, min(log_reaches, accident.commits))
    last = max([accident.commits, *(event.commits for event in events), 1])

    def place(commits: int) -> float:
        return LEFT + WIDTH * commits / last

    spans = [("from the copy", 0, base, GOOD, ""), ("from the log", base, reached, REACHED, "")]
    spans.append(("lost", reached, accident.commits, BAD, "5 3"))
    shown = [span for span in spans if span[2] > span[1]]
    body = line(LEFT, AXIS, LEFT + WIDTH + 10, AXIS, thick=2)
    body += "".join(_draw_event(event, place(event.commits)) for event in (*events, accident))
    body += "".join(
        _draw_span(span, place(span[1]), place(span[2]), AXIS + ROW * (1 + number)) for number, span in enumerate(shown)
    )
    counts = f"Of {accident.commits} commits, {base} come back from the copy, {reached - base} from the log, and "
    counts += f"{accident.commits - reached} are lost."
    names = ", ".join(f"{event.kind} at {event.label} after {event.commits}" for event in (*events, accident))
    words = f"{counts} On the line: {names}."
    height = AXIS + ROW * (1 + len(shown)) + 4
    return make_picture("What can be had back", words, Block(LEFT + WIDTH + 60, height, body), counts)


def _draw_event(event: Event, x: float) -> str:
    """A mark on the line, what it is above it, and when."""
    signs = {"copy": "✓ copy", "bad copy": "✗ bad copy", "accident": "⚡ accident"}
    shape = f'<circle cx="{x:g}" cy="{AXIS}" r="6" fill="{MARK if event.kind == "copy" else BAD}" stroke="{INK}"/>'
    return (
        shape
        + text(x, AXIS - 36, signs[event.kind], anchor="middle")
        + text(x, AXIS - 18, event.label, anchor="middle")
    )


def _draw_span(span: tuple[str, int, int, str, str], start: float, end: float, y: float) -> str:
    name, first, after, fill, dash = span
    words = f"{name}: {after - first}"
    return box(start, y, end - start, BAR, fill=fill, dash=dash) + text(start + 6, y + 18, words, fill=INK)
