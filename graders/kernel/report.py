"""What the claims found out about one answer: a score for nbgrader, sentences for people, plain data for files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

Observed = TypeVar("Observed")


class Outcome(Enum):
    """What became of one claim."""

    HOLDS = "holds"
    FAILS = "does not hold"
    WAITS = "needs the line above"
    BLANK = "not attempted"
    OUR_FAULT = "our fault"


@dataclass(frozen=True)
class Table:
    """A small table to show: a title, column names, rows, and the numbers of the rows to mark."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    marked: frozenset[int] = frozenset()
    mark: str = ""


class Mismatch(Exception):
    """An answer does not do what a claim says.

    `expected` and `found` are phrases that complete "expected …" and "found …"; `hint` is one question or one
    next step, given only for a mistake that was recognised; `tables` show the smallest data on which the answer
    goes wrong; `picture` is SVG.
    """

    def __init__(
        self,
        expected: str = "",
        found: str = "",
        hint: str = "",
        tables: Iterable[Table] = (),
        picture: str = "",
    ):
        super().__init__(expected, found, hint)
        self.expected = expected
        self.found = found
        self.hint = hint
        self.tables = tuple(tables)
        self.picture = picture


def catch_mismatch(observe: Callable[[], Observed]) -> Observed | Mismatch:
    """What `observe` gives or, as a part of an observation that not every claim is about, the `Mismatch` it raises."""
    try:
        return observe()
    except Mismatch as mismatch:
        return mismatch


def must_be_observed(part: Observed | Mismatch) -> Observed:
    """The part of an observation that `catch_mismatch` gave; raise the `Mismatch` that is in its place."""
    if isinstance(part, Mismatch):
        raise part
    return part


@dataclass(frozen=True)
class Verdict:
    """What became of one claim, and why; `worth` is its weight among the claims of the exercise."""

    claim: str
    sentence: str
    outcome: Outcome
    worth: float = 1
    expected: str = ""
    found: str = ""
    hint: str = ""
    tables: tuple[Table, ...] = ()
    picture: str = ""


class NotOffered(Exception):
    """An answer cannot be tried here because an extra is missing; `str()` is the sentence that says which."""


@dataclass(frozen=True)
class Report:
    """The verdicts on one exercise, in the order of its claims; `remarks` are further sentences for the student."""

    exercise: str
    points: float
    verdicts: tuple[Verdict, ...]
    remarks: tuple[str, ...] = field(default=())

    @property
    def score(self) -> float:
        """The points earned; a claim that broke through our own fault costs nothing."""
        earned = {Outcome.HOLDS, Outcome.OUR_FAULT}
        total = sum(verdict.worth for verdict in self.verdicts)
        held = sum(verdict.worth for verdict in self.verdicts if verdict.outcome in earned)
        return round(self.points * held / total, 2) if total else 0.0

    @property
    def decided(self) -> float:
        """The points beyond doubt: a claim that broke through our own fault counts for nothing until a person looks."""
        total = sum(verdict.worth for verdict in self.verdicts)
        held = sum(verdict.worth for verdict in self.verdicts if verdict.outcome is Outcome.HOLDS)
        return round(self.points * held / total, 2) if total else 0.0

    @property
    def status(self) -> str:
        """One of "right", "wrong", "partly right", "not attempted" and "needs review"."""
        outcomes = {verdict.outcome for verdict in self.verdicts}
        if Outcome.OUR_FAULT in outcomes:
            return "needs review"
        if outcomes == {Outcome.BLANK}:
            return "not attempted"
        if outcomes == {Outcome.HOLDS}:
            return "right"
        return "partly right" if self.score else "wrong"

    @property
    def hints(self) -> list[str]:
        """The hints that this answer met, in the order of the claims."""
        return [verdict.hint for verdict in self.verdicts if verdict.hint]
