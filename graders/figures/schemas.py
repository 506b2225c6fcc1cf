"""Draws the tables of a database: columns with types, keys, and lines from foreign keys to what they refer to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

from graders.figures.svg import (
    BAD,
    HEAD,
    INK,
    LINE,
    MAX_WIDTH,
    Block,
    Picture,
    add_lines,
    box,
    flow,
    make_picture,
    move_block,
    text,
    width_of,
)
from graders.kernel.readable import quantity, truncate
from graders.labs.tables import Column, TableDefinition

MAX_TABLES, MAX_COLUMNS, MAX_NAME, MAX_NAMES = 12, 14, 28, 8
PAD, GUTTER, BELOW, LANE = 10, 44, 24, 6
# Up to here a picture that shrinks to the width of a page can still be read.
MAX_LAYERED = 1.25 * MAX_WIDTH
BOLD = 'font-weight="bold"'
NOTHING_WRONG: Mapping[str, Collection[str]] = {}


def draw_schema(tables: Sequence[TableDefinition]) -> Picture:
    """Draw `tables`, those that others refer to on the left; of many tables or columns the first ones are drawn."""
    related = _related_names(tables)
    ordered = sorted(tables, key=lambda table: table.name not in related)
    shown, left_out = ordered[:MAX_TABLES], [table.name for table in ordered[MAX_TABLES:]]
    block = lay_out_tables(shown)
    if left_out:
        block = add_lines(block, [f"not drawn: {_names(left_out)}"])
    drawn = make_picture("Tables", " ".join(map(describe_table, shown)), block)
    return Picture(drawn.svg, _caption(tables, left_out))


def lay_out_tables(tables: Sequence[TableDefinition], wrong: Mapping[str, Collection[str]] = NOTHING_WRONG) -> Block:
    """Place the boxes of `tables`, joined by their foreign keys; `wrong` names columns of a table to mark."""
    related = _related_names(tables)
    boxes = {table.name: TableBox(table, frozenset(wrong.get(table.name, ()))) for table in tables}
    joined = [box for name, box in boxes.items() if name in related]
    alone = [box.block for name, box in boxes.items() if name not in related]
    layered = _draw_layers(_layers(joined)) if joined else Block(0, 0, "")
    if layered.width > MAX_LAYERED:
        # Without lines: each foreign key names its table.
        return flow([*(one.block for one in joined), *alone])
    return _stack([*([layered] if joined else []), *([flow(alone)] if alone else [])])


def describe_table(table: TableDefinition) -> str:
    """The table in words: its columns with their types, its key, and what refers to what."""
    columns = ", ".join(_words_of(column) for column in table.columns[:MAX_COLUMNS])
    more = len(table.columns) - MAX_COLUMNS
    rest = f", and {quantity(more, 'more column')}" if more > 0 else ""
    references = "".join(f"; {', '.join(key.columns)} refers to {key.table}" for key in table.foreign_keys)
    return f"Table {table.name}: {columns}{rest}{references}."


def _words_of(column: Column) -> str:
    return " ".join(filter(None, [column.name, _type_of(column), "(key)" * column.key]))


def _type_of(column: Column) -> str:
    return truncate(f"{column.type}{' NOT NULL' * (column.required and not column.key)}".strip(), MAX_NAME)


def _caption(tables: Sequence[TableDefinition], left_out: Sequence[str]) -> str:
    """One sentence: how many tables there are, and which refer to which."""
    targets = {table.name: dict.fromkeys(key.table for key in table.foreign_keys) for table in tables}
    said = [
        f"{name} refers to {' and '.join('itself' if other == name else other for other in others)}"
        for name, others in targets.items()
        if others
    ]
    words = f": {'; '.join(said[:MAX_TABLES])}" if said else ", none of which refers to another" * (len(tables) > 1)
    drawn = f", of which {len(tables) - len(left_out)} are drawn" if left_out else ""
    return f"{quantity(len(tables), 'table')}{drawn}{words}."


def _names(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _related_names(tables: Sequence[TableDefinition]) -> set[str]:
    """The tables that refer to another one, or that one refers to."""
    known = {table.name for table in tables}
    pairs = [(table.name, key.table) for table in tables for key in table.foreign_keys]
    return {name for pair in pairs if pair[0] != pair[1] and set(pair) <= known for name in pair}


@dataclass(frozen=True)
class TableBox:
    """A table as it is drawn: a head with its name, and a row for each column."""

    table: TableDefinition
    wrong: frozenset[str] = frozenset()
    """The columns that are marked."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns that are drawn."""
        return self.table.columns[:MAX_COLUMNS]

    @cached_property
    def remarks(self) -> Mapping[str, str]:
        """What stands behind a column: that it is in the key, is unique, or refers to a table."""
        remarks: dict[str, list[str]] = {column.name: ["key"] if column.key else [] for column in self.table.columns}
        for unique in self.table.uniques:
            if len(unique) == 1 and unique[0] in remarks:
                remarks[unique[0]].append("unique")
        for key in self.table.foreign_keys:
            for column in key.columns:
                remarks.get(column, []).append(f"→ {truncate(key.table, MAX_NAME)}")
        return {name: ", ".join(words).replace("key, →", "key →") for name, words in remarks.items()}

    @cached_property
    def footer(self) -> list[str]:
        """What is said below the columns."""
        lines = [f"unique ({', '.join(unique)})" for unique in self.table.uniques if len(unique) > 1]
        more = len(self.table.columns) - MAX_COLUMNS
        return lines + [f"and {quantity(more, 'more column')}"] * (more > 0)

    @cached_property
    def widths(self) -> tuple[float, float, float]:
        """How wide names, types and remarks are."""
        names = max([width_of(truncate(one.name, MAX_NAME)) for one in self.columns], default=0) + 12
        types = max([width_of(_type_of(one)) for one in self.columns], default=0) + 12
        return names, types, max([width_of(self.remarks[one.name]) for one in self.columns], default=0)

    @cached_property
    def width(self) -> float:
        """How wide the box is."""
        words = [truncate(self.table.name, MAX_NAME), *self.footer]
        return max(sum(self.widths), *map(width_of, words)) + 2 * PAD

    @cached_property
    def block(self) -> Block:
        """The box, with its origin at its top left."""
        height = LINE * (len(self.columns) + len(self.footer) + 1) + 12
        body = box(0, 0, self.width, height) + box(0, 0, self.width, LINE + 4, fill=HEAD)
        body += text(PAD, 16, truncate(self.table.name, MAX_NAME), fill=INK, extra=BOLD)
        body += "".join(self._draw_row(column, self.y_of(column.name)) for column in self.columns)
        below = self.y_of_row(len(self.columns))
        body += "".join(text(PAD, below + LINE * place, line, fill=INK) for place, line in enumerate(self.footer))
        return Block(self.width, height, body)

    def _draw_row(self, column: Column, y: float) -> str:
        names, types, _ = self.widths
        marked = box(2, y - LINE + 5, self.width - 4, LINE, fill=BAD, border=2) if column.name in self.wrong else ""
        underline = ' text-decoration="underline"' if column.key else ""
        name = f"<tspan{underline}>{escape(truncate(column.name, MAX_NAME))}</tspan>"
        row = marked + f'<text x="{PAD}" y="{y:g}" fill="{INK}">{name}</text>'
        row += text(PAD + names, y, _type_of(column), fill=INK)
        return row + text(PAD + names + types, y, self.remarks[column.name], fill=INK)

    def y_of_row(self, place: int) -> float:
        """The baseline of the row with this number, from 0."""
        return LINE * (place + 2)

    def y_of(self, name: str) -> float:
        """The baseline of the row of the column called `name`, or of the head if it is not drawn."""
        names = [column.name for column in self.columns]
        return self.y_of_row(names.index(name)) if name in names else 16


def _layers(boxes: Sequence[TableBox]) -> list[list[TableBox]]:
    """The boxes from left to right: each to the right of all that it refers to, except in a circle."""
    by_name = {one.table.name: one for one in boxes}
    depths: dict[str, int] = {}

    def depth(name: str, path: tuple[str, ...] = ()) -> int:
        if name in path or name not in by_name:
            return -1
        if name not in depths:
            parents = [key.table for key in by_name[name].table.foreign_keys if key.table != name]
            depths[name] = 1 + max((depth(parent, (*path, name)) for parent in parents), default=-1)
        return depths[name]

    for one in boxes:
        depth(one.table.name)
    return [[one for one in boxes if depths[one.table.name] == level] for level in range(max(depths.values()) + 1)]


@dataclass(frozen=True)
class _Placed:
    """A box and where its top left corner is."""

    box: TableBox
    x: float
    y: float


def _draw_layers(layers: Sequence[Sequence[TableBox]]) -> Block:
    placed: dict[str, _Placed] = {}
    x = height = 0.0
    for layer in layers:
        y = 0.0
        for one in layer:
            placed[one.table.name] = _Placed(one, x, y)
            y += one.block.height + BELOW
        x, height = x + max(one.block.width for one in layer) + GUTTER, max(height, y - BELOW)
    # Lines first: where one has a box in its way, it passes behind it.
    body = "".join(_draw_lines(placed))
    body += "".join(move_block(one.box.block, one.x, one.y) for one in placed.values())
    return Block(x - GUTTER, height, body)


def _draw_lines(placed: Mapping[str, _Placed]) -> Iterator[str]:
    """A line from each foreign key to the table it refers to, if that is on its left, in a lane of its own."""
    lanes: dict[float, int] = {}
    for child in placed.values():
        for key in child.box.table.foreign_keys:
            parent = placed.get(key.table)
            if parent is None or parent.x >= child.x:
                continue
            lane = lanes[child.x] = lanes.get(child.x, -1) + 1
            yield _draw_line(child, key.columns[0], parent, child.x - 10 - LANE * (lane % 4))


def _draw_line(child: _Placed, column: str, parent: _Placed, lane: float) -> str:
    """From the row of `column` to the head of `parent`, with the point of an arrow there."""
    begin, end = child.y + child.box.y_of(column) - 4, parent.y + 12
    edge = parent.x + parent.box.block.width
    path = f"M{child.x:g} {begin:g} H{lane:g} V{end:g} H{edge:g}"
    arrow = f"M{edge:g} {end:g} l8 -4 v8 z"
    return f'<path d="{path}" fill="none" stroke="currentColor"/><path d="{arrow}" fill="currentColor"/>'


def _stack(blocks: Sequence[Block]) -> Block:
    """The blocks below each other."""
    body, y = "", 0.0
    for block in blocks:
        body += move_block(block, 0, y)
        y += block.height + BELOW
    return Block(max(block.width for block in blocks), y - BELOW, body)
