"""Claims on a script that makes a backup each night: a night that fails cannot pass for a good one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
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

TROUBLE = ("refused", "full", "power", "cut")
LAST_OF_A_PIPE = "The exit code of a pipe is that of its last command, and gzip was content with nothing."
E_AND_PIPES = "`set -e` looks at a pipe as a whole, and that ended with the exit code of gzip."
TESTS_THE_ZIP = "`gzip -t` asks whether the file is a whole gzip file. Of what is it one?"
ECHO = "The message is there, and the script ends with the exit code of `echo`, which went well."
GOES_ON = "A command has failed and the script goes on. What makes a shell stop there?"
FINAL_NAME = "The shell makes the file behind `>` before pg_dump has said a word. Which name may it have until then?"
REMOVED_FIRST = "The old file was gone before the new one was sound. When may it go?"
IN_PLACE = "A second run on the same day has written over the morning's file. When is a file worth its name?"
OTHER_NAME = "What was dumped comes back, from a file of another name. Which words of `date` write the day as YYYYMMDD?"
NO_BASH = "Where the first line names no shell, sh runs the script. Is this option known to sh, or to bash alone?"
LEFT_OVER = "What an earlier night has left lies in the way of this one. What becomes of it at the start?"


@dataclass(frozen=True)
class Script:
    """A script, and what came of its nights."""

    text: str
    runs: list[NightRun]

    @property
    def lines(self) -> str:
        """What of it is not a comment."""
        return "\n".join(line for line in self.text.splitlines() if not line.lstrip().startswith("#"))

    def has(self, pattern: str) -> bool:
        """Whether its lines hold this pattern."""
        return re.search(pattern, self.lines) is not None


@experiment("repair-the-script")
def run_script(attempt: Attempt) -> Script:
    """Let good nights and bad ones pass."""
    return Script(attempt.answer.source, run_nights(attempt.answer, draw_nights(attempt.seed, TROUBLE)))


@experiment("order-of-the-night")
def run_order(attempt: Attempt) -> Script:
    """Let the same nights pass with lines in the order of the answer."""
    text = attempt.answer
    return Script(text, run_nights(text, draw_nights(attempt.seed, TROUBLE)))


def leaves_a_backup(script: Script) -> None:
    """a night in which all is well ends with exit code 0 and a backup from which everything comes back"""
    require_good_nights(script.runs, lambda run: _why_not_good(script, run))
    for run in script.runs:
        name = f"mydb_{run.night.now:%Y%m%d}.sql.gz"
        if run.night.weather == "fine" and run.restored.get(name) != run.night.committed:
            raise Mismatch(f"what was committed in {name}", ", ".join(good_backups(run)), OTHER_NAME, [table_of([run])])


def _why_not_good(script: Script, run: NightRun) -> str:
    if "pipefail" in run.output and not script.text.startswith("#!"):
        return NO_BASH
    return LEFT_OVER if run is not script.runs[0] and run.code else ""


def announces_failure(script: Script) -> None:
    """a night that fails ends with an exit code other than 0"""
    for before, run in failing(script.runs):
        if run.code == 0:
            raise Mismatch("an exit code other than 0", first_line(run), _why_silent(script), [table_of([before, run])])


def _why_silent(script: Script) -> str:
    if script.has(r"\|\|\s*echo|then\s+echo|else\s+echo"):
        return ECHO
    if script.has(r"gzip\s+-t"):
        return TESTS_THE_ZIP
    if script.has(r"pg_dump[^|\n]*\|(?!\|)"):
        return E_AND_PIPES if script.has(r"set\s+-\w*e") else LAST_OF_A_PIPE
    return GOES_ON


def leaves_no_false_file(script: Script) -> None:
    """no night that fails leaves a file with the name of a backup that brings nothing back"""
    for before, run in failing(script.runs):
        false = [name for name in backups(run) if name not in good_backups(run) and name not in backups(before)]
        if false:
            hint = FINAL_NAME if run.code else ""
            raise Mismatch("no new name of a backup", false[0], hint, [table_of([before, run])])


def loses_no_backup(script: Script) -> None:
    """no night takes away a backup that was good"""
    for before, run in zip(script.runs, script.runs[1:], strict=False):
        if lost := lost_backups(before, run):
            gone = lost[0] not in run.restored
            found = f"{lost[0]} {'is gone' if gone else 'no longer brings back what it did'}"
            hint = REMOVED_FIRST if gone else IN_PLACE if run.night.weather != "fine" else ""
            raise Mismatch("all that could be restored before", found, hint, [table_of([before, run])])


def dumps_once(script: Script) -> None:
    """on a good night the database is dumped once"""
    dumps = max(sum(words.startswith("pg_dump") for words in run.asked) for run in script.runs)
    if dumps > 1:
        raise Mismatch("one dump", f"{dumps} in one night")


CLAIMS: Sequence = (announces_failure, leaves_no_false_file, loses_no_backup)
for about in (run_script, run_order):
    claim(about)(leaves_a_backup)
    for judge in CLAIMS:
        claim(about, after=leaves_a_backup)(judge)
claim(run_order, after=leaves_a_backup)(dumps_once)
