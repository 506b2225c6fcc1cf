"""What one crafted answer is: what it tries, what must not happen, and the points it must get."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Try:
    """One answer: what it tries, what must not happen, and the points it must get."""

    name: str
    must_not: str
    exercise: str
    text: str
    score: float = 0


def tries(exercise: str, rows: dict[str, tuple]) -> list[Try]:
    """Rows of data as tries: name → (what must not happen, answer[, points])."""
    return [Try(name, must_not, exercise, text, *more) for name, (must_not, text, *more) in rows.items()]
