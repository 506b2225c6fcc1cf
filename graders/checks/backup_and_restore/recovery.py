"""Claims on the accounts at an instant, and on a recovery from an accident, judged by the database that it leaves."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from graders import Attempt, Mismatch, claim, experiment
from graders.labs import open_lab
from graders.labs.lab import Row
from graders.techniques.backups import FileCall, FileFunction, LiveDatabase, Moment, find_loss, read_moment
from graders.techniques.queries import QueryExercise, query_exercise

SCHEMA = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL);
CREATE TABLE transfers (id INTEGER PRIMARY KEY, payer INTEGER NOT NULL, payee INTEGER NOT NULL, amount INTEGER);
CREATE INDEX transfers_by_payer ON transfers (payer);
"""
NAMES = ("Ada", "Ben", "Cem", "Mei", "Pia O'Neill", "Zoë")
ACCIDENTS = ("DROP TABLE transfers", "DELETE FROM transfers", "UPDATE accounts SET balance = 0")
TARGET = "recovered.db"
# The number of the newest copy from before the accident.
NEWEST = 2
Change = tuple[str, str]


def _draw_transfer(rng: random.Random, number: int, minute: int) -> list[Change]:
    payer, payee = rng.sample(range(1, 13), 2)
    amount = rng.randint(1, 30)
    return [
        (clock(minute), f"UPDATE accounts SET balance = balance - {amount} WHERE id = {payer}"),
        (clock(minute), f"UPDATE accounts SET balance = balance + {amount} WHERE id = {payee}"),
        (clock(minute), f"INSERT INTO transfers VALUES ({number}, {payer}, {payee}, {amount})"),
        # The last name counts, so the order of the changes does.
        (clock(minute), f"UPDATE accounts SET owner = '{number}' WHERE id = 1"),
    ]


def _with_accident(changes: list[Change], accident: Change) -> list[Change]:
    """`changes` with the accident, alone in its minute; nothing after it asks for what it may have dropped."""
    moment = accident[0]
    before = [change for change in changes if change[0] < moment]
    after = [change for change in changes if change[0] > moment and "transfers" not in change[1]]
    return [*before, accident, *after]


class Day:
    """One day of a bank, drawn from a seed: its log of changes, the copies that were taken, and the accident."""

    def __init__(self, seed: int):
        rng = random.Random(f"{seed} accident")
        self.accounts: list[Row] = [
            (number, f"{rng.choice(NAMES)} {number}", rng.randint(100, 900)) for number in range(1, 13)
        ]
        minutes = sorted(rng.sample(range(3 * 60, 17 * 60), 60))
        changes = [change for number, minute in enumerate(minutes, 1) for change in _draw_transfer(rng, number, minute)]
        places = [rng.randint(3, 12), rng.randint(18, 24), rng.randint(30, 36)]
        # Copies are taken in the very minutes of changes, which are in them.
        self.taken = [clock(minutes[place]) for place in places]
        accident = rng.randint(42, 50)
        self.moment = clock(minutes[accident])
        self.changes = _with_accident(changes, (self.moment, rng.choice(ACCIDENTS)))
        # One copy is taken in the minute of the accident, so it is in there, and one after more changes.
        self.taken += [self.moment, clock(minutes[accident + 3])]

    def state(self, changes: list[Change], words: str = "") -> tuple[Moment, bytes]:
        """What the bank holds after `changes`, and the file of a copy of it."""
        with open_lab("SQLite", SCHEMA, {"accounts": self.accounts}, here=True) as lab:
            for _, statement in changes:
                lab.run(statement)
            return read_moment(lab, words), lab.image()

    def until(self, time: str) -> list[Change]:
        """The changes up to and with this minute."""
        return [change for change in self.changes if change[0] <= time]

    @property
    def right(self) -> Moment:
        """The bank just before the accident."""
        before = [change for change in self.changes if change[0] < self.moment]
        return self.state(before, f"just before {self.moment}")[0]

    def damaged_copy(self, number: int) -> bytes:
        """The file of one copy in which a row is missing from an index."""
        tables = self.state(self.until(self.taken[number]))[0].tables
        data = {table: tables[table] for table in ("accounts", "transfers")}
        return LiveDatabase(SCHEMA, data, journal_mode="delete", damaged_index="transfers_by_payer").write()

    def copies(self) -> dict[str, bytes]:
        """The files of the copies by their names, the oldest first."""
        return {f"copy{number}.db": self.state(self.until(time))[1] for number, time in enumerate(self.taken)}


def clock(minute: int) -> str:
    """A minute of the day as the log has it."""
    return f"{minute // 60:02}:{minute % 60:02}"


@dataclass(frozen=True)
class Recovery:
    """One recovery: what was in the folder, and what became of it."""

    words: str
    day: Day
    call: FileCall
    usable: tuple[int, ...]
    """The numbers of the copies that were taken before the accident and are whole."""

    @property
    def content(self) -> bytes | None:
        """The file that was to be made."""
        return self.call.after.get(TARGET)


@experiment("recover-the-bank")
def recover_each(attempt: Attempt) -> dict[str, Recovery]:
    """Recover with all copies whole, with the newest cut or empty, and with none."""
    day, recover = Day(attempt.seed), FileFunction(attempt.answer)
    copies = day.copies()
    names = list(copies)
    newest = names[NEWEST]

    def run(words: str, usable: tuple[int, ...], **changed: bytes) -> Recovery:
        files = {name: changed.get(name.removesuffix(".db"), content) for name, content in copies.items()}
        call = recover(files, names, list(day.taken), list(day.changes), day.moment, TARGET, paths=(0, 4))
        return Recovery(words, day, call, usable)

    cut = copies[newest][: len(copies[newest]) // 2]
    return {
        "whole": run("all copies are whole", (0, 1, 2)),
        "cut": run("the newest copy from before the accident is cut off", (1,), copy0=b"", copy2=cut),
        "empty": run("the newest copy from before the accident has 0 bytes", (1,), copy0=cut[:9000], copy2=b""),
        "index": run("a row is missing from an index of that copy", (0, 1), copy2=day.damaged_copy(NEWEST)),
        "none": run("no copy from before the accident is whole", (), copy0=b"", copy1=cut, copy2=cut[:9000]),
    }


def require_recovery(recovery: Recovery) -> None:
    """Raise `Mismatch` unless the bank is back as it was just before the accident."""
    day, expected = recovery.day, f"the bank as it was just before {recovery.day.moment}, when {recovery.words}"
    if recovery.call.exception:
        raise Mismatch(expected, recovery.call.exception)
    if loss := find_loss(recovery.content, [day.right]):
        raise Mismatch(expected, loss.words, choose_hint(recovery))


def choose_hint(recovery: Recovery) -> str:
    """The hint for a database that is what a usual mistake makes of it; "" for any other."""
    day, found = recovery.day, recovery.content
    base = max(recovery.usable, default=0)
    start = day.until(day.taken[base])
    between = [change for change in day.changes if day.taken[base] < change[0] < day.moment]
    same_minute = [change for change in day.changes if change[0] == day.taken[base]]
    mistakes = {
        "The copy is there, and what was committed after it is not. Where is that written?": start,
        "The accident is in the file. Is it in the copy that you took, or among the changes that you replay?": [
            *start,
            *between,
            *day.until(day.moment)[-1:],
        ],
        "Changes were replayed that the accident's own copy holds. Which copies are from before?": day.until(
            day.taken[-1]
        ),
    }
    for hint, changes in mistakes.items():
        if find_loss(found, [day.state(changes)[0]]) is None:
            return hint
    if same_minute and replays_twice(recovery, start, between):
        return "Some changes were done twice: they were in the copy already. With which change does the replay begin?"
    return ""


def replays_twice(recovery: Recovery, start: list[Change], between: list[Change]) -> bool:
    """Whether balances are those of a replay that began too early."""
    day = recovery.day
    for again in (start, [change for change in start if change[0] == day.taken[max(recovery.usable, default=0)]]):
        twice = [change for change in again if change[1].startswith("UPDATE")]
        accounts = day.state([*start, *twice, *between])[0].tables["accounts"]
        moment = replace(day.right, tables={**day.right.tables, "accounts": accounts})
        if find_loss(recovery.content, [moment]) is None:
            return True
    return False


@claim(recover_each)
def brings_the_bank_back(recoveries: dict[str, Recovery]) -> None:
    """with whole copies, the file at `target` holds the bank as it was just before the accident"""
    require_recovery(recoveries["whole"])


@claim(recover_each, after=brings_the_bank_back)
def passes_over_bad_copies(recoveries: dict[str, Recovery]) -> None:
    """it does so too where the newest copy from before the accident is cut off, empty, or contradicts itself"""
    require_recovery(recoveries["cut"])
    require_recovery(recoveries["empty"])
    require_recovery(recoveries["index"])


@claim(recover_each, weight=0.5, after=brings_the_bank_back)
def says_when_nothing_is_left(recoveries: dict[str, Recovery]) -> None:
    """where no copy can be used it raises an exception, and makes no file"""
    none = recoveries["none"]
    if not none.call.exception:
        hint = "Nothing could be brought back. Who should hear of it before the bank opens again?"
        raise Mismatch("an exception where no copy can be used", "none", hint)
    if none.content is not None:
        raise Mismatch("no file at `target` where no copy can be used", f"one of {len(none.content):,} bytes")


@claim(recover_each, weight=0.5, after=brings_the_bank_back)
def keeps_the_copies(recoveries: dict[str, Recovery]) -> None:
    """every copy is afterwards as it was, for the next attempt"""
    for recovery in recoveries.values():
        for name, content in recovery.call.before.items():
            if recovery.call.after.get(name) != content:
                hint = "The replay was written into a copy. What would you begin from if it had gone wrong?"
                raise Mismatch(f"`{name}` as it was, when {recovery.words}", "another file, or none", hint)


LOG = """
CREATE TABLE base (account_id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TABLE changes (
    change_id INTEGER PRIMARY KEY, changed_at TEXT NOT NULL, account_id INTEGER NOT NULL, balance INTEGER
);
"""
OPEN: dict[str, list[Row]] = {
    "base": [(1, 500), (2, 80), (3, 40)],
    "changes": [
        (1, "2026-03-05 09:10:00", 1, 450),
        (2, "2026-03-05 11:30:00", 4, 50),
        (3, "2026-03-05 13:00:00", 3, None),
        (4, "2026-03-05 14:04:59", 1, 400),
        (5, "2026-03-05 14:05:00", 1, 0),
        (6, "2026-03-05 14:05:00", 2, 0),
    ],
}

query_exercise("accounts-at-an-instant", QueryExercise(LOG, fixture=OPEN))
