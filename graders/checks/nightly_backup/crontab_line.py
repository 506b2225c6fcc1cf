"""Claims on the line of a crontab that makes a backup: when cron runs it, and what comes of what cron runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.nightly_backup.shop_nights import draw_states, first_line, table_of
from graders.techniques.backups import Command, CrontabError, Job, NightRun, ScriptNight, read_crontab, run_nights

# Two nights that follow each other, the same day of the month after, and of the year after.
NIGHTS = tuple(datetime(*day, 2, 0) for day in ((2026, 3, 1), (2026, 3, 2), (2026, 4, 1), (2027, 3, 1)))
YEAR_BEGINS, DAYS = datetime(2028, 1, 1), 366
PERCENT = "Cron ends the command at the first bare `%` and hands the rest to it as input. How is a `%` kept from that?"
QUOTED = "Quotes are the shell's, and cron cuts the line at `%` before a shell sees it. What does cron look for?"
DOUBLED = "Two `%` are two ends of a line to cron. Which one sign before a `%` makes it a plain one?"
EVERY_MINUTE = "A `*` in the first field means every minute of that hour. Which minute do you want?"
SWAPPED = "The first field is the minute and the second the hour. At what time does your line run?"
ONE_NAME = "Each night writes over the night before. What makes the name of a file another one each day?"
ROOT = "Only the crontab of the system has a field for the user. What is the command in your line?"


@dataclass(frozen=True)
class Line:
    """The answer as cron reads it, and what came of some nights."""

    text: str
    job: Job
    runs: list[NightRun]


@experiment("repair-the-line", condition="cron can read your crontab, and finds one job in it")
def run_line(attempt: Attempt) -> Line:
    """Read the crontab and let some nights pass."""
    text = attempt.answer.source
    try:
        jobs = read_crontab(text)
    except CrontabError as error:
        raise Mismatch("a crontab that can be installed", str(error)) from None
    if len(jobs) != 1:
        raise Mismatch("one line that runs something", f"{len(jobs)}")
    states = draw_states(attempt.seed, len(NIGHTS))
    nights = [ScriptNight(time, tables) for time, tables in zip(NIGHTS, states, strict=True)]
    return Line(text, jobs[0], run_nights(attempt.answer, nights, Command.of_job(jobs[0])))


@claim(run_line)
def leaves_a_file(line: Line) -> None:
    """every night leaves a file from which what was committed comes back"""
    for place, run in enumerate(line.runs):
        if run.night.committed not in run.good.values():
            expected = f"a file that brings back {len(run.night.tables['orders'])} orders"
            found = f"{first_line(run)}; cron runs `{line.job.command}`"
            raise Mismatch(expected, found, _why_nothing(line), [table_of(line.runs[: place + 1])])


def _why_nothing(line: Line) -> str:
    if line.job.stdin:
        if "%%" in line.text:
            return DOUBLED
        return QUOTED if line.job.command.count("'") % 2 or line.job.command.count('"') % 2 else PERCENT
    return ROOT if line.job.command.split()[0] == "root" else ""


@claim(run_line, after=leaves_a_file)
def keeps_each_night(line: Line) -> None:
    """each night has a file of its own, and the nights before keep theirs"""
    last = line.runs[-1]
    for run in line.runs:
        if run.night.committed not in last.good.values():
            hint = ONE_NAME if len(last.restored) == 1 else ""
            found = f"nothing of {run.night.now:%B} {run.night.now.day}"
            raise Mismatch(f"a file for each of {len(NIGHTS)} nights", found, hint, [table_of(line.runs)])


@claim(run_line, after=leaves_a_file)
def runs_at_two(line: Line) -> None:
    """cron runs it at 02:00 each night of the year, and at no other time"""
    two = timedelta(hours=2)
    for day in (YEAR_BEGINS + timedelta(days=number) for number in range(DAYS)):
        if not line.job.runs_at(day + two):
            raise Mismatch("a run at 02:00 each night", f"none on {day:%B} {day.day}", _why_then(line.job))
    for minute in range(24 * 60):
        time = YEAR_BEGINS + timedelta(minutes=minute)
        if line.job.runs_at(time) and time - YEAR_BEGINS != two:
            raise Mismatch("no run but that at 02:00", f"a run at {time:%H:%M}", _why_then(line.job))


def _why_then(job: Job) -> str:
    fields = job.schedule.split()
    if fields[:2] == ["*", "2"]:
        return EVERY_MINUTE
    return SWAPPED if fields[:2] in (["2", "0"], ["2", "00"]) else ""
