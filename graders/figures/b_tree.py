"""A real b-tree as it lies in its pages, with the pages that a search or a scan reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graders.figures.svg import (
    CHAR,
    EDGE,
    INK,
    LINE,
    MARK,
    PAPER,
    REACHED,
    Block,
    Picture,
    box,
    captioned,
    moved,
    picture,
    text,
)
from graders.figures.tables import value_text
from graders.techniques.plans.b_tree import BTree, Key, Page, Visit

MOST_SHOWN = 4
WIDE = 22
WIDTH = CHAR * WIDE + 12
HEIGHT = 4 * LINE + 6
APART = 54
LEFT_OUT = 84
BESIDE = 14
GROUPED = Sequence[int | tuple[int, ...]]


def draw_search(name: str, tree: BTree, low: Key, high: Key | None = None, table: str = "") -> Picture:
    """Draw the b-tree `name` with the path to the keys from `low` to `high` (`low` itself where there is no other).

    Both may be only the beginning of a key. `table` names the table in which each row found is then looked up.
    """
    high = low if high is None else high
    visit = tree.search(low, high)
    found = {number: tree.matching(tree.page(number), low, high) for level in visit.levels for number in level}
    words = search_words(name, tree, visit, low, high, table)
    return picture(f"A search of {name}", words, captioned(_asked(name, low, high), _drawn(tree, visit, found)))


def draw_scan(name: str, tree: BTree) -> Picture:
    """Draw the b-tree `name` with every page read."""
    visit = tree.scan()
    words = f"{_size(name, visit)} A scan reads all of them."
    return picture(f"A scan of {name}", words, captioned(f"{name}: scan, every entry", _drawn(tree, visit, {})))


def search_words(name: str, tree: BTree, visit: Visit, low: Key, high: Key, table: str = "") -> str:
    """Say in words how large the tree is, what the search reads and finds, and what a scan would read."""
    whole = tree.scan()
    read = ", ".join(_numbers(level) for level in visit.levels)
    entries = _many(visit.entries, "entry", "entries")
    words = f"{_size(name, whole)} The search reads {_many(visit.pages, 'page')} ({read}) and finds {entries}."
    if table and visit.entries:
        words += f" For each of them one row is looked up in {table}."
    if not tree.is_table:
        words += " The last number of a key is the rowid, which leads to the row."
    return f"{words} A scan would read {'the same page' if whole.pages == 1 else f'all {whole.pages:,} pages'}."


def _size(name: str, whole: Visit) -> str:
    levels, pages = _many(len(whole.levels), "level"), _many(whole.pages, "page")
    return f"{name} has {levels}, {pages} and {_many(whole.entries, 'entry', 'entries')}."


def _many(number: int, one: str, more: str = "") -> str:
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def _numbers(level: Sequence[int]) -> str:
    shown = " ".join(map(str, level[:MOST_SHOWN]))
    return f"{shown} and {len(level) - MOST_SHOWN:,} more" if len(level) > MOST_SHOWN else shown


def _asked(name: str, low: Key, high: Key) -> str:
    return f"{name}: search for {_key(low)}" if low == high else f"{name}: search from {_key(low)} to {_key(high)}"


def _key(key: Key) -> str:
    return ", ".join(map(value_text, key)) or "the end"


def _drawn(tree: BTree, visit: Visit, found: Mapping[int, Sequence[Key]]) -> Block:
    levels = [_grouped(level, read) for level, read in zip(tree.levels(), visit.levels, strict=True)]
    widths = [sum(_width(one) + BESIDE for one in level) - BESIDE for level in levels]
    lefts = [_lefts(level, (max(widths) - width) / 2) for level, width in zip(levels, widths, strict=True)]
    body = ""
    for depth, level in enumerate(levels):
        y, read = depth * (HEIGHT + APART), set(visit.levels[depth])
        if depth:
            body += _links(tree, levels[depth - 1], lefts[depth - 1], lefts[depth], y - APART, read)
        for one in level:
            skipped = isinstance(one, tuple)
            block = _left_out(len(one), read.intersection(one)) if skipped else _page(tree, one, read, found)
            body += moved(block, lefts[depth][one], y)
    return Block(max(widths), len(levels) * (HEIGHT + APART) - APART, body)


def _grouped(level: Sequence[int], read: Sequence[int]) -> GROUPED:
    """The pages of a level to draw, each by its number; those left out between them stand in a tuple."""
    shown = {level[0], level[-1], read[0], read[-1]} if len(level) > MOST_SHOWN else set(level)
    groups: list[int | tuple[int, ...]] = []
    for number in level:
        if number in shown:
            groups.append(number)
        elif groups and isinstance(groups[-1], tuple):
            groups[-1] = (*groups[-1], number)
        else:
            groups.append((number,))
    return groups


def _width(one: int | tuple[int, ...]) -> float:
    return LEFT_OUT if isinstance(one, tuple) else WIDTH


def _lefts(level: GROUPED, x: float) -> dict[int | tuple[int, ...], float]:
    places = {}
    for one in level:
        places[one] = x
        x += _width(one) + BESIDE
    return places


def _links(tree: BTree, above: GROUPED, upper: Mapping, lower: Mapping, y: float, read: set[int]) -> str:
    """Lines from the drawn pages of a level to their drawn children, those to pages that are read thick."""
    body = ""
    for one in above:
        children = () if isinstance(one, tuple) else tree.page(one).children
        for child in children:
            if child in lower:
                ends = upper[one] + WIDTH / 2, lower[child] + WIDTH / 2
                body += _curve(*ends, y, read=child in read)
    return body


def _curve(x1: float, x2: float, y: float, read: bool) -> str:
    middle = y + APART / 2
    style = f'stroke="{MARK}" stroke-width="3"' if read else f'stroke="{EDGE}"'
    return f'<path d="M{x1:g} {y:g} C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y + APART:g}" fill="none" {style}/>'


def _left_out(number: int, read: set[int]) -> Block:
    told = "all read" if len(read) == number else f"{len(read):,} read"
    words = ["…", f"{number:,} more", f"✓ {told}" if read else ""]
    lines = [
        text(LEFT_OUT / 2, LINE * (place + 1.4), line, anchor="middle") for place, line in enumerate(words) if line
    ]
    return Block(LEFT_OUT, HEIGHT, "".join(lines))


def _page(tree: BTree, number: int, read: set[int], found: Mapping[int, Sequence[Key]]) -> Block:
    page, is_read = tree.page(number), number in read
    frame = box(0, 0, WIDTH, HEIGHT, fill=REACHED if is_read else PAPER, border=3 if is_read else 1)
    head = f"page {number}{' ✓ read' if is_read else ''}"
    bold = 'font-weight="bold"'
    body = frame + text(8, LINE - 3, head, fill=INK, extra=bold if is_read else "")
    for place, line in enumerate(_lines(page, found.get(number, ())), start=2):
        body += text(8, LINE * place - 3, line, fill=INK)
    return Block(WIDTH, HEIGHT, body)


def _lines(page: Page, matching: Sequence[Key]) -> list[str]:
    """Three lines: the keys between which the page lies, or the first and last that match, and how many there are."""
    kind = "entries" if page.leaf else "ways down"
    number = len(page.keys) if page.leaf else len(page.children)
    shown = matching if matching and page.leaf else page.keys
    ends = [_short(shown[0]), _short(shown[-1])] if len(shown) > 1 else [_short(key) for key in shown]
    count = f"{len(matching):,} of {number:,} match" if matching and page.leaf else f"{number:,} {kind}"
    return [f"{ends[0]} …" if len(ends) > 1 else "", ends[-1] if ends else "empty", count]


def _short(key: Key) -> str:
    words = _key(key)
    return words if len(words) <= WIDE - 2 else f"{words[: WIDE - 3]}…"
