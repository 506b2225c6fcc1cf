"""Draws what a mapper sends: each statement with its parameters beside it, and the waiting of many as a waterfall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from textwrap import wrap

from graders.figures.svg import (
    EDGE,
    GAP,
    INK,
    LINE,
    MARK,
    REACHED,
    Block,
    Cell,
    Picture,
    add_caption,
    box,
    flow,
    make_picture,
    move_block,
    table,
    text,
    text_lines,
    width_of,
)
from graders.kernel.readable import join_words, quantity, truncate
from graders.techniques.attacks import SentStatement

MAX_LINE, MAX_PARAMETERS = 62, 28
LEFT = width_of("10–99") + 8
TEXT_WIDTH = width_of("x" * MAX_LINE) + 14
WATERFALL_WIDTH, STAIR = 380, 9
Group = tuple[int, int, SentStatement]


def draw_sent_statements(statements: Sequence[SentStatement]) -> Picture:
    """Draw each statement as its driver got it, and beside it its parameters; equal texts in a row are drawn once."""
    groups = group_statements(statements)
    body, y = text(LEFT, 14, "the statement") + text(LEFT + TEXT_WIDTH + GAP, 14, "its parameters"), LINE + 4.0
    for group in groups:
        block = _draw_group(group)
        body += move_block(block, 0, y)
        y += block.height + 8
    width = LEFT + TEXT_WIDTH + GAP + width_of("x" * (MAX_PARAMETERS + len(", then others") + 2))
    words, caption = describe_sent_statements(statements), _count_statements(statements)
    return make_picture("What reached the driver", words, Block(width, y, body), caption)


def group_statements(statements: Sequence[SentStatement]) -> list[Group]:
    """Statements of the same text in a row, as the numbers of the first and the last, and the first itself."""
    groups, number = [], 1
    for _, members in groupby(statements, key=lambda one: one.text):
        same = list(members)
        groups.append((number, number + len(same) - 1, same[0]))
        number += len(same)
    return groups


def describe_sent_statements(statements: Sequence[SentStatement]) -> str:
    """Say how many statements were sent, what each says, and which values went beside it."""
    return " ".join([_count_statements(statements), *map(_describe_group, group_statements(statements))])


def _count_statements(statements: Sequence[SentStatement]) -> str:
    return f"{quantity(len(statements), 'statement')} reached the driver."


def _describe_group(group: Group) -> str:
    first, last, one = group
    which = f"Statement {first}" if first == last else f"Statements {first} to {last}, which differ in parameters only"
    beside = f"with {_parameters_of(one)} beside it" if one.parameters else "without parameters"
    return f"{which}: {' '.join(one.text.split())}, {beside}."


def _parameters_of(statement: SentStatement) -> str:
    given = statement.parameters
    return truncate(repr(given if isinstance(given, dict) else list(given)), MAX_PARAMETERS)


def _draw_group(group: Group) -> Block:
    first, last, one = group
    lines = wrap(" ".join(one.text.split()), MAX_LINE) or [""]
    height = LINE * len(lines) + 8
    body = text(0, 18, f"{first}" if first == last else f"{first}–{last}")
    body += box(LEFT, 0, TEXT_WIDTH, height) + text_lines(LEFT + 7, 18, lines, fill=INK)
    x, words = LEFT + TEXT_WIDTH + GAP, _parameters_of(one) if one.parameters else ""
    words += ", then others" if words and last > first else ""
    body += box(x, 0, width_of(words) + 14, 28, fill=REACHED) + text(x + 7, 18, words, fill=INK) if words else ""
    return Block(x + width_of(words) + 14, height, body)


def draw_waterfall(counts: Mapping[str, int], latencies: Mapping[str, float]) -> Picture:
    """Draw the statements of each page as stairs, and say how long all wait; `latencies` are milliseconds for one.

    A statement is sent when the answer to the one before it is there, so that the waits add up.
    """
    most = max(counts.values())
    stairs = flow(add_caption(f"{name}: {_waits(count)}", _draw_stairs(count, most)) for name, count in counts.items())
    heads = ["one wait takes", *counts]
    rows = [
        [Cell(f"{format_milliseconds(each)} ({name})"), *(Cell(format_milliseconds(n * each)) for n in counts.values())]
        for name, each in latencies.items()
    ]
    numbers = table(heads, rows)
    height = stairs.height + LINE + numbers.height
    body = stairs.body + move_block(numbers, 0, stairs.height + LINE)
    block = Block(max(stairs.width, numbers.width), height, body)
    where, longest = max(latencies.items(), key=lambda one: one[1])
    waits = [f"{name} waits {format_milliseconds(count * longest)}" for name, count in counts.items()]
    caption = f"Where one wait takes {format_milliseconds(longest)} ({where}), {join_words(waits)}."
    return make_picture("One wait after another", describe_waterfall(counts, latencies), block, caption)


def describe_waterfall(counts: Mapping[str, int], latencies: Mapping[str, float]) -> str:
    """Say how many statements each page sends, and how long it waits at each latency."""
    return " ".join(
        f"{name}: {_waits(count)}; in all "
        + ", ".join(f"{format_milliseconds(count * each)} ({where})" for where, each in latencies.items())
        + "."
        for name, count in counts.items()
    )


def format_milliseconds(milliseconds: float) -> str:
    """A time in milliseconds, or from 1,000 on in seconds."""
    return f"{milliseconds / 1000:.3g} s" if milliseconds >= 1000 else f"{milliseconds:.3g} ms"


def _waits(count: int) -> str:
    return f"{count:,} statement{'' if count == 1 else 's'}, {count:,} wait{'' if count == 1 else 's'}"


def _draw_stairs(count: int, most: int) -> Block:
    step = WATERFALL_WIDTH / most
    stairs = "".join(
        f'<rect x="{step * place:.1f}" y="{STAIR * place}" width="{step:.1f}" height="{STAIR - 2}" '
        f'fill="{MARK if place == 0 else EDGE}"/>'
        for place in range(count)
    )
    return Block(WATERFALL_WIDTH, STAIR * count, stairs)
