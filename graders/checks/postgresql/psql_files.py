"""Claims on a command line that runs a file of SQL: by its exit code, and by what is left of a file with a typo."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.postgresql.psql_command import PsqlCommand, read_command
from graders.checks.postgresql.shop import ENGINE, ON_POSTGRESQL
from graders.kernel.report import Table
from graders.labs import SharedLab, open_shared_lab
from graders.labs.psql import START_UP_FILE, PsqlRun, run_psql

FILE = "schema.sql"
NAMES = ("users", "orders", "order_items", "payments", "reviews", "coupons")
TYPOS = (("CREATE TABLE", "CREATE TABEL"), ("int", "intt"), (");", ";"))
# The colleague wants to see all that goes wrong in a file, and has said so for every run of psql.
COLLEAGUE = "\\set ON_ERROR_STOP off\n"


@dataclass(frozen=True)
class FileRun:
    """What a run of a file left."""

    code: int
    tables: list[str]
    said: str


@dataclass(frozen=True)
class FileRuns:
    """The runs of a sound file, of one with a typo in its third statement, and of that one at a colleague's."""

    names: list[str]
    """The tables that the file makes."""
    sound: FileRun
    broken: FileRun
    at_colleague: FileRun


def draw_file(rng: random.Random) -> tuple[list[str], str, str]:
    """Four tables, the file that makes them, and the same file with a typo in the third statement."""
    names = rng.sample(NAMES, 4)
    statements = [f"CREATE TABLE {name} (id int PRIMARY KEY);" for name in names]
    before, after = rng.choice(TYPOS)
    broken = [*statements[:2], statements[2].replace(before, after), statements[3]]
    return names, "\n".join(statements), "\n".join(broken)


@experiment(
    "psql-that-stops", condition="your command is one of psql that runs `schema.sql`", description=ON_POSTGRESQL
)
def run_files(attempt: Attempt) -> FileRuns:
    """Run the command on each file, in an empty database."""
    command = read_command(attempt.answer, FILE)
    names, sound, broken = draw_file(random.Random(attempt.seed))
    with open_shared_lab(ENGINE) as lab:
        return FileRuns(
            names,
            run_file(lab, command, sound),
            run_file(lab, command, broken),
            run_file(lab, command, broken, COLLEAGUE),
        )


def run_file(lab: SharedLab, command: PsqlCommand, text: str, start_up: str = "") -> FileRun:
    """Run `command` on a file with `text`; `start_up` is what psql reads before, unless it is told not to."""
    lab.rewind()
    files = {FILE: text} | ({START_UP_FILE: start_up} if start_up else {})
    done: PsqlRun = run_psql(lab, command.words, files, text if command.reads_standard_input else "")
    return FileRun(done.code, lab.tables(), done.said)


def _table(runs: FileRuns) -> Table:
    rows = [
        (words, run.code, ", ".join(run.tables) or "none")
        for words, run in (
            ("a sound file", runs.sound),
            ("a typo in its third statement", runs.broken),
            ("the same, at a colleague's", runs.at_colleague),
        )
    ]
    return Table("what your command leaves", ("the file", "exit code", "tables"), rows)


@claim(run_files)
def runs_a_sound_file(runs: FileRuns) -> None:
    """a sound file is run to its end: exit code 0, and all its tables are there"""
    if runs.sound.code or sorted(runs.sound.tables) != sorted(runs.names):
        found = f"{runs.sound.code}, and {len(runs.sound.tables)} tables: {runs.sound.said.strip()[:120]}"
        raise Mismatch("exit code 0 and four tables", found, tables=[_table(runs)])


@claim(run_files, weight=2, after=runs_a_sound_file)
def fails_loudly(runs: FileRuns) -> None:
    """a file with a typo ends with another exit code than 0"""
    if runs.broken.code == 0:
        hint = "psql goes on after an error, and is content when it has come to the end. Which variable makes it stop?"
        raise Mismatch(
            "an exit code other than 0",
            "exit code 0: whoever called it believes that all is well",
            hint,
            [_table(runs)],
        )


@claim(run_files, weight=2, after=runs_a_sound_file)
def leaves_nothing_half_done(runs: FileRuns) -> None:
    """and leaves no table of it behind"""
    if runs.broken.tables:
        hint = "What came before the typo is committed already. Which option makes the whole file one transaction?"
        raise Mismatch("no table", f"{', '.join(runs.broken.tables)}", hint, [_table(runs)])


@claim(run_files, after=fails_loudly)
def is_the_same_everywhere(runs: FileRuns) -> None:
    """it does the same for a colleague whose `~/.psqlrc` says `\\set ON_ERROR_STOP off`"""
    if (bool(runs.at_colleague.code), runs.at_colleague.tables) != (bool(runs.broken.code), runs.broken.tables):
        hint = "psql reads a start-up file after your options. Which option has it leave it alone?"
        raise Mismatch(
            "the same exit code and the same tables", f"exit code {runs.at_colleague.code}", hint, [_table(runs)]
        )
