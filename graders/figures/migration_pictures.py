"""Migrations drawn: which version of an application works at which step, and how two schemas differ."""

from __future__ import annotations

from graders.figures.svg import BAD, GOOD, Block, Cell, Picture, flow, picture, table
from graders.techniques.migrations import AppStatus, Schema, Timeline, compare_schemas

CELLS = {"works": ("✓ works", GOOD), "refused": ("✗ refused", BAD), "misled": ("✗ misled", BAD)}
OFF = ("– off", "#f3f4f6")


def draw_timeline(timeline: Timeline) -> Picture:
    """Draw a row for each step and a column for each application: it works, is refused, reads wrong, or is off.

    Beside it is how many of its requests had to wait during the step.
    """
    rows = []
    for place, step in enumerate(timeline.steps):
        cells = [_cell(statuses[place]) for statuses in timeline.apps.values()]
        rows.append([Cell(f"{place + 1}. {step}"), *cells])
    columns = ["after the step", *(f"{name} application" for name in timeline.apps)]
    last = [""] * (len(rows) - 1) + ["✗ the engine refuses it" if timeline.stopped else ""]
    words = timeline.words + (f" The plan ends: {timeline.stopped}." if timeline.stopped else "")
    return picture("Compatibility timeline", words, table(columns, rows, last))


def _cell(status: AppStatus) -> Cell:
    words, fill = CELLS.get(status.state, OFF)
    waits = f", waits {status.waits}" if status.waits else ""
    return Cell(f"{words}{waits}", fill, marked=status.state in ("refused", "misled"))


def draw_difference(before: Schema, after: Schema) -> Picture:
    """Draw the objects that are in one schema only, or have another definition in the other; equal ones are counted."""
    difference = compare_schemas(before, after)
    rows = [_row(Cell("− gone", BAD), name, _shorten(before[name])) for name in difference.missing]
    rows += [_row(Cell("+ new", GOOD), name, _shorten(after[name])) for name in difference.extra]
    changed = Cell("≠ changed", BAD, marked=True)
    rows += [_row(changed, name, f"{_shorten(was)} → {_shorten(now)}") for name, was, now in difference.changed]
    same = sum(after.get(name) == definition for name, definition in before.items())
    parts = {
        "Gone": difference.missing,
        "New": difference.extra,
        "Changed": [name for name, _, _ in difference.changed],
    }
    words = " ".join(f"{part}: {', '.join(map(' '.join, names)) or 'none'}." for part, names in parts.items())
    drawn: Block = table(["", "kind", "object", "says"], rows) if rows else table(["the schemas are the same"], [])
    return picture("Schema difference", f"{words} {same} objects are the same.", flow([drawn]))


def _row(sign: Cell, name: tuple[str, str], definition: str) -> list[Cell]:
    return [sign, *map(Cell, name), Cell(definition)]


def _shorten(words: str, limit: int = 44) -> str:
    return words if len(words) <= limit else words[: limit - 1] + "…"
