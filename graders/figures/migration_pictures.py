"""Migrations drawn: which version of an application works at which step, and how two schemas differ."""

from __future__ import annotations

from graders.figures.svg import BAD, GOOD, Block, Cell, Picture, flow, picture, table
from graders.techniques.migrations import Schema, Tick, Timeline, difference

CELLS = {"works": ("✓ works", GOOD), "refused": ("✗ refused", BAD), "misled": ("✗ misled", BAD)}
OFF = ("– off", "#f3f4f6")


def draw_timeline(timeline: Timeline) -> Picture:
    """Draw a row for each step and a column for each application: it works, is refused, reads wrong, or is off.

    How many of its requests had to wait during the step stands beside it.
    """
    rows = []
    for place, step in enumerate(timeline.steps):
        cells = [_cell(ticks[place]) for ticks in timeline.apps.values()]
        rows.append([Cell(f"{place + 1}. {step}"), *cells])
    columns = ["after the step", *(f"{name} application" for name in timeline.apps)]
    last = [""] * (len(rows) - 1) + ["✗ the engine refuses it" if timeline.stopped else ""]
    words = timeline.words + (f" The plan ends: {timeline.stopped}." if timeline.stopped else "")
    return picture("Compatibility timeline", words, table(columns, rows, last))


def _cell(tick: Tick) -> Cell:
    words, fill = CELLS.get(tick.state, OFF)
    waits = f", waits {tick.waits}" if tick.waits else ""
    return Cell(f"{words}{waits}", fill, marked=tick.state in ("refused", "misled"))


def draw_difference(before: Schema, after: Schema) -> Picture:
    """Draw the objects that are in one schema only, or say something else in the other; equal ones are counted."""
    differs = difference(before, after)
    rows = [
        [Cell("− gone", BAD), Cell(kind), Cell(name), Cell(_cut(before[kind, name]))] for kind, name in differs.lost
    ]
    rows += [
        [Cell("+ new", GOOD), Cell(kind), Cell(name), Cell(_cut(after[kind, name]))] for kind, name in differs.left
    ]
    rows += [
        [Cell("≠ changed", BAD, marked=True), Cell(kind), Cell(name), Cell(f"{_cut(was)} → {_cut(now)}")]
        for (kind, name), was, now in differs.changed
    ]
    same = sum(after.get(key) == text for key, text in before.items())
    counted = f"{same} objects are the same."
    gone, new = (", ".join(f"{kind} {name}" for kind, name in keys) or "none" for keys in (differs.lost, differs.left))
    changed = ", ".join(" ".join(key) for key, _, _ in differs.changed) or "none"
    words = f"Gone: {gone}. New: {new}. Changed: {changed}. {counted}"
    drawn: Block = table(["", "kind", "object", "says"], rows) if rows else table(["the schemas are the same"], [])
    return picture("Schema difference", words, flow([drawn]))


def _cut(words: str, most: int = 44) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
