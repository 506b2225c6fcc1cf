"""Claims on a function that says of a file whether a shop can be restored from it."""

from __future__ import annotations

from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.backup_and_restore.copies import Copy, Shop
from graders.techniques.backups import FileCall, FileFunction

FILE = "copy.db"


@dataclass(frozen=True)
class Verdict:
    """What the function says of one file."""

    copy: Copy
    call: FileCall

    @property
    def found(self) -> str:
        """What it gave or raised, in words."""
        return self.call.exception or f"it gave `{self.call.value!r:.60}`"

    @property
    def is_right(self) -> bool:
        """Whether it says True of a good file, and False of any other."""
        return self.call.value is (self.copy.kind == "good")


@experiment("verify-a-copy")
def verify_each(attempt: Attempt) -> list[Verdict]:
    """Have the function look at each file, alone in a folder."""
    shop, verify = Shop(attempt.seed), FileFunction(attempt.answer)
    expected = {table: list(noted) for table, noted in shop.expected.items()}

    def look(copy: Copy) -> Verdict:
        files = {} if copy.content is None else {FILE: copy.content}
        return Verdict(copy, verify(files, FILE, expected))

    return [look(copy) for copy in shop.copies()]


def require_right(verdicts: list[Verdict], *kinds: str) -> None:
    """Raise `Mismatch` at the first file of these kinds that is misjudged."""
    for verdict in verdicts:
        if verdict.copy.kind in kinds and not verdict.is_right:
            wanted = verdict.copy.kind == "good"
            raise Mismatch(f"`{wanted}` for this file: {verdict.copy.words}", verdict.found, choose_hint(verdict))


def choose_hint(verdict: Verdict) -> str:
    """The hint for one file that was misjudged; "" where several mistakes may be behind it."""
    if verdict.call.exception:
        return "A file that cannot be read is no reason to stop: it is an answer. What should be given then?"
    return HINTS.get(verdict.copy.words, HINTS.get(verdict.copy.kind, ""))


HINTS = {
    "the tables without their rows": "The database is sound, and nothing is in it. What was noted of each table?",
    "one order has another price": "As many rows as noted, and not the same. What else was noted?",
    "an order is missing from an index": "Its table has every row, and an index lacks one. What compares the two?",
}


@claim(verify_each)
def tells_databases_from_other_files(verdicts: list[Verdict]) -> None:
    """it gives True for four whole backups, and False where there is no database"""
    require_right(verdicts, "good", "no database")


@claim(verify_each, after=tells_databases_from_other_files)
def finds_what_is_lost(verdicts: list[Verdict]) -> None:
    """it gives False for sound databases in which a table, rows or values are not those of the shop"""
    require_right(verdicts, "lost")


@claim(verify_each, after=tells_databases_from_other_files)
def finds_what_is_damaged(verdicts: list[Verdict]) -> None:
    """it gives False for files that were cut, overwritten, or changed by one bit"""
    require_right(verdicts, "damaged")


@claim(verify_each, weight=0.5, after=tells_databases_from_other_files)
def changes_nothing(verdicts: list[Verdict]) -> None:
    """it leaves every file as it was, and makes none"""
    for verdict in verdicts:
        # The index and the log that SQLite lays beside a file in WAL mode are not the function's doing.
        after = {name: content for name, content in verdict.call.after.items() if not name.endswith(("-shm", "-wal"))}
        if after == verdict.call.before:
            continue
        changed = sorted(after.keys() - verdict.call.before.keys())
        found = f"a new file: `{changed[0]}`" if changed else "another file"
        hint = ""
        if verdict.copy.content is None and changed:
            hint = "SQLite makes a new, empty database where it finds none. How do you open one only to read it?"
        raise Mismatch(f"the folder as it was ({verdict.copy.words})", found, hint)
