"""Draws schedules: swim lanes, the waits of other writers, and the matrix of isolation levels and anomalies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from graders.figures.svg import (
    BAD,
    GAP,
    GOOD,
    HEAD,
    INK,
    LINE,
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
    text_lines,
    width_of,
)
from graders.techniques.schedules import Finding, Schedule, Step

SIGNS = {"done": "→", "waits": "‖", "refused": "✗", "deadlock": "✗"}
FILLS = {"done": PAPER, "waits": REACHED, "refused": BAD, "deadlock": BAD}
GUTTER, MARGIN, LANE_TOP, PADDING = 12, 30, 26, 7
STEP_WIDTH, ROW_HEIGHT = 24, 26
ROWS = ("the change", "other writer")
LETTERS = {"begin": "B", "commit": "C"}
MAX_LETTERS = 12
MATRIX_CAPTION = "✗ marks an anomaly that happens; ✓ says what prevents it."


def draw_schedule(schedule: Schedule) -> Picture:
    """Draw each step in the lane of its session: the statement, and below it what it read, wrote or met.

    A dashed frame is a wait for a lock; a thick one is a statement that was refused. The foot says what is broken,
    or which serial order leaves the same.
    """
    sessions = list(dict.fromkeys(step.session for step in schedule.steps))
    lines = [_wrap_step(step, 92 // max(2, len(sessions))) for step in schedule.steps]
    width = max((width_of(words) for step in lines for words in step), default=60) + 2 * PADDING
    lefts = {name: MARGIN + place * (width + GUTTER) for place, name in enumerate(sessions)}
    body, y = "", LANE_TOP + 8.0
    for number, (step, words) in enumerate(zip(schedule.steps, lines, strict=True), 1):
        body += text(MARGIN - 10, y + 16, str(number), anchor="end")
        body += _draw_step(step, words, lefts[step.session], y, width)
        y += LINE * len(words) + 2 * PADDING
    block = Block(MARGIN + len(sessions) * (width + GUTTER), y, _draw_lanes(lefts, width, y) + body)
    for verdict in list_verdicts(schedule):
        block = add_footer(block, verdict)
    return make_picture("Schedule", describe_schedule(schedule), block, _caption(schedule, sessions))


def _caption(schedule: Schedule, sessions: Sequence[str]) -> str:
    """What the schedule came to or, where nothing is to be said of it, whose steps they are."""
    verdicts = " ".join(_sentences(schedule))
    if verdicts or not sessions:
        return verdicts
    return f"The statements of {' and '.join(sessions)}, in the order in which they ran."


def _sentences(schedule: Schedule) -> list[str]:
    return [f"{words[2].upper()}{words[3:]}." for words in list_verdicts(schedule)]


def _draw_lanes(lefts: dict[str, float], width: float, bottom: float) -> str:
    heads = "".join(
        text(left + width / 2, 16, name, anchor="middle", extra='font-weight="bold"') for name, left in lefts.items()
    )
    return heads + "".join(line(left + width / 2, LANE_TOP, left + width / 2, bottom) for left in lefts.values())


def _wrap_step(step: Step, max_letters: int) -> list[str]:
    effect = f"{SIGNS[step.outcome]} {step.effect}"
    return [*(wrap(step.statement, max_letters) or [""]), *wrap(effect, max_letters, subsequent_indent="  ")]


def _draw_step(step: Step, words: list[str], x: float, y: float, width: float) -> str:
    refused = step.outcome in ("refused", "deadlock")
    dash = "5 3" if step.outcome == "waits" else ""
    height = LINE * len(words) + PADDING
    frame = box(x, y, width, height, fill=FILLS[step.outcome], border=2.5 if refused else 1, dash=dash)
    return frame + text_lines(x + PADDING, y + 16, words, fill=INK, extra='xml:space="preserve"')


def list_verdicts(schedule: Schedule) -> list[str]:
    """What is to be said below a schedule, a line for each: who failed, what is open, what is broken."""
    lines = [f"✗ {name} failed" for name in schedule.failures]
    lines += [f"✗ {name} leaves a transaction open" for name in schedule.left_open]
    if schedule.violation:
        lines.append(f"✗ {schedule.violation}")
    elif schedule.serial_order:
        lines.append(f"✓ as if run one after the other: {', '.join(schedule.serial_order)}")
    return lines


def describe_schedule(schedule: Schedule) -> str:
    """Say a schedule in words: its steps by number, and what is to be said below it."""
    steps = [f"{number}. {step}." for number, step in enumerate(schedule.steps, 1)]
    return " ".join([*(steps or ["No statement was run."]), *_sentences(schedule)])


@dataclass(frozen=True)
class Request:
    """One statement of the other writer, with its start and end counted in steps of the change."""

    start: int
    """After how many steps of the change it was sent."""
    end: int
    """After how many steps of the change it was done."""

    @property
    def wait(self) -> int:
        """How many steps of the change it had to wait for."""
        return self.end - self.start


def draw_waits(runs: Mapping[str, Schedule], change: str = "backfill") -> Picture:
    """Draw a strip for each run by its name: the steps of the session `change`, and below them what others sent.

    A request that goes through at once is a check mark; one that waits is a bar as long as the steps it waited for.
    Nothing is timed. Requests that came after the last step are left out.
    """
    strips, words, longest = [], [], []
    for name, run in runs.items():
        steps, requests = _steps_of(run, change), list(find_requests(run, change))
        summary = _summarize(requests)
        strips.append(add_footer(add_caption(name, _draw_strip(steps, requests)), f"→ {summary}"))
        words.append(f"{name} ({_count(len(steps), 'step')}): {summary}.")
        longest.append(f"{name}: the other waits for {_count(max((r.wait for r in requests), default=0), 'step')}")
    caption = f"{'; '.join(longest)}."
    return make_picture("How long the other writer waits", " ".join(words), flow(strips, max_width=0), caption)


def _steps_of(run: Schedule, change: str) -> list[Step]:
    return [step for step in run.executed_steps if step.session == change]


def find_requests(run: Schedule, change: str) -> Iterator[Request]:
    """The requests of all other sessions that came before the last step of `change`, in the order they were done."""
    done, last = 0, len(_steps_of(run, change))
    waiting: dict[str, int] = {}
    for step in run.steps:
        if step.session == change:
            done += step.outcome != "waits"
        elif step.outcome == "waits":
            waiting.setdefault(step.session, done)
        elif (start := waiting.pop(step.session, done)) < last:
            yield Request(start, done)


def _summarize(requests: list[Request]) -> str:
    waits = [request.wait for request in requests if request.wait]
    words = f"of {_count(len(requests), 'request')} {len(waits) or 'none'} waited"
    return f"{words}, the longest for {_count(max(waits), 'step')}" if waits else words


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _draw_strip(steps: list[Step], requests: list[Request]) -> Block:
    left = max(map(width_of, ROWS)) + 12
    body = "".join(text(0, ROW_HEIGHT * row + 17, words) for row, words in enumerate(ROWS))
    for place, step in enumerate(steps):
        letter = LETTERS.get(step.statement.lower().rstrip(" ;"), "")
        x = left + STEP_WIDTH * place
        body += box(x, 2, STEP_WIDTH, ROW_HEIGHT - 6, fill=REACHED) + text(
            x + STEP_WIDTH / 2, 17, letter, fill=INK, anchor="middle"
        )
    body += "".join(_draw_request(left, request) for request in requests)
    return Block(left + STEP_WIDTH * (len(steps) + 1), 2 * ROW_HEIGHT + GAP / 4, body)


def _draw_request(left: float, request: Request) -> str:
    x, y = left + STEP_WIDTH * request.start, ROW_HEIGHT + 2
    if not request.wait:
        return box(x + 2, y, STEP_WIDTH - 8, ROW_HEIGHT - 6, fill=GOOD) + text(x + 5, y + 15, "✓", fill=INK)
    width = STEP_WIDTH * request.wait - 2
    words = f"waits {request.wait}"
    words = words if width_of(words) < width else str(request.wait)
    bar = box(x, y, width, ROW_HEIGHT - 6, fill=BAD, dash="5 3")
    return bar + text(x + width / 2, y + 15, words, fill=INK, anchor="middle")


def draw_isolation_matrix(findings: Mapping[str, Sequence[Finding]]) -> Picture:
    """Draw the findings of each level, by its name, as a column; a row for each anomaly.

    A cell says "✗ happens", or "✓" and what prevents it: blocked, refused, or not seen by the other transaction.
    """
    anomalies = [finding.anomaly for finding in next(iter(findings.values()), ())]
    heads = ["\n".join(wrap(name, MAX_LETTERS)) for name in ("anomaly", *findings)]
    rows = [
        [
            Cell(f"{anomaly.name} ({anomaly.code})", HEAD),
            *(_finding_cell(column[number]) for column in findings.values()),
        ]
        for number, anomaly in enumerate(anomalies)
    ]
    return make_picture("Isolation matrix", describe_matrix(findings), table(heads, rows), MATRIX_CAPTION)


def _finding_cell(finding: Finding) -> Cell:
    return Cell("✗ happens", BAD, marked=True) if finding.happens else Cell(f"✓ {finding.prevention}", GOOD)


def describe_matrix(findings: Mapping[str, Sequence[Finding]]) -> str:
    """Say in words which anomalies happen at each level."""
    return " ".join(f"{level}: {_list_happening(column)}." for level, column in findings.items())


def _list_happening(findings: Sequence[Finding]) -> str:
    names = [finding.anomaly.name for finding in findings if finding.happens]
    return f"{', '.join(names)} can happen" if names else f"none of the {len(findings)} anomalies happens"
