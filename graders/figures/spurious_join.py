"""Parts of a relation and their join, with the rows marked that were invented or that break a rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graders.figures.svg import BAD, Block, Cell, Picture, captioned, flow, picture, table
from graders.techniques.dependencies import BrokenRule, Relation, SpuriousJoin


def draw_spurious_join(example: SpuriousJoin) -> Picture:
    """Draw a relation, its parts and their join; the rows that the join invents are marked and say so."""
    blocks = [captioned("stored", _drawn(example.relation))]
    blocks += _parts(example.parts)
    blocks.append(captioned("joined again", _drawn(example.joined, example.spurious, "✗ invented")))
    return picture("A join that invents rows", spurious_words(example), flow(blocks))


def spurious_words(example: SpuriousJoin) -> str:
    """Say in words how many rows went in, how many came back, and which were invented."""
    stored, joined = len(example.relation.rows), len(example.joined.rows)
    rows = "; ".join(", ".join(map(str, row)) for row in example.spurious)
    return f"{stored} rows were stored, the join of the parts gives {joined}; {len(example.spurious)} invented: {rows}."


def draw_broken_rule(broken: BrokenRule) -> Picture:
    """Draw parts that are legal by themselves and their join, the two rows that break the rule marked."""
    blocks = _parts(broken.parts, "✓ legal")
    blocks.append(captioned(f"joined: {broken.fd}?", _drawn(broken.joined, broken.pair, "✗ breaks it")))
    return picture("A dependency that nobody checks", broken_words(broken), flow(blocks))


def broken_words(broken: BrokenRule) -> str:
    """Say in words which two rows of the join break which dependency."""
    first, second = (", ".join(map(str, row)) for row in broken.pair)
    return f"Each part is legal by itself. In their join two rows break {broken.fd}: {first}; and {second}."


def _parts(parts: Sequence[Relation], remark: str = "") -> list[Block]:
    return [captioned(f"part {number} {remark}".strip(), _drawn(part)) for number, part in enumerate(parts, 1)]


def _drawn(relation: Relation, marked: Iterable[tuple] = (), word: str = "") -> Block:
    marked = set(marked)
    rows = [[_cell(value, row in marked) for value in row] for row in relation.rows]
    return table(relation.columns, rows, [word if row in marked else "" for row in relation.rows])


def _cell(value: object, marked: bool) -> Cell:
    shown = "NULL" if value is None else str(value)
    return Cell(shown, BAD, marked=True) if marked else Cell(shown)
