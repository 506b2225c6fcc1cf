"""Draws migrations: which version of an application works after which step, and how two schemas differ."""

from __future__ import annotations

from graders.figures.svg import BAD, GOOD, Block, Cell, Picture, make_picture, table
from graders.kernel.readable import join_words, quantity, truncate
from graders.techniques.migrations import AppStatus, Schema, Timeline, compare_schemas

CELLS = {"works": ("✓ works", GOOD), "refused": ("✗ refused", BAD), "misled": ("✗ misled", BAD)}
OFF = ("– off", "#f3f4f6")
MAX_LETTERS = 44


def draw_timeline(timeline: Timeline) -> Picture:
    """Draw a row for each step and a column for each application: it works, is refused, reads wrong, or is off.

    Beside it is how many of its requests had to wait during the step.
    """
    rows = []
    for place, step in enumerate(timeline.steps):
        cells = [_status_cell(statuses[place]) for statuses in timeline.apps.values()]
        rows.append([Cell(f"{place + 1}. {step}"), *cells])
    columns = ["after the step", *(f"{name} application" for name in timeline.apps)]
    remarks = [""] * (len(rows) - 1) + ["✗ the engine refuses it" if timeline.stopped else ""]
    words = timeline.words + (f" The plan ends: {timeline.stopped}." if timeline.stopped else "")
    return make_picture("Compatibility timeline", words, table(columns, rows, remarks), _sum_up(timeline))


def _sum_up(timeline: Timeline) -> str:
    """How many steps each application fails after, in one sentence."""
    fails = {name: sum(one.state in ("refused", "misled") for one in app) for name, app in timeline.apps.items()}
    fares = {name: f"fails after {count}" if count else "works whenever it runs" for name, count in fails.items()}
    said = [f"the {name} application {words}" for name, words in fares.items()]
    stopped = ", and the engine refuses a step" if timeline.stopped else ""
    return f"Of {quantity(len(timeline.steps), 'step')} {join_words(said)}{stopped}."


def _status_cell(status: AppStatus) -> Cell:
    words, fill = CELLS.get(status.state, OFF)
    waits = f", waits {status.waits}" if status.waits else ""
    return Cell(f"{words}{waits}", fill, marked=status.state in ("refused", "misled"))


def draw_schema_difference(before: Schema, after: Schema) -> Picture:
    """Draw the objects that are in one schema only, or have another definition in the other; equal ones are counted."""
    difference = compare_schemas(before, after)
    gone = [(name, truncate(before[name], MAX_LETTERS)) for name in difference.missing]
    new = [(name, truncate(after[name], MAX_LETTERS)) for name in difference.extra]
    changed = [
        (name, f"{truncate(old, MAX_LETTERS)} → {truncate(new, MAX_LETTERS)}") for name, old, new in difference.changed
    ]
    parts = {
        "Gone": (Cell("− gone", BAD), gone),
        "New": (Cell("+ new", GOOD), new),
        "Changed": (Cell("≠ changed", BAD, marked=True), changed),
    }
    rows = [[sign, *map(Cell, (*name, says))] for sign, objects in parts.values() for name, says in objects]
    equal = sum(after.get(name) == definition for name, definition in before.items())
    words = [
        f"{part}: {', '.join(' '.join(name) for name, _ in objects) or 'none'}." for part, (_, objects) in parts.items()
    ]
    block: Block = table(["", "kind", "object", "says"], rows) if rows else table(["the schemas are the same"], [])
    counts = {part.lower(): len(objects) for part, (_, objects) in parts.items() if objects} | {"the same": equal}
    said = join_words(_is_or_are(count, part) for part, count in counts.items())
    caption = f"Of the objects {said}." if rows else f"All {quantity(equal, 'object')} are the same."
    return make_picture("Schema difference", f"{' '.join(words)} {equal} objects are the same.", block, caption)


def _is_or_are(count: int, words: str) -> str:
    return f"{count or 'none'} {'is' if count == 1 else 'are'} {words}"
