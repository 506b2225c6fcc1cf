"""Chooses the questions that a lesson begins with: what was missed, then what was last right longest ago."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from graders.course.attempts import LoggedAttempt

QUESTIONS, MAX_OF_A_LESSON = 4, 2
BOXES = tuple(timedelta(days=days) for days in (1, 3, 7, 21, 60))


@dataclass(frozen=True)
class Question:
    """A recall question of `lesson`; `about` is the exercise whose attempts count for it, empty if none do.

    `options` maps a letter to its `text`, `because`, and `right` where it is right.
    """

    name: str
    lesson: str
    about: str
    text: str
    options: dict[str, dict[str, Any]]

    @property
    def right_letters(self) -> set[str]:
        """The letters of the options that are right."""
        return {letter for letter, option in self.options.items() if option.get("right")}


class Turn(IntEnum):
    """Why a question comes when it comes: the lower, the earlier."""

    MISSED = 0
    NEW = 1
    DUE = 2
    LESSON_NOT_TRIED = 3
    NOT_DUE = 4


def choose(questions: Sequence[Question], attempts: Iterable[LoggedAttempt], now: datetime) -> list[Question]:
    """The four of `questions` to ask at `now`, at most two of a lesson as long as others are due.

    Each question is in one of five boxes, with intervals of 1, 3, 7, 21 and 60 days (Leitner, *So lernt man lernen*,
    1972, has boxes; Landauer and Bjork, 1978, find that expanding intervals help). A new one is in the first box.
    A right answer moves it to the next box if the interval of its box is over, and changes nothing before: what was
    read a minute ago is not recalled. A wrong answer puts it back into the first box. Answers to the question count,
    and those to the exercise that it is about.

    Missed ones come first, then those never answered, then those whose interval is over, the one that has waited
    longest first; then those of lessons that the student has not tried, then what is not due. Among equals the order
    of `questions` holds.
    """
    known = list(attempts)
    tried = {attempt.lesson for attempt in known if not attempt.recall}
    turns = {question.name: _turn(question, known, tried, now) for question in questions}
    ranked = sorted(questions, key=lambda question: turns[question.name])
    places: Counter[str] = Counter()
    late: dict[str, tuple[bool, bool]] = {}
    for question in ranked:
        places[question.lesson] += 1
        turn, _ = turns[question.name]
        late[question.name] = (turn is Turn.NOT_DUE, places[question.lesson] > MAX_OF_A_LESSON)
    return sorted(ranked, key=lambda question: late[question.name])[:QUESTIONS]


def _turn(
    question: Question, attempts: Iterable[LoggedAttempt], tried: set[str], now: datetime
) -> tuple[Turn, datetime]:
    """The turn of `question`, and the time since which it has been due."""
    box, due, missed = 0, None, False
    for attempt in attempts:
        if attempt.name != (question.name if attempt.recall else question.about):
            continue
        if attempt.is_miss:
            box, due, missed = 0, attempt.time + BOXES[0], True
        elif attempt.status == "right" and (due is None or attempt.time >= due):
            box = min(box + 1, len(BOXES) - 1)
            due, missed = attempt.time + BOXES[box], False
    if due is None:
        return (Turn.NEW if question.lesson in tried else Turn.LESSON_NOT_TRIED), now
    if missed:
        return Turn.MISSED, due
    return (Turn.DUE if due <= now else Turn.NOT_DUE), due
