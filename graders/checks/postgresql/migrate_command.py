"""Claims on a command that migrates: `down` undoes one step, asks before it does, and its exit code tells the truth."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.techniques.backups import Command, RestoreRun, ScriptNight, run_restores

DATABASE, RECORD = "shop", "schema_migrations"
NOW = ScriptNight(datetime(2026, 3, 2, 9, 0), {})
NAMES = ("users", "orders", "payments", "reviews", "coupons")
NOTES = f"CREATE TABLE {RECORD} (version text PRIMARY KEY);\n"
ALL_OF_THEM = "Every migration has been undone, and what was in their tables is lost. How many were to be undone?"
NOT_ASKED = "It was undone, and nobody has said yes. What is read before psql runs, and compared with what?"
WHICH = "Whoever is asked must know what would go. Which variable holds its number?"
SAYS_ALL_IS_WELL = "Nothing was undone, and the exit code says that all went well. Who calls this script will go on."
STATUS_LOST = "psql has failed, and the script ends with 0. Whose exit code does it hand on?"
HALF = "A part of the file has been done. Which option makes it one transaction, and which stops at the error?"


@dataclass(frozen=True)
class Call:
    """One call of the script: in words, its arguments, what is typed, how many migrations are there, and the files."""

    words: str
    arguments: tuple[str, ...]
    typed: str
    applied: int
    left: int
    """How many migrations should be there afterwards."""
    fails: bool = False
    """Whether the exit code should be another than 0."""
    broken: str = ""
    """The file with a typo, if there is one."""


@dataclass(frozen=True)
class CommandRuns:
    """What each call has left."""

    names: list[str]
    """The table of each migration, in their order."""
    runs: dict[str, tuple[Call, RestoreRun]]

    def run(self, words: str) -> RestoreRun:
        """What came of one call."""
        return self.runs[words][1]

    def applied(self, words: str) -> int:
        """How many migrations are there afterwards; -1 if what is there is not what the first few of them leave."""
        tables = self.run(words).tables
        count = len(tables.get(RECORD, [])) if RECORD in tables else -1
        there = {name for name in tables if name != RECORD}
        expected = {(number_of(place),) for place in range(count)}
        whole = there == set(self.names[: max(count, 0)]) and {tuple(row) for row in tables.get(RECORD, [])} == expected
        return count if whole else -1


def number_of(place: int) -> str:
    """The version of the migration at a place, counted from 0."""
    return f"{place + 1:03}"


def write_migrations(names: list[str], broken: str = "") -> dict[str, str]:
    """The files of the migrations: each makes or drops a table and takes note; in `broken` the note has a typo."""
    files = {}
    for place, name in enumerate(names):
        version = number_of(place)
        files[f"{version}.up.sql"] = (
            f"CREATE TABLE {name} (id integer PRIMARY KEY);\n"
            f"INSERT INTO {name} VALUES (7);\nINSERT INTO {RECORD} VALUES ('{version}');\n"
        )
        files[f"{version}.down.sql"] = f"DROP TABLE {name};\nDELETE FROM {RECORD} WHERE version = '{version}';\n"
    if broken:
        files[broken] = files[broken].replace(f"INTO {RECORD}", f"INT {RECORD}").replace("DELETE FROM", "DELETE FRM")
    return files


def write_state(names: list[str], applied: int) -> str:
    """The statements that make the database in which the first `applied` migrations have been done."""
    files = write_migrations(names)
    return NOTES + "".join(files[f"{number_of(place)}.up.sql"] for place in range(applied))


UP, UP_TYPO, UP_AGAIN = "up", "up, with a typo in a file", "up, when all is done"
YES, NO, ENTER, NOBODY = "down, and yes", "down, and no", "down, and Enter alone", "down, and nobody there to answer"
DOWN_TYPO, DOWN_EMPTY, OTHER_WORD = "down, and yes, with a typo in a file", "down, when nothing is there", "sideways"


def list_calls(count: int) -> list[Call]:
    """The calls that are tried of a script with `count` migrations."""
    newest = number_of(count - 1)
    return [
        Call(UP, ("up",), "", 1, count),
        Call(UP_TYPO, ("up",), "", 0, 1, fails=True, broken="002.up.sql"),
        Call(UP_AGAIN, ("up",), "", count, count),
        Call(YES, ("down",), "yes\n", count, count - 1),
        Call(NO, ("down",), "no\n", count, count, fails=True),
        Call(ENTER, ("down",), "\n", count, count, fails=True),
        Call(NOBODY, ("down",), "", count, count, fails=True),
        Call(DOWN_TYPO, ("down",), "yes\n", count, count, fails=True, broken=f"{newest}.down.sql"),
        Call(DOWN_EMPTY, ("down",), "yes\n", 0, 0, fails=True),
        Call(OTHER_WORD, ("sideways",), "yes\n", count, count, fails=True),
    ]


def run_call(script: str | Callable[..., Any], source: str, names: list[str], call: Call) -> RestoreRun:
    """Call the script on a machine of its own, with the files and the database of `call`."""
    shell = Command.of_script(source, *call.arguments)
    files: Mapping[str, str | bytes] = write_migrations(names, call.broken)
    command = Command(shell.words, call.typed)
    return run_restores(script, NOW, command, files, DATABASE, write_state(names, call.applied))


@experiment("down-asks-first")
def call_script(attempt: Attempt) -> CommandRuns:
    """Call the script in every way, each time on a fresh machine."""
    rng = random.Random(attempt.seed)
    names = rng.sample(NAMES, rng.randint(3, 4))
    runs = {
        call.words: (call, run_call(attempt.answer, attempt.answer.source, names, call))
        for call in list_calls(len(names))
    }
    return CommandRuns(names, runs)


def _table(runs: CommandRuns) -> Table:
    rows = [
        (words, run.code, f"{runs.applied(words)} of {call.applied}" if runs.applied(words) >= 0 else "half of one")
        for words, (call, run) in runs.runs.items()
    ]
    return Table("what became of each call", ("the call", "exit code", "migrations there"), rows)


def _require(runs: CommandRuns, words: str, hint: Callable[[int], str], code_hint: str = "") -> None:
    """Raise `Mismatch` unless the call left what it should, with an exit code that says so."""
    call, run = runs.runs[words]
    count = runs.applied(words)
    if count != call.left:
        found = f"{count} of them" if count >= 0 else "half of one"
        raise Mismatch(f"{call.left} migrations are there ({words})", found, hint(count), [_table(runs)])
    if call.fails != bool(run.code):
        expected = "an exit code other than 0" if call.fails else "exit code 0"
        raise Mismatch(f"{expected} ({words})", f"{run.code}", code_hint if call.fails else "", [_table(runs)])


@claim(call_script, weight=2)
def undoes_one(runs: CommandRuns) -> None:
    """`down`, when yes is typed, undoes the newest migration and no other, and ends with 0"""
    _require(runs, YES, lambda count: ALL_OF_THEM if count == 0 else "")


@claim(call_script, weight=3, after=undoes_one)
def asks_first(runs: CommandRuns) -> None:
    """`down` asks before, names the migration, and undoes nothing unless yes is typed; then it does not end with 0"""
    for words in (NO, ENTER, NOBODY):
        _require(runs, words, lambda _: NOT_ASKED, SAYS_ALL_IS_WELL)
    call, run = runs.runs[NO]
    if number_of(call.applied - 1) not in run.output:
        raise Mismatch(f"a question that names {number_of(call.applied - 1)}", f"`{run.output.strip():.80}`", WHICH)


@claim(call_script, after=undoes_one)
def says_what_failed(runs: CommandRuns) -> None:
    """a `down` that fails leaves everything as it was, and does not end with 0"""
    _require(runs, DOWN_TYPO, lambda _: HALF, STATUS_LOST)
    _require(runs, DOWN_EMPTY, lambda _: "", "")


@claim(call_script, after=undoes_one)
def leaves_the_rest(runs: CommandRuns) -> None:
    """`up` does what is missing, stops at the first file that fails, and any other word does nothing"""
    for words in (UP, UP_TYPO, UP_AGAIN, OTHER_WORD):
        _require(runs, words, lambda _: "")
