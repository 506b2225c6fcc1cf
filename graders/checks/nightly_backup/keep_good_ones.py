"""Claims on a script that lets old backups go: seven good ones stay, however many nights fail."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.nightly_backup.shop_nights import draw_states, good_backups, require_good_nights, table_of
from graders.techniques.backups import NightRun, Tables, pass_nights, run_nights

# The same day of the month as that of a backup that must stay.
A_MONTH_LATER = datetime(2026, 4, 8, 2, 0)
KEPT, GOOD_NIGHTS = 7, 10
OTHERS = {"/backups/README": "Ask Pia before you delete anything here.\n", "/backups/zoo_20250101.sql.gz": "not ours\n"}
BY_AGE = "By then every good backup was older than seven days. What should be counted in place of days?"
ONE_LESS = "`tail -n +7` begins with the seventh line, and that goes too. With which line should it begin?"
BEFORE = "You count before tonight's file is there. What is counted if the old ones go last?"
NEWEST = "The oldest name comes first in your list, and the newest backups are at its end. Which end may go?"
NOT_OURS = "Other people's files are in the folder too. Which names do you mean?"


@dataclass(frozen=True)
class Series:
    """Good nights, then nights without a server, then a good one."""

    runs: list[NightRun]
    text: str

    @property
    def full(self) -> NightRun:
        """The last of the first good nights."""
        return self.runs[GOOD_NIGHTS - 1]

    @property
    def poor(self) -> NightRun:
        """The last night without a server."""
        return self.runs[-2]

    def newest(self, last: NightRun) -> Sequence[Tables]:
        """What the newest good backups hold after the run `last`, the oldest first."""
        done = self.runs[: self.runs.index(last) + 1]
        return [run.night.committed for run in done if run.night.weather == "fine"][-KEPT:]


@experiment("keep-seven")
def pass_many_nights(attempt: Attempt) -> Series:
    """Let ten good nights pass, nine to twelve without a server, and one more good one."""
    bad = random.Random(f"{attempt.seed} bad nights").randint(9, 12)
    numbers = range(GOOD_NIGHTS, GOOD_NIGHTS + bad)
    nights = pass_nights(draw_states(attempt.seed, GOOD_NIGHTS + bad + 1), dict.fromkeys(numbers, "refused"))
    nights[-1] = replace(nights[-1], now=A_MONTH_LATER)
    return Series(run_nights(attempt.answer, nights, files=OTHERS), attempt.answer.source)


@claim(pass_many_nights)
def makes_backups(series: Series) -> None:
    """every good night ends with exit code 0 and a backup from which everything comes back"""
    require_good_nights(series.runs, lambda run: NEWEST if len(good_backups(run)) == KEPT else "")


@claim(pass_many_nights, after=makes_backups)
def keeps_seven(series: Series) -> None:
    """after ten good nights the newest seven backups are there, and no older one"""
    _require_newest(series, series.full, _why_not_seven(series))


def _why_not_seven(series: Series) -> str:
    kept = list(good_backups(series.full).values())
    if len(kept) == KEPT - 1 and "+7" in series.text:
        return ONE_LESS
    if len(kept) == KEPT + 1 and "-mtime" not in series.text:
        return BEFORE if series.newest(series.full)[0] in kept else ""
    return ""


@claim(pass_many_nights, after=makes_backups)
def survives_bad_nights(series: Series) -> None:
    """after many failing nights, and after the first good one that follows, the newest seven are still there"""
    for run in (series.poor, series.runs[-1]):
        missing = [tables for tables in series.newest(run) if tables not in good_backups(run).values()]
        if missing:
            count = KEPT - len(missing)
            hint = BY_AGE if "-mtime" in series.text else ""
            raise Mismatch(f"the newest {KEPT} good backups", f"{count} of them", hint, [table_of([series.full, run])])


@claim(pass_many_nights, after=makes_backups)
def leaves_others_alone(series: Series) -> None:
    """files that are no backups of `mydb` stay where they are"""
    there = {f"/backups/{name}" for name in series.runs[-1].restored}
    if gone := sorted(set(OTHERS) - there):
        raise Mismatch(f"{gone[0]} as it was", "it is gone", NOT_OURS)


def _require_newest(series: Series, run: NightRun, hint: str) -> None:
    expected, kept = series.newest(run), list(good_backups(run).values())
    if sorted(map(str, kept)) != sorted(map(str, expected)):
        found = f"{len(kept)} in all"
        raise Mismatch(f"the newest {KEPT} backups", found, hint, [table_of([run])])
