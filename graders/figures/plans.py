"""Draws how a query is executed: its plan as a tree, and the pages of a b-tree that a search or a scan reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import wrap

from graders.figures.svg import (
    CHAR,
    EDGE,
    GAP,
    INK,
    LINE,
    MARK,
    PAPER,
    REACHED,
    Block,
    Picture,
    add_caption,
    box,
    flow,
    line,
    make_picture,
    move_block,
    text,
    text_lines,
    width_of,
)
from graders.figures.tables import value_text
from graders.kernel.readable import join_words, truncate
from graders.techniques.plans import COVERING_SCAN, SCAN, STEP, BTree, Key, Page, PlanNode, Visit

NODE_GAP = 30
SQUARE = 56
MAX_LETTERS = 46

MAX_PAGES_IN_LEVEL = 4
PAGE_LETTERS = 22
PAGE_WIDTH = CHAR * PAGE_LETTERS + 12
PAGE_HEIGHT = 4 * LINE + 6
LEVEL_GAP = 54
OMITTED_WIDTH = 84
PAGE_GAP = 14
# A page by its number, or the numbers of neighbouring pages that are not drawn.
PageGroup = int | tuple[int, ...]


def draw_plan(plan: PlanNode, title: str = "Plan") -> Picture:
    """Draw a plan, the step that gives the rows out on top; the area of a square is the number of rows given out.

    A search and a scan differ by fill, border and word.
    """
    steps = plan.children if plan.words == "" else (plan,)
    max_rows = max((node.rows or 0 for node in plan.walk()), default=0)
    blocks = [_draw_subtree(step, max_rows) for step in steps] or [_draw_node(plan, max_rows)]
    return make_picture(title, describe_plan(plan), flow(blocks, math.inf), sum_up_plan(plan))


def describe_plan(plan: PlanNode) -> str:
    """Say in words what each step does and how many rows it gave out, the topmost first."""
    steps = [_describe_step(node) for node in plan.walk() if node.words or node.access]
    return f"{'; '.join(steps)}." if steps else "A plan without steps."


def _describe_step(node: PlanNode) -> str:
    what = str(node.access).replace("`", "") if node.access else node.words
    return what if node.rows is None else f"{what}, {_count(node.rows, 'row')}"


def sum_up_plan(plan: PlanNode) -> str:
    """Say in one sentence from where the rows come, the tables in the order in which they are read."""
    ways = [str(node.access).replace("`", "").partition(": ")[0] for node in plan.walk() if node.access]
    if not ways:
        return "The plan reads no table."
    first, *others = (f"a {way}" for way in dict.fromkeys(ways))
    return f"The rows come from {first}{', and then from ' if others else ''}{join_words(others) if others else ''}."


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _draw_subtree(node: PlanNode, max_rows: int) -> Block:
    """A step above the steps it reads from, with lines between them."""
    own = _draw_node(node, max_rows)
    if not node.children:
        return own
    blocks = [_draw_subtree(child, max_rows) for child in node.children]
    below = flow(blocks, math.inf)
    width = max(own.width, below.width)
    left, x = (width - own.width) / 2, (width - below.width) / 2
    body = move_block(own, left, 0) + move_block(below, x, own.height + NODE_GAP)
    for block in blocks:
        body += line(left + own.width / 2, own.height, x + block.width / 2, own.height + NODE_GAP)
        x += block.width + GAP
    return Block(width, own.height + NODE_GAP + below.height, body)


def _draw_node(node: PlanNode, max_rows: int) -> Block:
    lines = _label_node(node)
    side = SQUARE * math.sqrt(node.rows / max_rows) if node.rows and max_rows else 0
    space = SQUARE + 12 if node.rows is not None else 0
    width, height = max(map(width_of, lines)) + 16 + space, max(LINE * len(lines) + 10, space)
    scan = node.kind in (SCAN, COVERING_SCAN)
    body = box(0, 0, width, height, fill=REACHED if node.access and not scan else PAPER, border=3 if scan else 1)
    body += text_lines(8, LINE, lines, fill=INK)
    if side:
        x, y = width - SQUARE - 6, (height - side) / 2
        body += f'<rect x="{x:g}" y="{y:g}" width="{side:g}" height="{side:g}" fill="{MARK}"/>'
    return Block(width, height, body)


def _label_node(node: PlanNode) -> list[str]:
    name = node.kind if node.kind != STEP else node.words.lower() or "result"
    words = str(node.access).replace("`", "") if node.access else f"{name}: {node.words.lower()}"
    what, _, how = words.partition(": ")
    parts = [what, how] if how != what else [what]
    lines = [line for part in parts for line in wrap(part, MAX_LETTERS, break_long_words=False, break_on_hyphens=False)]
    return lines if node.rows is None else [*lines, f"→ {_count(node.rows, 'row')}"]


def draw_search(name: str, tree: BTree, low: Key, high: Key | None = None, table: str = "") -> Picture:
    """Draw the b-tree `name` with the path to the keys from `low` to `high` (`low` itself where there is no other).

    Both may be only the beginning of a key. `table` names the table in which each row found is then looked up.
    """
    high = low if high is None else high
    visit = tree.search(low, high)
    matches = {number: tree.matching(tree.page(number), low, high) for level in visit.levels for number in level}
    keys = f"for {_key_text(low)}" if low == high else f"from {_key_text(low)} to {_key_text(high)}"
    block = add_caption(f"{name}: search {keys}", _draw_tree(tree, visit, matches))
    words, caption = describe_search(name, tree, visit, table), sum_up_search(tree, visit, table)
    return make_picture(f"A search of {name}", words, block, caption)


def draw_scan(name: str, tree: BTree) -> Picture:
    """Draw the b-tree `name` with every page read."""
    visit = tree.scan()
    words = f"{_describe_size(name, visit)} A scan reads all of them."
    block = add_caption(f"{name}: scan, every entry", _draw_tree(tree, visit, {}))
    caption = f"A scan reads {_count(visit.pages, 'page')} with {_count(visit.entries, 'entry', 'entries')}."
    return make_picture(f"A scan of {name}", words, block, caption)


def describe_search(name: str, tree: BTree, visit: Visit, table: str = "") -> str:
    """Say in words how large the tree is, what the search reads and finds, and what a scan would read."""
    whole = tree.scan()
    read = ", ".join(_list_pages(level) for level in visit.levels)
    entries = _count(visit.entries, "entry", "entries")
    words = (
        f"{_describe_size(name, whole)} The search reads {_count(visit.pages, 'page')} ({read}) and finds {entries}."
    )
    if table and visit.entries:
        words += f" For each of them one row is looked up in {table}."
    if not tree.is_table:
        words += " The last number of a key is the rowid, which leads to the row."
    return f"{words} A scan would read {'the same page' if whole.pages == 1 else f'all {whole.pages:,} pages'}."


def sum_up_search(tree: BTree, visit: Visit, table: str = "") -> str:
    """Say in one sentence how many pages of how many a search reads, and what it finds."""
    found = _count(visit.entries, "entry", "entries")
    rows = f", for each of which a row is looked up in {table}" if table and visit.entries else ""
    return f"The search reads {visit.pages:,} of {_count(tree.scan().pages, 'page')} and finds {found}{rows}."


def _describe_size(name: str, whole: Visit) -> str:
    levels, pages = _count(len(whole.levels), "level"), _count(whole.pages, "page")
    return f"{name} has {levels}, {pages} and {_count(whole.entries, 'entry', 'entries')}."


def _list_pages(level: Sequence[int]) -> str:
    first = " ".join(map(str, level[:MAX_PAGES_IN_LEVEL]))
    more = len(level) - MAX_PAGES_IN_LEVEL
    return f"{first} and {more:,} more" if more > 0 else first


def _key_text(key: Key) -> str:
    return ", ".join(map(value_text, key)) or "the end"


def _draw_tree(tree: BTree, visit: Visit, matches: Mapping[int, Sequence[Key]]) -> Block:
    levels = [_group_pages(level, read) for level, read in zip(tree.levels(), visit.levels, strict=True)]
    widths = [sum(_width(group) + PAGE_GAP for group in level) - PAGE_GAP for level in levels]
    lefts = [_place_groups(level, (max(widths) - width) / 2) for level, width in zip(levels, widths, strict=True)]
    body = ""
    for depth, level in enumerate(levels):
        y, read = depth * (PAGE_HEIGHT + LEVEL_GAP), set(visit.levels[depth])
        if depth:
            body += _draw_links(tree, lefts[depth - 1], lefts[depth], y - LEVEL_GAP, read)
        for group in level:
            if isinstance(group, tuple):
                block = _draw_omission(len(group), len(read.intersection(group)))
            else:
                block = _draw_page(tree.page(group), group, group in read, matches.get(group, ()))
            body += move_block(block, lefts[depth][group], y)
    return Block(max(widths), len(levels) * (PAGE_HEIGHT + LEVEL_GAP) - LEVEL_GAP, body)


def _group_pages(level: Sequence[int], read: Sequence[int]) -> list[PageGroup]:
    """The pages of a level to draw, each by its number; those omitted between them stand in a tuple."""
    visible = {level[0], level[-1], read[0], read[-1]} if len(level) > MAX_PAGES_IN_LEVEL else set(level)
    groups: list[PageGroup] = []
    for number in level:
        if number in visible:
            groups.append(number)
        elif groups and isinstance(groups[-1], tuple):
            groups[-1] = (*groups[-1], number)
        else:
            groups.append((number,))
    return groups


def _width(group: PageGroup) -> float:
    return OMITTED_WIDTH if isinstance(group, tuple) else PAGE_WIDTH


def _place_groups(level: Sequence[PageGroup], x: float) -> dict[PageGroup, float]:
    lefts = {}
    for group in level:
        lefts[group] = x
        x += _width(group) + PAGE_GAP
    return lefts


def _draw_links(
    tree: BTree, upper: Mapping[PageGroup, float], lower: Mapping[PageGroup, float], y: float, read: set[int]
) -> str:
    """Lines from the drawn pages of a level to their drawn children, those to pages that are read thick."""
    return "".join(
        _draw_curve(x + PAGE_WIDTH / 2, lower[child] + PAGE_WIDTH / 2, y, thick=child in read)
        for group, x in upper.items()
        if isinstance(group, int)
        for child in tree.page(group).children
        if child in lower
    )


def _draw_curve(x1: float, x2: float, y: float, *, thick: bool) -> str:
    middle, bottom = y + LEVEL_GAP / 2, y + LEVEL_GAP
    style = f'stroke="{MARK}" stroke-width="3"' if thick else f'stroke="{EDGE}"'
    return f'<path d="M{x1:g} {y:g} C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {bottom:g}" fill="none" {style}/>'


def _draw_omission(number: int, read: int) -> Block:
    lines = ["…", f"{number:,} more", f"✓ {'all' if read == number else f'{read:,}'} read" if read else ""]
    body = "".join(
        text(OMITTED_WIDTH / 2, LINE * (place + 1.4), words, anchor="middle")
        for place, words in enumerate(lines)
        if words
    )
    return Block(OMITTED_WIDTH, PAGE_HEIGHT, body)


def _draw_page(page: Page, number: int, is_read: bool, matches: Sequence[Key]) -> Block:
    body = box(0, 0, PAGE_WIDTH, PAGE_HEIGHT, fill=REACHED if is_read else PAPER, border=3 if is_read else 1)
    title, extra = (f"page {number} ✓ read", 'font-weight="bold"') if is_read else (f"page {number}", "")
    body += text(8, LINE - 3, title, fill=INK, extra=extra)
    body += text_lines(8, 2 * LINE - 3, _describe_page(page, matches), fill=INK)
    return Block(PAGE_WIDTH, PAGE_HEIGHT, body)


def _describe_page(page: Page, matches: Sequence[Key]) -> list[str]:
    """Three lines: the keys between which the page lies, or the first and last that match, and how many there are."""
    count = f"{len(page.keys):,} entries" if page.leaf else f"{len(page.children):,} ways down"
    keys: Sequence[Key] = page.keys
    if matches and page.leaf:
        keys, count = matches, f"{len(matches):,} of {len(page.keys):,} match"
    first, last = (truncate(_key_text(keys[place]), PAGE_LETTERS - 2) if keys else "empty" for place in (0, -1))
    return [f"{first} …" if len(keys) > 1 else "", last, count]
