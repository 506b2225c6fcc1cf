"""Draws functional dependencies at work: a closure as it grows, a chase, and a join that invents rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graders.figures.svg import (
    BAD,
    GOOD,
    HEAD,
    INK,
    PAPER,
    REACHED,
    Block,
    Cell,
    Picture,
    add_caption,
    add_footer,
    box,
    flow,
    line,
    make_picture,
    table,
    text,
    width_of,
)
from graders.kernel.readable import join_words
from graders.techniques.dependencies import (
    FD,
    Chase,
    ChaseStep,
    Relation,
    Row,
    SpuriousJoin,
    Tableau,
    attribute_set,
    attributes_of,
    closure_steps,
    format_set,
    format_symbol,
    list_attributes,
)

TOP = 18
BOX = 26
LEVEL = 18
SMALL = 'font-size="12"'


def draw_closure(start: str | Iterable[str], fds: Iterable[FD], attributes: str | Iterable[str] = ()) -> Picture:
    """Draw the closure of `start` as it grows, one panel for each dependency that fires.

    A dot under an attribute is the left side of a dependency, an arrow head its right side. `attributes`
    gives the order of the boxes, and attributes that no dependency mentions.
    """
    fds, reached = list(fds), attribute_set(start)
    names = _order_attributes(attributes, fds, reached)
    panels = [add_caption(f"start: {format_set(reached)}", _draw_panel(names, fds, _Panel(reached, reached, "start")))]
    for number, step in enumerate(closure_steps(reached, fds), 1):
        block = _draw_panel(names, fds, _Panel(step.reached, step.added, "new", step.fd))
        panels.append(add_caption(f"step {number}: {step.fd}", block))
    title, words = f"Closure of {format_set(reached)}", describe_closure(reached, fds, names)
    return make_picture(title, words, flow(panels), sum_up_closure(reached, fds, names))


def _order_attributes(attributes: str | Iterable[str], fds: list[FD], more: Iterable[str]) -> tuple[str, ...]:
    return list_attributes([*list_attributes(attributes), *sorted(attributes_of(fds).union(more))])


def describe_closure(start: Iterable[str], fds: Iterable[FD], names: Iterable[str]) -> str:
    """Say the closure of `start` in words, step by step."""
    start, reached = attribute_set(start), attribute_set(start)
    sentences = []
    for step in closure_steps(start, fds):
        sentences.append(f"{step.fd} adds {format_set(step.added)}")
        reached = step.reached
    missing = attribute_set(names) - reached
    rest = f"it does not reach {format_set(missing)}" if missing else "it reaches every attribute"
    steps = "; ".join(sentences) or "no dependency adds anything"
    return f"From {format_set(start)}: {steps}. The closure is {format_set(reached)}; {rest}."


def sum_up_closure(start: Iterable[str], fds: Sequence[FD], names: Iterable[str]) -> str:
    """Say in one sentence what `start` determines, and what it does not."""
    start = attribute_set(start)
    reached = frozenset().union(start, *(step.added for step in closure_steps(start, fds)))
    missing, found = attribute_set(names) - reached, reached - start
    if not missing or not found:
        return f"{format_set(start)} determines {'nothing else' if missing else 'every attribute'}."
    return f"{format_set(start)} determines {join_words(sorted(found))}, and not {join_words(sorted(missing))}."


@dataclass(frozen=True)
class _Panel:
    """What one panel shows: what is reached, what is new and the word for it, the dependency that fired."""

    reached: frozenset[str]
    new: frozenset[str]
    word: str
    fired: FD | None = None


def _draw_panel(names: Sequence[str], fds: Sequence[FD], panel: _Panel) -> Block:
    touching = {name: [fd for fd in fds if name in fd.attributes] for name in names}
    widths = [max(width_of(name) + 16, 42, 10 * len(touching[name])) for name in names]
    lefts = [sum(widths[:place]) + 12 * place for place in range(len(names))]
    boxes = list(zip(names, lefts, widths, strict=True))
    right = lefts[-1] + widths[-1]
    body = "".join(_draw_attribute(name, x, width, panel) for name, x, width in boxes)
    for number, fd in enumerate(fds, 1):
        stems = {
            name: x + width * (touching[name].index(fd) + 1) / (len(touching[name]) + 1)
            for name, x, width in boxes
            if name in fd.attributes
        }
        y = TOP + BOX + LEVEL * number + 4
        body += _draw_bracket(fd, stems, y, 2.5 if fd == panel.fired else 1)
        body += text(right + 8, y + 4, "◀ fires", extra=SMALL) if fd == panel.fired else ""
    return Block(right + width_of("◀ fires") + 8, TOP + BOX + LEVEL * (len(fds) + 1), body)


def _draw_attribute(name: str, x: float, width: float, panel: _Panel) -> str:
    fill, dash = (REACHED, "") if name in panel.reached else (PAPER, "4 3")
    word = panel.word if name in panel.new else ""
    frame = box(x, TOP, width, BOX, fill=fill, border=3 if word else 1, dash=dash)
    label = text(x + width / 2, TOP + 17, name, fill=INK, anchor="middle")
    return frame + label + text(x + width / 2, TOP - 5, word, anchor="middle", extra=SMALL)


def _draw_bracket(fd: FD, stems: dict[str, float], y: float, thick: float) -> str:
    """A level line with a dotted stem up to each left attribute and an arrow up to each right attribute."""
    places, tip = [stems[name] for name in fd.attributes], TOP + BOX + 2
    body = line(min(places), y, max(places), y, thick=thick)
    for name in sorted(fd.attributes):
        body += line(stems[name], y, stems[name], tip + 4, thick=thick)
        body += _draw_dot(stems[name], y) if name in fd.left else _draw_arrow_head(stems[name], tip)
    return body


def _draw_dot(x: float, y: float) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="4" fill="currentColor"/>'


def _draw_arrow_head(x: float, y: float) -> str:
    return f'<path d="M{x:g} {y:g} l-4 8 h8 z" fill="currentColor"/>'


def draw_chase(result: Chase) -> Picture:
    """Draw the first tableau of a chase and the tableau after each step, a changed cell as "b1 → a".

    An "a" is the value that the column has in the row in question, a "b" with a number any other value.
    """
    panels = [add_caption("start: one row for each part", _draw_tableau(result, result.start, None))]
    panels += [
        add_caption(f"step {number}: {step.fd}", _draw_tableau(result, step.after, step))
        for number, step in enumerate(result.steps, 1)
    ]
    verdict = "✓ lossless: a row is all a" if result.lossless else "✗ lossy: no row is all a"
    drawn = add_footer(flow(panels), verdict)
    return make_picture("Chase of a decomposition", describe_chase(result), drawn, _judge_chase(result))


def describe_chase(result: Chase) -> str:
    """Say a chase in words: the parts, what each step made equal, and the verdict."""
    parts = ", ".join(format_set(part) for part in result.parts)
    steps = [
        f"Step {number}: {step.fd} makes rows {_list_rows(step)} agree on {_list_changed_columns(result, step)}."
        for number, step in enumerate(result.steps, 1)
    ]
    return " ".join([f"Chase of the parts {parts}.", *(steps or ["No step changes anything."]), _judge_chase(result)])


def _judge_chase(result: Chase) -> str:
    if result.complete_row is not None:
        return f"Row {result.complete_row + 1} is all a, so the parts are lossless."
    return "Nothing more changes and no row is all a, so the join can invent rows."


def _list_rows(step: ChaseStep) -> str:
    *first, last = (str(row + 1) for row in step.rows)
    return f"{', '.join(first)} and {last}"


def _list_changed_columns(result: Chase, step: ChaseStep) -> str:
    return " and ".join(sorted({result.columns[column] for _, column in step.changed}))


def _draw_tableau(result: Chase, tableau: Tableau, step: ChaseStep | None) -> Block:
    rows, remarks = [], []
    for number, row in enumerate(tableau):
        complete = not any(row)
        name = Cell(f"{number + 1}: {format_set(result.parts[number])}", HEAD)
        rows.append([name, *(_tableau_cell(number, place, row, step, complete) for place in range(len(row)))])
        remarks.append("✓ all a" if complete else "")
    return table(["part", *result.columns], rows, remarks)


def _tableau_cell(number: int, place: int, row: tuple[int, ...], step: ChaseStep | None, complete: bool) -> Cell:
    now = format_symbol(row[place])
    fill = GOOD if complete else REACHED if not row[place] else PAPER
    if step and (number, place) in step.changed:
        return Cell(f"{format_symbol(step.before[number][place])} → {now}", fill, marked=True)
    return Cell(now, fill)


def draw_spurious_join(example: SpuriousJoin) -> Picture:
    """Draw a relation, its parts and their join; the rows that the join invents are marked and say so."""
    blocks = [add_caption("stored", _draw_relation(example.relation))]
    blocks += [add_caption(f"part {number}", _draw_relation(part)) for number, part in enumerate(example.parts, 1)]
    blocks.append(add_caption("joined again", _draw_relation(example.joined, example.spurious)))
    stored, joined = len(example.relation.rows), len(example.joined.rows)
    caption = f"{stored} rows were stored, and the join of the parts gives {joined}."
    return make_picture("A join that invents rows", describe_spurious_join(example), flow(blocks), caption)


def describe_spurious_join(example: SpuriousJoin) -> str:
    """Say in words how many rows went in, how many came back, and which were invented."""
    stored, joined = len(example.relation.rows), len(example.joined.rows)
    rows = "; ".join(", ".join(map(str, row)) for row in example.spurious)
    return f"{stored} rows were stored, the join of the parts gives {joined}; {len(example.spurious)} invented: {rows}."


def _draw_relation(relation: Relation, invented: Iterable[Row] = ()) -> Block:
    marked = set(invented)
    rows = [[_value_cell(value, row in marked) for value in row] for row in relation.rows]
    return table(relation.columns, rows, ["✗ invented" if row in marked else "" for row in relation.rows])


def _value_cell(value: object, marked: bool) -> Cell:
    return Cell("NULL" if value is None else str(value), BAD if marked else PAPER, marked)
