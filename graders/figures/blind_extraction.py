"""How much of a secret is known after how many questions: one line for each way of asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graders.figures.svg import EDGE, LINE, MARK, Block, Picture, line, picture, text, width_of

WIDTH, HEIGHT = 520, 200
LEFT = 34
DASHES = ("", "6 4", "2 3")
Run = Sequence[tuple[int, str]]


def draw_extraction(runs: Mapping[str, Run], length: int) -> Picture:
    """Draw the characters known of a secret of `length` against the questions asked.

    A run is a list of (questions asked so far, text known so far); each has a name.
    """
    most = max((run[-1][0] for run in runs.values() if run), default=1)
    body = _frame(most, length)
    for number, (name, run) in enumerate(runs.items()):
        body += _staircase(name, run, (most, length), number)
    wide = LEFT + WIDTH + max(map(width_of, runs), default=0) + 60
    return picture("Blind extraction", extraction_words(runs), Block(wide, HEIGHT + 3 * LINE, body))


def extraction_words(runs: Mapping[str, Run]) -> str:
    """Say how far each run has come."""
    told = [f"{name}: {len(run[-1][1])} characters after {run[-1][0]} questions" for name, run in runs.items() if run]
    return "; ".join(told) + "." if told else "Nothing asked yet."


def _frame(most: int, length: int) -> str:
    axes = line(LEFT, HEIGHT, LEFT + WIDTH, HEIGHT) + line(LEFT, 0, LEFT, HEIGHT)
    marks = "".join(text(LEFT - 6, _y(n, length) + 4, str(n), anchor="end") for n in range(0, length + 1, 2))
    below = "".join(text(LEFT + WIDTH * n / 4, HEIGHT + 18, f"{most * n / 4:.0f}", anchor="middle") for n in range(5))
    return axes + marks + below + text(LEFT + WIDTH / 2, HEIGHT + 38, "questions asked", anchor="middle")


def _y(known: float, length: int) -> float:
    return HEIGHT - HEIGHT * known / max(length, 1)


def _staircase(name: str, run: Run, scale: tuple[int, int], number: int) -> str:
    most, length = scale
    points, before = [(LEFT, _y(0, length))], 0
    for asked, known in run:
        x = LEFT + WIDTH * asked / max(most, 1)
        points += [(x, _y(before, length)), (x, _y(len(known), length))]
        before = len(known)
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    colour, dash = (MARK, EDGE, MARK)[number % 3], DASHES[number % 3]
    drawn = f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
    x, y = points[-1]
    return drawn + text(x + 6, y + 12, f"{name} ({run[-1][0]})" if run else name)
