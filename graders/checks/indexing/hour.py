"""Claims on three indexes for everything that a library does in an hour."""

from __future__ import annotations

from course_data import open_dataset
from graders import Mismatch, claim, lab_for
from graders.checks.indexing.work import own_indexes, run_indexes, steps_of
from graders.kernel.report import Table
from graders.labs import Lab

ROWS = 16_000
MOST_INDEXES = 3
HOUR = {
    "SELECT loan_id, title, due_on FROM loans WHERE member_id = 7 ORDER BY due_on DESC LIMIT 10": 500,
    "SELECT count(*) FROM loans WHERE member_id = 7 AND status = 'open'": 200,
    "SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '2023-06-01'": 60,
    "SELECT member_id, name FROM members WHERE lower(email) = 'ada.sato17@example.com'": 2000,
    "INSERT INTO loans (member_id, title, due_on, status, fine) VALUES (7, 'Dune', '2026-05-01', 'open', 0)": 300,
    "UPDATE loans SET status = 'returned', returned_on = '2026-04-30' WHERE loan_id = 77": 300,
    "SELECT title, sum(fine) FROM loans GROUP BY title": 1,
}


@lab_for("indexing-18")
def library(seed: int) -> Lab:
    """The library of the lesson, with fewer loans."""
    return open_dataset("loans", seed=seed, rows=ROWS)


@claim("indexing-18", worth=0)
def makes_indexes_only(lab, script):
    """your script runs, and makes nothing but indexes"""
    run_indexes(lab, script)


@claim("indexing-18", worth=0, after=makes_indexes_only)
def makes_three_at_most(lab, script):
    """you make three indexes, or fewer"""
    run_indexes(lab, script)
    made = own_indexes(lab)
    if not 0 < len(made) <= MOST_INDEXES:
        hint = "Which of them does no statement go by? Could one of them serve two statements?" if made else ""
        raise Mismatch("one to three indexes", f"{len(made)}", hint=hint)


@claim("indexing-18", worth=1, after=makes_three_at_most)
def a_tenth_is_left(lab, script):
    """the hour takes at most a tenth of the steps that it takes without indexes"""
    _at_most(lab, script, 10)


@claim("indexing-18", worth=3, after=a_tenth_is_left)
def a_thirtieth_is_left(lab, script):
    """it takes at most a thirtieth of them"""
    _at_most(lab, script, 30)


def _at_most(lab: Lab, script: str, part: int) -> None:
    before = _hour(lab)
    run_indexes(lab, script)
    after = _hour(lab)
    allowed = sum(before) // part
    if sum(after) > allowed:
        dearest = max(range(len(after)), key=after.__getitem__)
        raise Mismatch(
            f"at most {allowed:,} steps in an hour",
            f"{sum(after):,}",
            hint=f"Most of it goes into `{list(HOUR)[dearest]}`. By what does it find its rows?",
            tables=[_table(before, after, dearest)],
        )


def _hour(lab: Lab) -> list[int]:
    """The steps of each statement, times how often it runs in an hour."""
    return [steps * times for steps, times in zip(steps_of(lab, list(HOUR)), HOUR.values(), strict=True)]


def _table(before: list[int], after: list[int], dearest: int) -> Table:
    thousands = ([round(steps / 1000) for steps in taken] for taken in (before, after))
    rows = list(zip(HOUR.values(), HOUR, *thousands, strict=True))
    columns = ("times", "statement", "thousand steps without indexes", "with yours")
    return Table("one hour", columns, rows, frozenset({dearest}), "most of the hour")
