"""How long a lesson takes: a plain model of the minutes that reading, running and answering need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from graders.course.lesson import Lesson, Task
from graders.course.markdown import Fence

WORDS_A_MINUTE = 180
DEMONSTRATION, DEMONSTRATION_LINE = 0.7, 0.03
CHOSEN = {"prediction": 1, "choice": 2.5, "parsons": 6, "prose": 8}
WRITTEN = (3, 6, 9, 13, 17, 22)
"""Minutes for a written answer worth 1, 2, 3, 4, 5, and 6 points or more."""


@dataclass(frozen=True)
class Workload:
    """What a lesson asks of a student; what is `further` is off the main path."""

    parts: int
    words: int
    exercises: int
    minutes: float
    further_exercises: int
    further_minutes: float
    longest_reading: float
    """The most minutes on the main path between two exercises."""


def workload_of(lesson: Lesson) -> Workload:
    """The workload of `lesson`, main path and *further* parts apart."""
    main = [piece for part in lesson.parts if not part.further for piece in part.pieces]
    further = [piece for part in lesson.parts if part.further for piece in part.pieces]
    return Workload(
        len(lesson.parts),
        sum(map(words_in, [*main, *further])),
        _count(main),
        sum(map(minutes_for, main)),
        _count(further),
        sum(map(minutes_for, further)),
        _longest_reading(main),
    )


def minutes_by_exercise(lesson: Lesson) -> dict[str, float]:
    """For each exercise that can be checked the minutes that it takes, with all that follows the one before."""
    minutes: dict[str, float] = {}
    since = 0.0
    for piece in lesson.pieces:
        since += minutes_for(piece)
        if isinstance(piece, Task) and piece.kind != "prose":
            minutes[piece.name], since = since, 0.0
    return minutes


def minutes_for(piece: Fence | Task) -> float:
    """The minutes that a piece of prose, a demonstration or an exercise takes."""
    if isinstance(piece, Task):
        written = WRITTEN[min(max(ceil(piece.points), 1), len(WRITTEN)) - 1]
        return CHOSEN.get(piece.kind, written)
    if piece.is_prose:
        return words_in(piece) / WORDS_A_MINUTE
    return DEMONSTRATION + DEMONSTRATION_LINE * len(piece.text.splitlines())


def words_in(piece: Fence | Task) -> int:
    """The words of a piece of prose; an exercise's prompt is such a piece, of its own."""
    return len(piece.text.split()) if isinstance(piece, Fence) and piece.is_prose else 0


def shown_minutes(minutes: float) -> int:
    """`minutes` as a page says them: to the next five."""
    return max(5, 5 * round(minutes / 5))


def _count(pieces: Iterable[Fence | Task]) -> int:
    return sum(isinstance(piece, Task) for piece in pieces)


def _longest_reading(pieces: Iterable[Fence | Task]) -> float:
    longest = since = 0.0
    for piece in pieces:
        since = 0.0 if isinstance(piece, Task) else since + minutes_for(piece)
        longest = max(longest, since)
    return longest
