"""The chase drawn step by step: changed cells marked, and the row that is complete when nothing is lost."""

from __future__ import annotations

from graders.figures.svg import (
    GOOD,
    PAPER,
    REACHED,
    Block,
    Cell,
    Picture,
    captioned,
    flow,
    footed,
    picture,
    table,
)
from graders.techniques.dependencies import Chase, ChaseStep, Tableau, symbol, written


def draw_chase(result: Chase) -> Picture:
    """Draw the first tableau of a chase and the tableau after each step, a changed cell as "b1 → a".

    An "a" is the value that the column has in the row asked for, a "b" with a number any other value.
    """
    panels = [captioned("start: one row for each part", _tableau(result, result.start, None))]
    panels += [
        captioned(f"step {number}: {step.fd}", _tableau(result, step.after, step))
        for number, step in enumerate(result.steps, 1)
    ]
    verdict = "✓ lossless: a row is all a" if result.lossless else "✗ lossy: no row is all a"
    return picture("Chase of a decomposition", chase_words(result), footed(flow(panels), verdict))


def chase_words(result: Chase) -> str:
    """Say a chase in words: the parts, what each step made equal, and the verdict."""
    parts = ", ".join(written(part) for part in result.parts)
    told = [
        f"Step {number}: {step.fd} makes rows {_row_numbers(step)} agree on {_columns_changed(result, step)}."
        for number, step in enumerate(result.steps, 1)
    ]
    if result.lossless:
        verdict = f"Row {result.complete_row + 1} is all a, so the parts are lossless."
    else:
        verdict = "Nothing more changes and no row is all a, so the join can invent rows."
    return " ".join([f"Chase of the parts {parts}.", *(told or ["No step changes anything."]), verdict])


def _row_numbers(step: ChaseStep) -> str:
    *first, last = (str(row + 1) for row in step.rows)
    return f"{', '.join(first)} and {last}"


def _columns_changed(result: Chase, step: ChaseStep) -> str:
    return " and ".join(sorted({result.columns[column] for _, column in step.changed}))


def _tableau(result: Chase, tableau: Tableau, step: ChaseStep | None) -> Block:
    rows, remarks = [], []
    for number, row in enumerate(tableau):
        complete = not any(row)
        name = Cell(f"{number + 1}: {written(result.parts[number])}", "#e5e7eb")
        rows.append([name, *(_cell(number, place, row, step, complete) for place in range(len(row)))])
        remarks.append("✓ all a" if complete else "")
    return table(["part", *result.columns], rows, remarks)


def _cell(number: int, place: int, row: tuple[int, ...], step: ChaseStep | None, complete: bool) -> Cell:
    now = symbol(row[place])
    fill = GOOD if complete else REACHED if not row[place] else PAPER
    if step and (number, place) in step.changed:
        return Cell(f"{symbol(step.before[number][place])} → {now}", fill, marked=True)
    return Cell(now, fill)
