"""What a report shows of a schedule or a power cut after which something is wrong: the words, and swim lanes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graders import Mismatch
from graders.figures.swim_lanes import draw_schedule
from graders.kernel.report import Table
from graders.techniques.crashes import Cut
from graders.techniques.schedules import Schedule


def in_this_order(expected: str, broken: Schedule, *, found: str = "", hint: str = "") -> Mismatch:
    """The mismatch of a schedule that breaks a rule; `found` stands in for what the rule says."""
    return Mismatch(expected, f"{found or broken.broken}, in the order below", hint, picture=str(draw_schedule(broken)))


def after_this_cut(expected: str, cut: Cut, *, hint: str = "", tables: Iterable[Table] = ()) -> Mismatch:
    """The mismatch of a power cut after which a rule is broken."""
    wrong = cut.broken or f"{cut.rerun}, when it is called once more"
    when = f"after statement {len(cut.steps)}, before `{cut.next}`" if cut.next else "after the last statement"
    lane = tuple(replace(step, session="yours") for step in cut.steps)
    drawn = draw_schedule(Schedule(lane, cut.state, broken=f"the power is cut here: {wrong}")) if lane else ""
    return Mismatch(f"{expected}, after every power cut", f"{wrong}, after a cut {when}", hint, tables, str(drawn))
