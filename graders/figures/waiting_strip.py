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
    """One statement of the other writer, with its start and end counted in steps of the change."""

    start: int
    """After how many steps of the change it was sent."""
    end: int
    """After how many steps of the change it was done."""

    @property
    def waited(self) -> int:
        """How many steps of the change it had to wait for."""
        return self.end - self.start


def draw_waits(runs: Mapping[str, Schedule], change: str = "backfill") -> Picture:
    """Draw a strip for each run by its name: the steps of the session `change`, and below them what others sent.

    A request that goes through at once is a check mark; one that waits is a bar as long as the steps it waited for.
    Nothing is timed. Requests that came after the last step are left out.
    """
    strips, words = [], []
    for name, run in runs.items():
        steps, requests = _steps(run, change), list(requests_of(run, change))
        summary = _summarize(requests)
        strips.append(footed(captioned(name, _strip(steps, requests)), f"→ {summary}"))
        words.append(f"{name} ({_count(len(steps), 'step')}): {summary}.")
    return picture("How long the other writer waits", " ".join(words), flow(strips, most=0))


def _steps(run: Schedule, change: str) -> list[Step]:
    return [step for step in run.moves if step.session == change]


def requests_of(run: Schedule, change: str) -> Iterator[Request]:
    """The requests of all other sessions that came before the last step of `change`, in the order they were done."""
    done, last = 0, len(_steps(run, change))
    waiting: dict[str, int] = {}
    for step in run.steps:
        if step.session == change:
            done += step.outcome != "waits"
        elif step.outcome == "waits":
            waiting.setdefault(step.session, done)
        elif (start := waiting.pop(step.session, done)) < last:
            yield Request(start, done)


def _summarize(requests: list[Request]) -> str:
    waits = [request.waited for request in requests if request.waited]
    words = f"of {_count(len(requests), 'request')} {len(waits) or 'none'} waited"
    return f"{words}, the longest for {_count(max(waits), 'step')}" if waits else words


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _strip(steps: list[Step], requests: list[Request]) -> Block:
    left = max(map(width_of, LANES)) + 12
    body = "".join(text(0, ROW * lane + 17, words) for lane, words in enumerate(LANES))
    for place, step in enumerate(steps):
        letter = LETTERS.get(step.statement.lower().rstrip(" ;"), "")
        x = left + STEP * place
        body += box(x, 2, STEP, ROW - 6, fill=REACHED) + text(x + STEP / 2, 17, letter, fill=INK, anchor="middle")
    body += "".join(_draw_request(left, request) for request in requests)
    return Block(left + STEP * (len(steps) + 1), 2 * ROW + GAP / 4, body)


def _draw_request(left: float, request: Request) -> str:
    x, y = left + STEP * request.start, ROW + 2
    if not request.waited:
        return box(x + 2, y, STEP - 8, ROW - 6, fill=GOOD) + text(x + 5, y + 15, "✓", fill=INK)
    width = STEP * request.waited - 2
    words = f"waits {request.waited}"
    words = words if width_of(words) < width else str(request.waited)
    bar = box(x, y, width, ROW - 6, fill=BAD, dash="5 3")
    return bar + text(x + width / 2, y + 15, words, fill=INK, anchor="middle")
