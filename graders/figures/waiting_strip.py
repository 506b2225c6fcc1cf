"""How long another writer waits beside a long change: a strip along its steps, a mark or a bar for each request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graders.figures.svg import (
    BAD,
    GAP,
    GOOD,
    INK,
    REACHED,
    Block,
    Picture,
    box,
    captioned,
    flow,
    footed,
    picture,
    text,
    width_of,
)
from graders.techniques.schedules import Schedule, Step

STEP, ROW = 24, 26
LANES = ("the change", "other writer")
LETTERS = {"begin": "B", "commit": "C"}


@dataclass(frozen=True)
class Request:
    """One statement of the other writer: after how many steps of the change it was asked, and after how many done."""

    asked: int
    done: int

    @property
    def waited(self) -> int:
        """How many steps of the change it had to wait for."""
        return self.done - self.asked


def draw_waits(runs: Mapping[str, Schedule], change: str = "backfill") -> Picture:
    """Draw a strip for each run by its name: the steps of the session `change`, and below them what others asked.

    A request that goes through at once is a check mark; one that waits is a bar as long as the steps it waited for.
    Nothing is timed. Requests that came after the last step are left out.
    """
    told = [(name, _steps(run, change), list(requests_of(run, change))) for name, run in runs.items()]
    strips = [footed(captioned(name, _strip(steps, asked)), f"→ {_found(asked)}") for name, steps, asked in told]
    words = " ".join(f"{name} ({_many(len(steps), 'step')}): {_found(asked)}." for name, steps, asked in told)
    return picture("How long the other writer waits", words, flow(strips, most=0))


def _steps(run: Schedule, change: str) -> list[Step]:
    return [step for step in run.moves if step.session == change]


def requests_of(run: Schedule, change: str) -> Iterator[Request]:
    """The requests of all other sessions that came before the last step of `change`, in the order they were done."""
    done, last, waiting = 0, len(_steps(run, change)), {}
    for step in run.steps:
        if step.session == change:
            done += step.outcome != "waits"
        elif step.outcome == "waits":
            waiting.setdefault(step.session, done)
        elif (asked := waiting.pop(step.session, done)) < last:
            yield Request(asked, done)


def _found(asked: list[Request]) -> str:
    waits = [request.waited for request in asked if request.waited]
    told = f"of {_many(len(asked), 'request')} {len(waits) or 'none'} waited"
    return f"{told}, the longest for {_many(max(waits), 'step')}" if waits else told


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _strip(steps: list[Step], asked: list[Request]) -> Block:
    left = max(map(width_of, LANES)) + 12
    body = "".join(text(0, ROW * lane + 17, words) for lane, words in enumerate(LANES))
    for place, step in enumerate(steps):
        letter = LETTERS.get(step.statement.lower().rstrip(" ;"), "")
        x = left + STEP * place
        body += box(x, 2, STEP, ROW - 6, fill=REACHED) + text(x + STEP / 2, 17, letter, fill=INK, anchor="middle")
    body += "".join(_drawn(left, request) for request in asked)
    return Block(left + STEP * (len(steps) + 1), 2 * ROW + GAP / 4, body)


def _drawn(left: float, request: Request) -> str:
    x, y = left + STEP * request.asked, ROW + 2
    if not request.waited:
        return box(x + 2, y, STEP - 8, ROW - 6, fill=GOOD) + text(x + 5, y + 15, "✓", fill=INK)
    width = STEP * request.waited - 2
    words = f"waits {request.waited}"
    words = words if width_of(words) < width else str(request.waited)
    bar = box(x, y, width, ROW - 6, fill=BAD, dash="5 3")
    return bar + text(x + width / 2, y + 15, words, fill=INK, anchor="middle")
