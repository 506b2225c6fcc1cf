"""A plan as a tree of steps, each with a square whose area is the number of rows that it gave out."""

from __future__ import annotations

import math

from graders.figures.svg import (
    GAP,
    INK,
    LINE,
    MARK,
    PAPER,
    REACHED,
    Block,
    Picture,
    box,
    line,
    moved,
    picture,
    text,
    width_of,
)
from graders.techniques.plans import PlanNode
from graders.techniques.plans.plan import COVERING_SCAN, SCAN, STEP

APART = 30
SQUARE = 56
LONGEST = 46


def draw_plan(plan: PlanNode, title: str = "Plan") -> Picture:
    """Draw a plan, the step that gives the rows out on top; a search and a scan differ by fill, border and word."""
    steps = plan.children if plan.words == "" else (plan,)
    most = max((node.rows or 0 for node in plan.walk()), default=0)
    blocks = [_subtree(step, most) for step in steps] or [_node(plan, most)]
    return picture(title, plan_words(plan), _side_by_side(blocks))


def plan_words(plan: PlanNode) -> str:
    """Say in words what each step does and how many rows it gave out, the topmost first."""
    told = [_told(node) for node in plan.walk() if node.words or node.access]
    return f"{'; '.join(told)}." if told else "A plan without steps."


def _told(node: PlanNode) -> str:
    what = str(node.access).replace("`", "") if node.access else node.words
    return what if node.rows is None else f"{what}, {_rows(node.rows)}"


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _subtree(node: PlanNode, most: int) -> Block:
    """A step above the steps it reads from, with lines between them."""
    own = _node(node, most)
    if not node.children:
        return own
    blocks = [_subtree(child, most) for child in node.children]
    below = _side_by_side(blocks)
    width = max(own.width, below.width)
    left, x = (width - own.width) / 2, (width - below.width) / 2
    body = moved(own, left, 0) + moved(below, x, own.height + APART)
    for block in blocks:
        body += line(left + own.width / 2, own.height, x + block.width / 2, own.height + APART)
        x += block.width + GAP
    return Block(width, own.height + APART + below.height, body)


def _side_by_side(blocks: list[Block]) -> Block:
    body, x = "", 0.0
    for block in blocks:
        body += moved(block, x, 0)
        x += block.width + GAP
    return Block(x - GAP, max(block.height for block in blocks), body)


def _node(node: PlanNode, most: int) -> Block:
    lines = _lines(node)
    side = SQUARE * math.sqrt(node.rows / most) if node.rows and most else 0
    room = SQUARE + 12 if node.rows is not None else 0
    width, height = max(map(width_of, lines)) + 16 + room, max(LINE * len(lines) + 10, room)
    scan = node.kind in (SCAN, COVERING_SCAN)
    frame = box(0, 0, width, height, fill=REACHED if node.access and not scan else PAPER, border=3 if scan else 1)
    body = "".join(text(8, LINE * place, words, fill=INK) for place, words in enumerate(lines, start=1))
    area = f'<rect x="{width - SQUARE - 6:g}" y="{(height - side) / 2:g}" width="{side:g}" height="{side:g}" '
    return Block(width, height, frame + body + (f'{area}fill="{MARK}"/>' if side else ""))


def _lines(node: PlanNode) -> list[str]:
    words = str(node.access).replace("`", "") if node.access else f"{_named(node)}: {node.words.lower()}"
    what, _, how = words.partition(": ")
    lines = [*_wrapped(what), *_wrapped(how if how != what else "")]
    return lines if node.rows is None else [*lines, f"→ {_rows(node.rows)}"]


def _named(node: PlanNode) -> str:
    return node.kind if node.kind != STEP else node.words.lower() or "result"


def _wrapped(words: str) -> list[str]:
    """`words` in lines of at most `LONGEST` characters, where spaces allow."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + len(word) < LONGEST:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
