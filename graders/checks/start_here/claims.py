"""Claims on the answers of the first lesson."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from course_data import library
from graders import Attempt, Mismatch, claim, experiment
from graders.kernel.answers import to_mismatch
from graders.sandbox import SandboxedFunction
from graders.sandbox.errors import SandboxError
from graders.techniques.queries import QueryExercise, query_exercise

DUE = ("2026-03-02", "2026-03-03", "2999-12-31")
query_exercise(
    "open-loans", QueryExercise(library.SCHEMA, fixture=library.data(1), values={"due_on": DUE}, names=False)
)

SHORT = 5
CALENDAR = "It goes wrong only on loans that run over the end of a {unit}. What does subtracting two dates give you?"
NEGATIVE = "What should a book that came back early give?"
FALSE_IS_NO_NUMBER = "`False` is a truth value. Which number of days is meant?"
ON_NONE = "Remember that `returned` is `None` for an open loan."
STILL_OUT = "Is a book that is still out on time?"
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
    """What `days_late` gives for each kind of loan, the shortest first; a kind ends with a call that fails."""

    late: list[FunctionCall]
    in_time: list[FunctionCall]
    """On the day that was due, and before."""
    open: list[FunctionCall]


@experiment("days-late")
def call_days_late(attempt: Attempt) -> DaysLateCalls:
    """Call the function for each kind of loan."""
    loans = _draw_loans(attempt.seed)
    late, in_time = ([loan for loan in loans if (loan[1] > loan[0]) is is_late] for is_late in (True, False))
    open_loans = [(due, None) for due, _ in loans[::9]]
    return DaysLateCalls(*(_call_each(attempt.answer, arguments) for arguments in (late, in_time, open_loans)))


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
    """Dates due and returned: from years early to years late, over the end of months and of leap years."""
    rng = random.Random(seed)
    days = [datetime.date(2026, 1, 31), datetime.date(2024, 12, 31), datetime.date(2024, 2, 28)]
    days += [datetime.date(1990, 1, 1) + datetime.timedelta(rng.randrange(50 * 365)) for _ in range(15)]
    lengths = [(0, 0), (1, 1), (2, 4), (5, 31), (32, 364), (366, 2_000)]
    drawn = [(day, sign * rng.randint(*length)) for day in days for length in lengths for sign in (1, -1)]
    return [(day, day + datetime.timedelta(late)) for day, late in sorted(drawn, key=lambda loan: abs(loan[1]))]


def _days(call: FunctionCall) -> int:
    due, returned = call.arguments
    return int((returned - due).days)


@claim(call_days_late)
def counts_days_over_any_calendar(loans: DaysLateCalls) -> None:
    """`days_late` counts the days of a book that came back late"""
    wrong = [call for call in loans.late if call.value != _days(call) or isinstance(call.value, bool)]
    if wrong:
        raise Mismatch(f"{wrong[0].words} to give {_days(wrong[0])}", repr(wrong[0].value), _explain_late(wrong, loans))


def _explain_late(wrong: Sequence[FunctionCall], loans: DaysLateCalls) -> str:
    """The hint for an answer that goes wrong only over an end of the calendar, on short loans too."""
    for unit in ("year", "month"):

        def crosses(call: FunctionCall, unit: str = unit) -> bool:
            due, returned = call.arguments
            return due.year != returned.year or (unit == "month" and due.month != returned.month)

        short = [call for call in loans.late if _days(call) < SHORT and crosses(call)]
        if all(map(crosses, wrong)) and any(call in wrong for call in short):
            return CALENDAR.format(unit=unit)
    return ""


@claim(call_days_late)
def loan_in_time_gives_zero(loans: DaysLateCalls) -> None:
    """it gives 0 for a book that came back on time or early, and tells it from a late one"""
    for call in loans.in_time:
        if call.value != 0 or isinstance(call.value, bool):
            raise Mismatch(f"{call.words} to give 0", repr(call.value), _explain_nonzero(call))
    if all(call.value == 0 for call in loans.late):
        raise Mismatch(f"{loans.late[0].words} to give more than 0", repr(loans.late[0].value))


def _explain_nonzero(call: FunctionCall) -> str:
    if call.value is False:
        return FALSE_IS_NO_NUMBER
    return NEGATIVE if call.value == _days(call) else ""


def _explain_failure(failure: Mismatch, loans: DaysLateCalls) -> str:
    """The hint for an answer that fails only where there is no day of return."""
    fails_elsewhere = any(call.failure for call in (*loans.late, *loans.in_time))
    return ON_NONE if "NoneType" in failure.found and not fails_elsewhere else ""


@claim(call_days_late)
def open_loan_gives_none(loans: DaysLateCalls) -> None:
    """it gives `None` for an open loan, and a number for every other"""
    for call in loans.open:
        if call.failure:
            raise Mismatch(call.failure.expected, call.failure.found, _explain_failure(call.failure, loans))
        if call.value is not None:
            hint = STILL_OUT if type(call.value) is int and call.value == 0 else ""
            raise Mismatch(f"{call.words} to give `None`", repr(call.value), hint)
    for call in (*loans.in_time, *loans.late):
        if not isinstance(call.value, (int, float)):
            raise Mismatch(f"{call.words} to give a number", repr(call.value))
