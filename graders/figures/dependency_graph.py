"""Dependencies drawn as brackets under the attributes, and the closure that grows through them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graders.figures.svg import (
    INK,
    PAPER,
    REACHED,
    Block,
    Picture,
    box,
    captioned,
    flow,
    line,
    picture,
    text,
    width_of,
)
from graders.techniques.dependencies import FD, attribute_set, attributes_of, closure_steps, in_order, written

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
    names = _every_name(attributes, fds, reached)
    panels = [captioned(f"start: {written(reached)}", _panel(names, fds, _Moment(reached, reached, "start")))]
    steps = closure_steps(reached, fds)
    for number, step in enumerate(steps, 1):
        drawn = _panel(names, fds, _Moment(step.reached, step.added, "new", step.fd))
        panels.append(captioned(f"step {number}: {step.fd}", drawn))
    return picture(f"Closure of {written(reached)}", closure_words(reached, fds, names), flow(panels))


def _every_name(attributes: str | Iterable[str], fds: list[FD], more: Iterable[str]) -> tuple[str, ...]:
    return in_order([*in_order(attributes), *sorted(attributes_of(fds).union(more))])


def closure_words(start: Iterable[str], fds: Iterable[FD], names: Iterable[str]) -> str:
    """Say the closure of `start` in words, step by step."""
    start, reached = attribute_set(start), attribute_set(start)
    sentences = []
    for step in closure_steps(start, fds):
        sentences.append(f"{step.fd} adds {written(step.added)}")
        reached = step.reached
    missing = attribute_set(names) - reached
    rest = f"it does not reach {written(missing)}" if missing else "it reaches every attribute"
    told = "; ".join(sentences) or "no dependency adds anything"
    return f"From {written(start)}: {told}. The closure is {written(reached)}; {rest}."


@dataclass(frozen=True)
class _Moment:
    """What one panel shows: what is reached, what is new and the word for it, the dependency that fired."""

    reached: frozenset[str]
    new: frozenset[str]
    word: str
    fired: FD | None = None


def _panel(names: Sequence[str], fds: Sequence[FD], moment: _Moment) -> Block:
    touching = {name: [fd for fd in fds if name in fd.attributes] for name in names}
    widths = [max(width_of(name) + 16, 42, 10 * len(touching[name])) for name in names]
    lefts = [sum(widths[:place]) + 12 * place for place in range(len(names))]
    boxes = list(zip(names, lefts, widths, strict=True))
    right = lefts[-1] + widths[-1]
    body = "".join(_attribute(name, x, width, moment) for name, x, width in boxes)
    for number, fd in enumerate(fds, 1):
        stems = {
            name: x + width * (touching[name].index(fd) + 1) / (len(touching[name]) + 1)
            for name, x, width in boxes
            if name in fd.attributes
        }
        y = TOP + BOX + LEVEL * number + 4
        body += _bracket(fd, stems, y, 2.5 if fd == moment.fired else 1)
        body += text(right + 8, y + 4, "◀ fires", extra=SMALL) if fd == moment.fired else ""
    return Block(right + width_of("◀ fires") + 8, TOP + BOX + LEVEL * (len(fds) + 1), body)


def _attribute(name: str, x: float, width: float, moment: _Moment) -> str:
    fill, dash = (REACHED, "") if name in moment.reached else (PAPER, "4 3")
    word = moment.word if name in moment.new else ""
    frame = box(x, TOP, width, BOX, fill=fill, border=3 if word else 1, dash=dash)
    label = text(x + width / 2, TOP + 17, name, fill=INK, anchor="middle")
    return frame + label + text(x + width / 2, TOP - 5, word, anchor="middle", extra=SMALL)


def _bracket(fd: FD, stems: dict[str, float], y: float, thick: float) -> str:
    """A level line with a dotted stem up to each left attribute and an arrow up to each right attribute."""
    places, tip = [stems[name] for name in fd.attributes], TOP + BOX + 2
    drawn = line(min(places), y, max(places), y, thick=thick)
    for name in sorted(fd.attributes):
        drawn += line(stems[name], y, stems[name], tip + 4, thick=thick)
        drawn += _dot(stems[name], y) if name in fd.left else _arrow_head(stems[name], tip)
    return drawn


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="4" fill="currentColor"/>'


def _arrow_head(x: float, y: float) -> str:
    return f'<path d="M{x:g} {y:g} l-4 8 h8 z" fill="currentColor"/>'
