"""Claims on three indexes for all that a library does in an hour."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from course_data import loans, open_dataset
from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.index_costs.step_counts import count_steps, read_index_names
from graders.kernel.claims import KeyRequest, key_for
from graders.kernel.report import Table
from graders.labs import Lab
from graders.techniques.plans import ONE_VALUE, run_index_script

LOANS = 16_000
MAX_INDEXES = 3
RUNS_PER_HOUR = {
    "SELECT loan_id, title, due_on FROM loans WHERE member_id = {member} ORDER BY due_on DESC LIMIT 15": 500,
    "SELECT count(*) FROM loans WHERE member_id = {member} AND status = 'open'": 200,
    "SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '{day}'": 60,
    "SELECT member_id, name FROM members WHERE lower(email) = '{email}'": 2000,
    "INSERT INTO loans (member_id, title, due_on, status, fine)"
    " VALUES ({member}, 'Dune', '2026-05-01', 'open', 0)": 300,
    "UPDATE loans SET status = 'returned', returned_on = '2026-04-30' WHERE loan_id = {loan}": 300,
    "SELECT title, sum(fine) FROM loans GROUP BY title": 1,
}
SHOWN = {"member": 7, "day": "2023-06-01", "email": "ada.sato17@example.com", "loan": 77}
"""The values in the lesson."""


def draw_values(rng: random.Random) -> dict[str, object]:
    """Another member who borrows about as much as the lesson's, another day, address and loan."""
    name = f"{rng.choice(loans.FIRST)}.{rng.choice(('sato', 'ruiz', 'lund', 'noor'))}".lower()
    return {
        "member": rng.choice((5, 6, 8, 9)),
        "day": f"2023-06-{rng.randint(2, 28):02}",
        "email": f"{name}{rng.randint(20, 90)}@example.com",
        "loan": rng.randint(1_000, LOANS),
    }


@lab_for("index-the-workload")
def open_library(seed: int) -> Lab:
    """The library of the lesson, with fewer loans."""
    return open_dataset("loans", seed=seed, rows=LOANS)


@dataclass(frozen=True)
class HourKey:
    """What an hour takes without any index."""

    steps: list[int]
    """The steps of each statement, times how often it runs."""


@key_for("index-the-workload", of=HourKey)
def count_bare_hour(request: KeyRequest) -> HourKey:
    """Count an hour of the library without an index."""
    with open_library(request.seed) as lab:
        return HourKey(_count_hourly_steps(lab, SHOWN))


@dataclass(frozen=True)
class HourlyCost:
    """The steps of each statement, times how often it runs in an hour, without indexes and with those made."""

    indexes: list[str]
    values: Mapping[str, object]
    """What the statements look for."""
    before: list[int]
    after: list[int]
    shown: list[int]
    """What they take with the indexes and the values in the lesson."""


@experiment("index-the-workload", condition="your script runs, and makes nothing but indexes")
def measure_workload(attempt: Attempt) -> HourlyCost:
    """Count an hour of the library after the script, with other values than the lesson's."""
    values = draw_values(attempt.rng)
    with open_library(attempt.seed) as lab:
        run_index_script(lab, attempt.answer)
        after, shown = _count_hourly_steps(lab, values), _count_hourly_steps(lab, SHOWN)
        return HourlyCost(read_index_names(lab), values, attempt.key.steps, after, shown)


def _statements(values: Mapping[str, object]) -> list[str]:
    return [template.format_map(values) for template in RUNS_PER_HOUR]


def _count_hourly_steps(lab: Lab, values: Mapping[str, object]) -> list[int]:
    counted = count_steps(lab, _statements(values))
    return [steps * times for steps, times in zip(counted, RUNS_PER_HOUR.values(), strict=True)]


@claim(measure_workload, weight=0)
def makes_at_most_three_indexes(hour: HourlyCost) -> None:
    """you make three indexes, or fewer"""
    if not 0 < len(hour.indexes) <= MAX_INDEXES:
        hint = "Which of them does no statement go by? Could one of them serve two statements?" if hour.indexes else ""
        raise Mismatch("one to three indexes", f"{len(hour.indexes)}", hint=hint)


@claim(measure_workload, weight=1, after=makes_at_most_three_indexes)
def costs_at_most_a_tenth(hour: HourlyCost) -> None:
    """the hour takes at most a tenth of the steps that it takes without indexes"""
    _require_part(hour, 10)


@claim(measure_workload, weight=3, after=costs_at_most_a_tenth)
def costs_at_most_a_fortieth(hour: HourlyCost) -> None:
    """it takes at most a fortieth of them"""
    _require_part(hour, 40)


def _require_part(hour: HourlyCost, part: int) -> None:
    allowed = sum(hour.before) // part
    if sum(hour.after) > allowed:
        costliest = max(range(len(RUNS_PER_HOUR)), key=hour.after.__getitem__)
        raise Mismatch(
            f"at most {allowed:,} steps in an hour",
            f"{sum(hour.after):,}",
            hint=ONE_VALUE
            if 5 * hour.shown[costliest] < hour.after[costliest]
            else f"Most of it goes into `{_statements(hour.values)[costliest]}`. By what does it find its rows?",
            tables=[_steps_table(hour, costliest)],
        )


def _steps_table(hour: HourlyCost, costliest: int) -> Table:
    thousands = ([round(steps / 1000) for steps in taken] for taken in (hour.before, hour.after))
    rows = list(zip(RUNS_PER_HOUR.values(), _statements(hour.values), *thousands, strict=True))
    columns = ("times", "statement", "thousand steps without indexes", "with yours")
    return Table("one hour", columns, rows, frozenset({costliest}), "most of the hour")
