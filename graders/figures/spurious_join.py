"""Parts of a relation and their join, with the rows marked that it invents."""

from __future__ import annotations

from collections.abc import Iterable

from graders.figures.svg import BAD, Block, Cell, Picture, captioned, flow, picture, table
from graders.techniques.dependencies import Relation, Row, SpuriousJoin


def draw_spurious_join(example: SpuriousJoin) -> Picture:
    """Draw a relation, its parts and their join; the rows that the join invents are marked and say so."""
    blocks = [captioned("stored", _drawn(example.relation))]
    blocks += [captioned(f"part {number}", _drawn(part)) for number, part in enumerate(example.parts, 1)]
    blocks.append(captioned("joined again", _drawn(example.joined, example.spurious)))
    return picture("A join that invents rows", spurious_words(example), flow(blocks))


def spurious_words(example: SpuriousJoin) -> str:
    """Say in words how many rows went in, how many came back, and which were invented."""
    stored, joined = len(example.relation.rows), len(example.joined.rows)
    rows = "; ".join(", ".join(map(str, row)) for row in example.spurious)
    return f"{stored} rows were stored, the join of the parts gives {joined}; {len(example.spurious)} invented: {rows}."


def _drawn(relation: Relation, invented: Iterable[Row] = ()) -> Block:
    marked = set(invented)
    rows = [[_cell(value, row in marked) for value in row] for row in relation.rows]
    return table(relation.columns, rows, ["✗ invented" if row in marked else "" for row in relation.rows])


def _cell(value: object, marked: bool) -> Cell:
    shown = "NULL" if value is None else str(value)
    return Cell(shown, BAD, marked=True) if marked else Cell(shown)
