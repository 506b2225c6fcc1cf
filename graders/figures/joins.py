"""Draws how the children of one parent are multiplied when two tables of them are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graders.figures.svg import (
    BAD,
    GOOD,
    Block,
    Cell,
    Picture,
    add_caption,
    add_footer,
    flow,
    make_picture,
    table,
)
from graders.kernel.readable import quantity

Row = tuple[object, int]
HEAD = ("", "amount")


def draw_fan_out(children: Mapping[str, Sequence[Row]]) -> Picture:
    """Draw two tables of children of one parent, each row a name and an amount, and the rows of their join.

    draw_fan_out({"order_items": [("pump", 1800), ("bell", 1700)], "payments": [("1 May", 3500)]})
    """
    (first, ours), (second, theirs) = children.items()
    tables = [_draw_children(name, rows) for name, rows in children.items()]
    joined = _draw_joined((first, second), ours, theirs)
    ours_meet, theirs_meet = quantity(len(theirs), "time"), quantity(len(ours), "time")
    caption = f"Each row of {first} stands in the join {ours_meet}, and each row of {second} {theirs_meet}."
    return make_picture("Rows that meet in a join", describe_fan_out(children), flow([*tables, joined]), caption)


def describe_fan_out(children: Mapping[str, Sequence[Row]]) -> str:
    """Say how many rows the join has, how often each child is in it, and what the sums are before and after."""
    (first, ours), (second, theirs) = children.items()
    return (
        f"{first} has {_count(ours)} with a sum of {_total(ours)}, {second} {_count(theirs)} with a sum of "
        f"{_total(theirs)}. Their join has {quantity(len(ours) * len(theirs), 'row')}: each row of {first} is in "
        f"{len(theirs)} of them, each row of {second} in {len(ours)}. The sums become "
        f"{_total(ours) * len(theirs)} and {_total(theirs) * len(ours)}."
    )


def _draw_children(name: str, rows: Sequence[Row]) -> Block:
    cells = [[Cell(str(label)), Cell(str(amount), GOOD)] for label, amount in rows]
    return add_footer(add_caption(name, table(HEAD, cells)), f"sum {_total(rows)}")


def _draw_joined(names: tuple[str, str], ours: Sequence[Row], theirs: Sequence[Row]) -> Block:
    """The rows of the join; an amount that stands there once more says so."""
    rows = [
        [*_draw_child(our, again=bool(right)), *_draw_child(their, again=bool(left))]
        for left, our in enumerate(ours)
        for right, their in enumerate(theirs)
    ]
    block = add_caption("joined", table((names[0], "amount", names[1], "amount"), rows))
    return add_footer(block, f"sums {_total(ours) * len(theirs)} and {_total(theirs) * len(ours)}")


def _draw_child(child: Row, *, again: bool) -> tuple[Cell, Cell]:
    label, amount = child
    return Cell(str(label)), Cell(f"{amount} again" if again else str(amount), BAD if again else GOOD)


def _total(rows: Sequence[Row]) -> int:
    return sum(amount for _, amount in rows)


def _count(rows: Sequence[Row]) -> str:
    return quantity(len(rows), "row")
