"""Claims on a script that makes a backup and proves it, on nights on which the dump is whole and holds nothing."""

from __future__ import annotations

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.nightly_backup.nightly_script import Script
from graders.checks.nightly_backup.shop_nights import (
    backups,
    draw_nights,
    failing,
    first_line,
    good_backups,
    lost_backups,
    require_good_nights,
    table_of,
)
from graders.techniques.backups import NightRun, run_nights

TROUBLE = ("hollow", "refused", "cut", "full")
COMPLETE = "The last line says that the dump is complete. Of which database? What was in it yesterday?"
SIZE = "A dump of an empty database has some bytes too. What must be in it that is in no empty one?"
NOT_OPENED = "Nobody has looked into the dump. How would you know that the orders are in it?"
AFTERWARDS = "The file had its name before it was looked at. Which comes first?"


@experiment("prove-the-night")
def run_script(attempt: Attempt) -> Script:
    """Let good nights and bad ones pass, one of them with an empty database."""
    return Script(attempt.answer.source, run_nights(attempt.answer, draw_nights(attempt.seed, TROUBLE)))


@claim(run_script)
def leaves_a_backup(script: Script) -> None:
    """a night in which all is well ends with exit code 0 and a backup from which everything comes back"""
    require_good_nights(script.runs, lambda run: "")


@claim(run_script, after=leaves_a_backup)
def announces_failure(script: Script) -> None:
    """a night from which no order can be brought back ends with an exit code other than 0"""
    for before, run in failing(script.runs):
        if run.code == 0:
            hint = _why_silent(script, run)
            raise Mismatch("an exit code other than 0", first_line(run), hint, [table_of([before, run])])


def _why_silent(script: Script, run: NightRun) -> str:
    if run.night.weather != "hollow":
        return ""
    if script.has("dump complete"):
        return COMPLETE
    return SIZE if script.has(r"-s\s|wc -c|-size") else NOT_OPENED


@claim(run_script, after=leaves_a_backup)
def keeps_what_is_good(script: Script) -> None:
    """no night leaves a backup that brings nothing back, or takes a good one away"""
    for before, run in zip(script.runs, script.runs[1:], strict=False):
        false = [name for name in backups(run) if name not in good_backups(run) and name not in backups(before)]
        lost = lost_backups(before, run)
        if false or lost:
            found = f"{false[0]}, from which no order comes back" if false else f"{lost[0]} is no longer good"
            hint = AFTERWARDS if run.code else ""
            raise Mismatch("the backups that were good, and no other", found, hint, [table_of([before, run])])
