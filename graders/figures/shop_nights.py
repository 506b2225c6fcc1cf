"""Draws a shop's night as a timeline: what happened when, in a lane for each kind, and which promise broke where."""

from __future__ import annotations

from textwrap import wrap

from graders.figures.svg import BAD, GOOD, INK, LINE, Block, Picture, box, line, make_picture, text, width_of
from graders.techniques.scenarios import INVARIANTS, ScenarioRun, Violation, clock

LANES = ("visit", "orders", "power cut", "copy", "accident", "deletion", "migration")
LEFT, WIDTH, LANE, TOP, MARK_WIDTH, HOUR = 92, 540, 30, 24, 16, 9
MAX_REMARK = 80


def draw_shop_night(run: ScenarioRun) -> Picture:
    """Draw each event of a night at its time, and × at the first event after which a promise was broken.

    draw_shop_night(pass_shop_night(shop.SCHEMA, shop.data(1), PLAN))
    """
    lanes = [lane for lane in LANES if any(event.kind == lane for event in run.events)]
    step = WIDTH / max(len(run.events), 1)
    floor = TOP + LANE * len(lanes)
    body = "".join(_draw_lane(lane, TOP + LANE * number) for number, lane in enumerate(lanes))
    body += "".join(
        _draw_event(
            run, place, LEFT + step * place, TOP + LANE * lanes.index(event.kind), min(step - 1, 2 * MARK_WIDTH)
        )
        for place, event in enumerate(run.events)
    )
    body += "".join(text(LEFT + step * place, 14, clock(place)) for place in range(0, len(run.events), HOUR))
    remarks = [words for one in run.violations for words in _wrap_remark(one)]
    body += "".join(text(0, floor + LINE * (number + 1), words) for number, words in enumerate(remarks))
    block = Block(max([LEFT + WIDTH, *map(width_of, remarks)]), floor + LINE * (len(remarks) + 1), body)
    return make_picture("A night of the shop", describe_shop_night(run), block, _caption(run))


def _wrap_remark(violation: Violation) -> list[str]:
    """What was broken when, in lines that are no wider than the lanes."""
    words = f"× {clock(violation.place)} {violation.invariant}: {INVARIANTS[violation.invariant]}"
    return wrap(words, MAX_REMARK, subsequent_indent=" " * 8)


def _draw_lane(name: str, top: float) -> str:
    return text(0, top + 20, name) + line(LEFT, top + LANE - 2, LEFT + WIDTH, top + LANE - 2)


def _draw_event(run: ScenarioRun, place: int, x: float, top: float, width: float) -> str:
    """A box, red with × in it where a promise breaks."""
    breaks = any(one.place == place for one in run.violations)
    shape = box(x, top + 6, width, LANE - 10, fill=BAD if breaks else GOOD)
    return shape + (text(x + width / 2, top + 21, "×", fill=INK, anchor="middle") if breaks else "")


def _caption(run: ScenarioRun) -> str:
    if not run.violations:
        return f"A night of {len(run.events)} events, after each of which every promise holds."
    count, time = len(run.violations), clock(run.violations[0].place)
    return (
        f"{count} promises broke in this night, the first one at {time}."
        if count > 1
        else f"A promise broke at {time}."
    )


def describe_shop_night(run: ScenarioRun) -> str:
    """Say in words how many events of each kind there were, and what broke when."""
    kinds = [event.kind for event in run.events]
    counts = ", ".join(f"{kinds.count(lane)} × {lane}" for lane in LANES if lane in kinds)
    broken = "; ".join(f"{one.invariant} at {clock(one.place)}: {one.words}" for one in run.violations)
    return f"A timeline of {len(kinds)} events: {counts}. {'Broken: ' + broken if broken else 'No promise is broken'}."
