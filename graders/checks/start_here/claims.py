"""Claims on the answers of the first lesson."""

from __future__ import annotations

import datetime
import random

from course_data import library
from graders import Mismatch, claim
from graders.techniques.queries.rows_asked import rows_asked

rows_asked(
    "start-here-2",
    answer="query",
    engine="SQLite",
    schema=library.SCHEMA,
    fixture=library.data(1),
)


def _loans(seed: int) -> list[tuple[datetime.date, datetime.date]]:
    """Dates due and returned: on the day, a day early and late, over the end of a month and of a year."""
    rng = random.Random(seed)
    days = [datetime.date(2026, 1, 31), datetime.date(2025, 12, 30), datetime.date(2024, 2, 28)]
    days += [datetime.date(2026, 1, 1) + datetime.timedelta(days=rng.randint(0, 364)) for _ in range(20)]
    return [(day, day + datetime.timedelta(days=late)) for day in days for late in (0, 1, -1, 5, 40)]


@claim("start-here-3")
def counts_days_over_any_calendar(days_late, seed):
    """`days_late` counts the days of a book that came back late"""
    for due, returned in _loans(seed):
        if returned >= due:
            found = days_late(due, returned)
            if found != (returned - due).days or isinstance(found, bool):
                raise Mismatch(
                    f"{days_late.said(due, returned)} to give {(returned - due).days}",
                    repr(found),
                    hint="Try it on a loan that runs over the end of a month." if due.month != returned.month else "",
                )


@claim("start-here-3")
def on_time_is_zero(days_late, seed):
    """it gives 0 for a book that came back early"""
    for due, returned in _loans(seed):
        if returned < due and (found := days_late(due, returned)) != 0:
            hint = "What should a book that came back early give?" if type(found) is int and found < 0 else ""
            raise Mismatch(f"{days_late.said(due, returned)} to give 0", repr(found), hint=hint)


@claim("start-here-3")
def open_is_unknown(days_late):
    """it gives `None` for an open loan"""
    due = datetime.date(2026, 3, 2)
    try:
        found = days_late(due, None)
    except Mismatch as mismatch:
        hint = "Remember that `returned` is `None` for an open loan." if "NoneType" in mismatch.found else ""
        raise Mismatch(mismatch.expected, mismatch.found, hint=hint) from None
    if found is not None:
        hint = "Is a book that is still out on time?" if found == 0 else ""
        raise Mismatch(f"{days_late.said(due, None)} to give `None`", repr(found), hint=hint)
