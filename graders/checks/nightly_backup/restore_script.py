"""Claims on a script that restores a backup: all of it, or nothing and an exit code that says so."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from gzip import compress
from typing import Any

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.nightly_backup.shop_nights import draw_states
from graders.techniques.backups import Command, RestoreRun, ScriptNight, Tables, run_restores, sort_tables, write_dump

TARGET, FILE = "restored", "/backups/mydb_20260301.sql.gz"
GZIP = 31
PSQL_GOES_ON = "psql goes on after a statement that failed, and ends with 0. Which setting makes it stop?"
HALF = "It has stopped, and what came before the error is there. Which option makes all of it one transaction?"
PIPE = "gunzip has noticed that the file is cut off, and the exit code is that of psql. How is gunzip asked first?"
NOTHING = "There was nothing to restore, and that went well. What must be there before, or afterwards?"
STATUS_LOST = "A command after psql went well, and the script ends with its exit code. Which one should it hand on?"


@dataclass(frozen=True)
class Trial:
    """A file that is to be restored: what it is, its content (None: there is no file), and what must come back."""

    words: str
    content: bytes | None
    tables: Tables | None = None


@dataclass(frozen=True)
class Restores:
    """What the script has made of each file."""

    text: str
    pairs: list[tuple[Trial, RestoreRun]]

    @property
    def damaged(self) -> Iterator[tuple[Trial, RestoreRun]]:
        """The files from which nothing whole can come back."""
        return ((trial, run) for trial, run in self.pairs if trial.tables is None)


def draw_trials(seed: int) -> list[Trial]:
    """Two good files and four that are damaged in different ways."""
    states = draw_states(seed, 6)
    text = write_dump(states[5])
    lines = text.splitlines(keepends=True)
    third = [place for place, line in enumerate(lines) if line.startswith("INSERT")][2]
    typo = "".join([*lines[:third], lines[third].replace("INSERT", "INSRET"), *lines[third + 1 :]])
    return [
        Trial("a good backup", compress(write_dump(states[2]).encode()), states[2]),
        Trial("a backup with a typo in one statement", compress(typo.encode())),
        Trial("a backup whose file is cut off", _cut_off("".join(lines[: third + 1]), "".join(lines[third + 1 :]))),
        Trial("a whole gzip file of nothing", compress(b"")),
        Trial("no file at all", None),
        Trial("another good backup", compress(text.encode()), states[5]),
    ]


def _cut_off(first: str, rest: str) -> bytes:
    """A gzip file that ends where `first` ends."""
    writer = zlib.compressobj(wbits=GZIP)
    return writer.compress(first.encode()) + writer.flush(zlib.Z_FULL_FLUSH) + writer.compress(rest.encode())


@experiment("restore-or-nothing")
def restore_each(attempt: Attempt) -> Restores:
    """Restore each file on a machine of its own, into an empty database."""
    trials = draw_trials(attempt.seed)
    text, night = attempt.answer.source, ScriptNight(datetime(2026, 3, 2, 9, 0), {})
    command = Command.of_script(text, FILE)
    runs = [
        run_restores(attempt.answer, night, command, {FILE: trial.content} if trial.content is not None else {}, TARGET)
        for trial in trials
    ]
    return Restores(text, list(zip(trials, runs, strict=True)))


@claim(restore_each)
def restores_good_files(restores: Restores) -> None:
    """a good backup comes back as a whole, with exit code 0"""
    for trial, run in restores.pairs:
        if trial.tables is not None and (run.code or run.tables != sort_tables(trial.tables)):
            raise Mismatch(f"exit code 0 and every row ({trial.words})", run.words, "", [_table(restores)])


@claim(restore_each, after=restores_good_files)
def says_what_failed(restores: Restores) -> None:
    """from a damaged backup it ends with an exit code other than 0"""
    for trial, run in restores.damaged:
        if run.code == 0:
            raise Mismatch(
                f"an exit code other than 0 ({trial.words})",
                run.words,
                _why_silent(restores, trial),
                [_table(restores)],
            )


def _why_silent(restores: Restores, trial: Trial) -> str:
    if "typo" in trial.words:
        if not re.search("ON_ERROR_STOP", restores.text):
            return PSQL_GOES_ON
        return STATUS_LOST
    if "cut" in trial.words:
        return PIPE if re.search(r"\|\s*psql", restores.text) else ""
    return NOTHING if "nothing" in trial.words else ""


@claim(restore_each, after=restores_good_files)
def leaves_nothing_half(restores: Restores) -> None:
    """from a damaged backup nothing gets into the database"""
    for trial, run in restores.damaged:
        if run.tables:
            hint = HALF if "ON_ERROR_STOP" in restores.text and "typo" in trial.words else ""
            raise Mismatch(f"an empty database ({trial.words})", run.words, hint, [_table(restores)])


def _table(restores: Restores) -> Table:
    rows: list[Any] = [(trial.words, run.code, run.words.partition("; ")[2]) for trial, run in restores.pairs]
    return Table("what became of each file", ("the file", "exit code", "in the database"), rows)
