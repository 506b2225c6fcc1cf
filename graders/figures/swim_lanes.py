"""A schedule drawn as swim lanes: a lane for each session, time downwards, with reads, writes, waits and refusals."""

from __future__ import annotations

from textwrap import wrap

from graders.figures.svg import (
    BAD,
    INK,
    LINE,
    PAPER,
    REACHED,
    Block,
    Picture,
    box,
    footed,
    line,
    picture,
    text,
    width_of,
)
from graders.techniques.schedules import Schedule, Step

SIGNS = {"done": "→", "waits": "‖", "refused": "✗", "deadlock": "✗"}
FILLS = {"done": PAPER, "waits": REACHED, "refused": BAD, "deadlock": BAD}
GUTTER = 12
NUMBERS = 30
HEAD = 26
PAD = 7


def draw_schedule(schedule: Schedule) -> Picture:
    """Draw each step in the lane of its session: the statement, and below it what it read, wrote or met.

    A dashed frame is a wait for a lock; a thick one is a statement that was refused. The foot says what is broken,
    or which serial order leaves the same.
    """
    sessions = list(dict.fromkeys(step.session for step in schedule.steps))
    lines = [_wrap_step(step, 92 // max(2, len(sessions))) for step in schedule.steps]
    width = max((width_of(words) for step in lines for words in step), default=60) + 2 * PAD
    lefts = {name: NUMBERS + place * (width + GUTTER) for place, name in enumerate(sessions)}
    body, y = "", HEAD + 8.0
    for number, (step, words) in enumerate(zip(schedule.steps, lines, strict=True), 1):
        body += text(NUMBERS - 10, y + 16, str(number), anchor="end")
        body += _draw_step(step, words, lefts[step.session], y, width)
        y += LINE * len(words) + 2 * PAD
    block = Block(NUMBERS + len(sessions) * (width + GUTTER), y, _draw_lanes(lefts, width, y) + body)
    for line_below in verdict_lines(schedule):
        block = footed(block, line_below)
    return picture("Schedule", schedule_words(schedule), block)


def _draw_lanes(lefts: dict[str, float], width: float, bottom: float) -> str:
    heads = "".join(
        text(left + width / 2, 16, name, anchor="middle", extra='font-weight="bold"') for name, left in lefts.items()
    )
    return heads + "".join(line(left + width / 2, HEAD, left + width / 2, bottom) for left in lefts.values())


def _wrap_step(step: Step, max_letters: int) -> list[str]:
    effect = f"{SIGNS[step.outcome]} {step.effect}"
    return [*(wrap(step.statement, max_letters) or [""]), *wrap(effect, max_letters, subsequent_indent="  ")]


def _draw_step(step: Step, words: list[str], x: float, y: float, width: float) -> str:
    refused = step.outcome in ("refused", "deadlock")
    dash = "5 3" if step.outcome == "waits" else ""
    height = LINE * len(words) + PAD
    frame = box(x, y, width, height, fill=FILLS[step.outcome], border=2.5 if refused else 1, dash=dash)
    return frame + "".join(
        text(x + PAD, y + 16 + LINE * number, one, fill=INK, extra='xml:space="preserve"')
        for number, one in enumerate(words)
    )


def verdict_lines(schedule: Schedule) -> list[str]:
    """What is to be said below a schedule, a line for each: who failed, what is open, what is broken."""
    lines = [f"✗ {name} failed" for name in schedule.failed]
    lines += [f"✗ {name} leaves a transaction open" for name in schedule.left_open]
    if schedule.broken:
        lines.append(f"✗ {schedule.broken}")
    elif schedule.like:
        lines.append(f"✓ as if run one after the other: {', '.join(schedule.like)}")
    return lines


def schedule_words(schedule: Schedule) -> str:
    """Say a schedule in words: its steps by number, and what is to be said below it."""
    steps = [f"{number}. {step}." for number, step in enumerate(schedule.steps, 1)]
    return " ".join(
        [
            *(steps or ["No statement was run."]),
            *(f"{words[2].upper()}{words[3:]}." for words in verdict_lines(schedule)),
        ]
    )
