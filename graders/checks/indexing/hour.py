"""Claims on three indexes for everything that a library does in an hour."""

from __future__ import annotations

from dataclasses import dataclass

from course_data import open_dataset
from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.indexing.steps import count_steps, read_index_names
from graders.kernel.report import Table
from graders.labs import Lab
from graders.techniques.plans import run_index_script

ROWS = 16_000
MAX_INDEXES = 3
HOUR = {
    "SELECT loan_id, title, due_on FROM loans WHERE member_id = 7 ORDER BY due_on DESC LIMIT 10": 500,
    "SELECT count(*) FROM loans WHERE member_id = 7 AND status = 'open'": 200,
    "SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '2023-06-01'": 60,
    "SELECT member_id, name FROM members WHERE lower(email) = 'ada.sato17@example.com'": 2000,
    "INSERT INTO loans (member_id, title, due_on, status, fine) VALUES (7, 'Dune', '2026-05-01', 'open', 0)": 300,
    "UPDATE loans SET status = 'returned', returned_on = '2026-04-30' WHERE loan_id = 77": 300,
    "SELECT title, sum(fine) FROM loans GROUP BY title": 1,
}


@lab_for("index-the-workload")
def library(seed: int) -> Lab:
    """The library of the lesson, with fewer loans."""
    return open_dataset("loans", seed=seed, rows=ROWS)


@dataclass(frozen=True)
class Hour:
    """The steps of each statement, times how often it runs in an hour, without indexes and with those made."""

    indexes: list[str]
    before: list[int]
    after: list[int]


@experiment("index-the-workload", condition="your script runs, and makes nothing but indexes")
def measure_an_hour(attempt: Attempt) -> Hour:
    """Count an hour of the library before and after the script."""
    with library(attempt.seed) as lab:
        before = _count_hour(lab)
        run_index_script(lab, attempt.answer)
        return Hour(read_index_names(lab), before, _count_hour(lab))


def _count_hour(lab: Lab) -> list[int]:
    return [steps * times for steps, times in zip(count_steps(lab, list(HOUR)), HOUR.values(), strict=True)]


@claim(measure_an_hour, weight=0)
def makes_three_at_most(hour: Hour) -> None:
    """you make three indexes, or fewer"""
    if not 0 < len(hour.indexes) <= MAX_INDEXES:
        hint = "Which of them does no statement go by? Could one of them serve two statements?" if hour.indexes else ""
        raise Mismatch("one to three indexes", f"{len(hour.indexes)}", hint=hint)


@claim(measure_an_hour, weight=1, after=makes_three_at_most)
def a_tenth_is_left(hour: Hour) -> None:
    """the hour takes at most a tenth of the steps that it takes without indexes"""
    _must_take_at_most(hour, 10)


@claim(measure_an_hour, weight=3, after=a_tenth_is_left)
def a_thirtieth_is_left(hour: Hour) -> None:
    """it takes at most a thirtieth of them"""
    _must_take_at_most(hour, 30)


def _must_take_at_most(hour: Hour, part: int) -> None:
    allowed = sum(hour.before) // part
    if sum(hour.after) > allowed:
        costliest = max(range(len(HOUR)), key=hour.after.__getitem__)
        raise Mismatch(
            f"at most {allowed:,} steps in an hour",
            f"{sum(hour.after):,}",
            hint=f"Most of it goes into `{list(HOUR)[costliest]}`. By what does it find its rows?",
            tables=[_table(hour, costliest)],
        )


def _table(hour: Hour, costliest: int) -> Table:
    thousands = ([round(steps / 1000) for steps in taken] for taken in (hour.before, hour.after))
    rows = list(zip(HOUR.values(), HOUR, *thousands, strict=True))
    columns = ("times", "statement", "thousand steps without indexes", "with yours")
    return Table("one hour", columns, rows, frozenset({costliest}), "most of the hour")
