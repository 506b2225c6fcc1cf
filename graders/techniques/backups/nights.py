"""Nights of a machine on which a script makes backups: what each does to it, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graders.kernel.report import NotOffered
from graders.sandbox import RUNTIME_BOUNDS, Sandbox
from graders.sandbox.runtimes import runtime, why_missing
from graders.techniques.backups.crontab import Job, read_crontab
from graders.techniques.backups.shell_dumps import Tables, restore_dump, sort_tables, write_script

FIRST_NIGHT = datetime(2026, 3, 1, 2, 0)
WEATHER = {
    "fine": "all is well",
    "refused": "the server is down",
    "cut": "the server goes down in the middle of the dump",
    "full": "the disk is full",
    "power": "the power fails in the middle of the dump",
    "hollow": "the server has come up with empty tables",
}
ROOM_ON_A_FULL_DISK = 100
SCRIPT = "nightly.sh"


@dataclass(frozen=True)
class ScriptNight:
    """One run of the job: when, in what weather (a word of `WEATHER`), and what was committed until then."""

    now: datetime
    tables: Tables
    weather: str = "fine"

    @property
    def committed(self) -> Tables:
        """What a good backup brings back: the rows, sorted."""
        return sort_tables(self.tables)

    @property
    def words(self) -> str:
        """When it is, and what happens."""
        return f"{self.now:%B} {self.now.day}, {self.now:%H:%M}: {WEATHER[self.weather]}"


@dataclass(frozen=True)
class NightRun:
    """What came of one night."""

    night: ScriptNight
    code: int
    """The exit code of the job; below 0 if it was killed."""
    output: str
    """What it said, which cron sends by mail."""
    restored: dict[str, Tables | str]
    """For each file in `/backups`, by its name, what comes back from it; a sentence if nothing does."""
    asked: tuple[str, ...] = ()
    """The programs of the server that were called, with their arguments."""

    @property
    def good(self) -> dict[str, Tables]:
        """The files that bring back tables with rows in them."""
        return {
            name: found for name, found in self.restored.items() if not isinstance(found, str) and any(found.values())
        }

    @property
    def words(self) -> str:
        """The night in a line: when, what happened, the exit code, the files and what comes back."""
        files = ", ".join(f"{name} ({describe_restored(found)})" for name, found in self.restored.items())
        return f"{self.night.words} → exit code {self.code}; {files or 'no file'}"


@dataclass(frozen=True)
class Command:
    """What is run each night: the words, its input, and cron's settings."""

    words: tuple[str, ...] = ("sh", SCRIPT)
    stdin: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_script(cls, text: str, *arguments: str) -> Command:
        """A script that is run by the shell that its first line names."""
        return cls(("bash" if "bash" in text.strip().partition("\n")[0] else "sh", SCRIPT, *arguments))

    @classmethod
    def of_job(cls, job: Job) -> Command:
        """A line of a crontab, run as cron runs it."""
        shell = "bash" if job.environment.get("SHELL", "").endswith("bash") else "sh"
        return cls((shell, "-c", job.command), job.stdin, job.environment)


@contextmanager
def open_machine(script: str) -> Iterator[Callable[..., Any]]:
    """A machine for a script of our own, without isolation; raise `NotOffered` where there is no shell."""
    if reason := why_missing("shell"):
        raise NotOffered(reason)
    with Sandbox(bounds=RUNTIME_BOUNDS["shell"], runtime=runtime("shell")) as sandbox:
        yield sandbox.define(script, SCRIPT)


def run_nights(
    script: str | Callable[..., Any],
    nights: Sequence[ScriptNight],
    command: Command | None = None,
    files: Mapping[str, str | bytes] | None = None,
) -> list[NightRun]:
    """Let `nights` pass with `script`, text or what a sandbox made of an answer, and restore what each has left.

    [run] = run_nights("pg_dump mydb >/backups/mydb.sql", pass_nights([{"members": [(1, "Ann")]}]))
    run.code, run.restored   # (0, {'mydb.sql': {'members': [(1, 'Ann')]}})
    """
    if isinstance(script, str):
        with open_machine(script) as machine:
            return run_nights(machine, nights, command or Command.of_script(script), files)
    command = command or Command.of_script(getattr(script, "source", ""))
    plan = {"script": SCRIPT, "files": dict(files or {}), "nights": [_plan(night, command) for night in nights]}
    return _read_runs(nights, script(plan))


def run_crontab(crontab: str, nights: Sequence[ScriptNight]) -> list[NightRun]:
    """Let `nights` pass with the one job of a crontab, whenever it is due: what comes of what cron runs."""
    (job,) = read_crontab(crontab)
    return run_nights("", nights, Command.of_job(job))


@dataclass(frozen=True)
class RestoreRun:
    """What came of one run of a script that restores."""

    code: int
    """The exit code of the script."""
    output: str
    """What it said."""
    tables: Tables
    """What is in the database afterwards."""

    @property
    def words(self) -> str:
        """The exit code, and what is in the database."""
        return f"exit code {self.code}; {describe_restored(self.tables)}"


def run_restores(
    script: str | Callable[..., Any],
    night: ScriptNight,
    command: Command,
    files: Mapping[str, str | bytes],
    target: str,
    before: str = "",
) -> RestoreRun:
    """Run a script that restores on a machine with these `files` and a database `target`, made by the script `before`.

    run_restores("psql -f /backups/a.sql copy", night, Command(), {"/backups/a.sql": text}, "copy").code   # 0
    """
    if isinstance(script, str):
        with open_machine(script) as machine:
            return run_restores(machine, night, command, files, target, before)
    nights = [_plan(night, command)]
    told = script({"script": SCRIPT, "files": dict(files), "databases": {target: before}, "nights": nights})
    (run,) = told["nights"]
    tables = {str(table): list(map(tuple, rows)) for table, rows in told["databases"].get(target, {}).items()}
    return RestoreRun(int(run["code"]), str(run["output"]), tables)


def restore_text(text: str, options: str) -> str:
    """The exit code of `psql` with these options on a file of `text`, and what is in the database, in a phrase.

    restore_text("CREATE TABLE t (a integer);", "-1")   # 'exit code 0; 0 rows of t'
    """
    script, files = f"psql -X {options} -f /backups/a.sql copy", {"/backups/a.sql": text}
    return run_restores(script, ScriptNight(FIRST_NIGHT, {}), Command(), files, "copy").words


def pass_nights(states: Sequence[Tables], weather: Mapping[int, str] | None = None) -> list[ScriptNight]:
    """A night for each of `states`, what was committed by then, with the weather of those that `weather` numbers."""
    return [
        ScriptNight(FIRST_NIGHT + timedelta(days=number), tables, (weather or {}).get(number, "fine"))
        for number, tables in enumerate(states)
    ]


def _plan(night: ScriptNight, command: Command) -> dict[str, Any]:
    plan = {
        "now": night.now.isoformat(),
        "weather": night.weather,
        "dump": write_script(night.tables),
        "command": list(command.words),
        "stdin": command.stdin,
        "environment": dict(command.environment),
    }
    return plan | ({"room": ROOM_ON_A_FULL_DISK} if night.weather == "full" else {})


def _read_runs(nights: Sequence[ScriptNight], told: dict[str, Any]) -> list[NightRun]:
    """What the machine tells, with each file restored; the same content once."""
    contents: dict[str, bytes] = told["contents"]
    known: dict[str, Tables | str] = {}
    for run in told["nights"]:
        for digest in run["files"].values():
            if digest not in known:
                known[digest] = restore_dump(contents[digest]) if digest in contents else "too large"
    return [
        NightRun(
            night,
            int(run["code"]),
            str(run["output"]),
            {str(name): known[digest] for name, digest in run["files"].items()},
            tuple(map(str, run["asked"])),
        )
        for night, run in zip(nights, told["nights"], strict=True)
    ]


def describe_restored(found: Tables | str) -> str:
    """What comes back from one file, in a few words."""
    if isinstance(found, str):
        return found
    return ", ".join(f"{len(rows)} rows of {table}" for table, rows in found.items()) or "no table"
