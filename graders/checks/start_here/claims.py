"""Claims on the answers of the first lesson."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from course_data import library
from graders import Attempt, Mismatch, claim, experiment
from graders.kernel.answers import to_mismatch
from graders.sandbox import SandboxedFunction
from graders.sandbox.errors import SandboxError
from graders.techniques.queries import QueryExercise, query_exercise

query_exercise("open-loans", QueryExercise(library.SCHEMA, fixture=library.data(1)))

Loan = tuple[datetime.date, datetime.date]


@dataclass(frozen=True)
class FunctionCall:
    """One call of a student's function."""

    arguments: tuple[Any, ...]
    words: str
    """The call as a student would write it."""
    result: Any = None
    failure: Mismatch | None = None
    """Why the call gave no value."""

    @property
    def value(self) -> Any:
        """The result of the call; raise `Mismatch` if it failed."""
        if self.failure:
            raise self.failure
        return self.result


@dataclass(frozen=True)
class DaysLateCalls:
    """What `days_late` gives for loans that came back late or on time, early, and not yet."""

    late: list[FunctionCall]
    early: list[FunctionCall]
    open_loan: FunctionCall


@experiment("days-late")
def call_days_late(attempt: Attempt) -> DaysLateCalls:
    """Call the function for each kind of loan."""
    loans = _draw_loans(attempt.seed)
    late, early = ([loan for loan in loans if (loan[1] < loan[0]) is back_early] for back_early in (False, True))
    (open_loan,) = _call_each(attempt.answer, [(datetime.date(2026, 3, 2), None)])
    return DaysLateCalls(_call_each(attempt.answer, late), _call_each(attempt.answer, early), open_loan)


def _call_each(function: SandboxedFunction, arguments: Iterable[tuple[Any, ...]]) -> list[FunctionCall]:
    """Call `function` with each of `arguments`, up to the first call that fails."""
    calls: list[FunctionCall] = []
    for each in arguments:
        words = function.format_call(*each)
        try:
            calls.append(FunctionCall(each, words, function(*each)))
        except SandboxError as error:
            return [*calls, FunctionCall(each, words, failure=to_mismatch(error))]
    return calls


def _draw_loans(seed: int) -> list[Loan]:
    """Dates due and returned: on the day, a day early and late, over the end of a month and of a year."""
    rng = random.Random(seed)
    days = [datetime.date(2026, 1, 31), datetime.date(2025, 12, 30), datetime.date(2024, 2, 28)]
    days += [datetime.date(2026, 1, 1) + datetime.timedelta(days=rng.randint(0, 364)) for _ in range(20)]
    return [(day, day + datetime.timedelta(days=late)) for day in days for late in (0, 1, -1, 5, 40)]


@claim(call_days_late)
def counts_days_over_any_calendar(loans: DaysLateCalls) -> None:
    """`days_late` counts the days of a book that came back late"""
    for call in loans.late:
        due, returned = call.arguments
        days = (returned - due).days
        if call.value != days or isinstance(call.value, bool):
            hint = "Try it on a loan that runs over the end of a month." if due.month != returned.month else ""
            raise Mismatch(f"{call.words} to give {days}", repr(call.value), hint)


@claim(call_days_late)
def early_return_gives_zero(loans: DaysLateCalls) -> None:
    """it gives 0 for a book that came back early"""
    for call in loans.early:
        if call.value != 0:
            negative = type(call.value) is int and call.value < 0
            hint = "What should a book that came back early give?" if negative else ""
            raise Mismatch(f"{call.words} to give 0", repr(call.value), hint)


@claim(call_days_late)
def open_loan_gives_none(loans: DaysLateCalls) -> None:
    """it gives `None` for an open loan"""
    call = loans.open_loan
    if call.failure:
        on_none = "NoneType" in call.failure.found
        hint = "Remember that `returned` is `None` for an open loan." if on_none else ""
        raise Mismatch(call.failure.expected, call.failure.found, hint)
    if call.value is not None:
        hint = "Is a book that is still out on time?" if call.value == 0 else ""
        raise Mismatch(f"{call.words} to give `None`", repr(call.value), hint)
