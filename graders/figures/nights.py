"""Draws the nights of a machine: how each ended, and from how many backups something came back after it."""

from __future__ import annotations

from collections.abc import Sequence

from graders.figures.svg import BAD, EDGE, GOOD, LINE, Block, Picture, line, make_picture, text
from graders.techniques.backups import NightRun

MAX_COLUMN, HEIGHT, TOP = 34, 90, 22
WIDTH = 760


def draw_nights(runs: Sequence[NightRun]) -> Picture:
    """Draw a bar for each night: as high as the number of good backups after it, with × below it where it failed.

    `draw_nights(run_nights(script, nights))` shows when the last backup went.
    """
    width = min(MAX_COLUMN, WIDTH / max(len(runs), 1))
    most = max([1, *(len(run.good) for run in runs)])
    body = "".join(_draw_night(run, place * width, width, most) for place, run in enumerate(runs))
    floor, end = TOP + HEIGHT, width * len(runs)
    body += line(0, floor, end, floor) + text(0, 14, f"good backups after each night (the most: {most})")
    body += text(0, floor + 2 * LINE, f"{runs[0].night.now:%B} {runs[0].night.now.day}")
    body += text(end, floor + 2 * LINE, f"{runs[-1].night.now:%B} {runs[-1].night.now.day}", anchor="end")
    words = describe_nights(runs)
    return make_picture("Good backups, night by night", words, Block(max(end, 420), floor + 2 * LINE + 6, body))


def _draw_night(run: NightRun, left: float, width: float, most: int) -> str:
    failed = run.code != 0
    height, floor = HEIGHT * len(run.good) / most * 0.9, TOP + HEIGHT
    bar = (
        f'<rect x="{left + 1:g}" y="{floor - height:g}" width="{width - 2:g}" height="{height:g}" '
        f'fill="{BAD if failed else GOOD}" stroke="{EDGE}"/>'
    )
    return bar + (text(left + width / 2, floor + LINE - 4, "×", anchor="middle") if failed else "")


def describe_nights(runs: Sequence[NightRun]) -> str:
    """Say in words how many nights failed, the most good backups there were, and how many are left."""
    failed = sum(run.code != 0 for run in runs)
    most, left = max(len(run.good) for run in runs), len(runs[-1].good)
    return (
        f"{failed} of {len(runs)} nights ended with another exit code than 0 (×), and of the {most} good backups that "
        f"there were at most, {left} are left."
    )
