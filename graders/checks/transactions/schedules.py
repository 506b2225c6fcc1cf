"""Claims on an order of turns, which the student gives and which is run: three doors that lose updates."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from graders import Mismatch, claim
from graders.kernel.report import Table
from graders.labs import EngineError, Session, open_shared_lab

COUNTER = "CREATE TABLE inside (people INTEGER NOT NULL)"
TURNS = 3
DOORS = ("A", "B", "C")


@dataclass
class Door:
    """One door's program, a turn at a time, in Python's default mode; it gives up at a lock."""

    session: Session
    done: int = 0
    read: int = 0
    gave_up: bool = False

    def turn(self) -> str:
        """Take the next turn and say what came of it."""
        self.done += 1
        if self.gave_up:
            return "has given up"
        try:
            return (self._reads, self._writes, self._commits)[self.done - 1]()
        except EngineError as refusal:
            self.gave_up = True
            self.session.rollback()
            return f"{refusal.code}: gives up"

    def _reads(self) -> str:
        self.read = self.session.execute("SELECT people FROM inside").rows[0][0]
        return f"reads {self.read}"

    def _writes(self) -> str:
        self.session.execute("UPDATE inside SET people = ?", (self.read + 1,))
        return f"writes {self.read + 1}"

    def _commits(self) -> str:
        self.session.commit()
        return "commits"

    @property
    def counted(self) -> bool:
        """Whether the door believes that its visitor was counted."""
        return self.done == TURNS and not self.gave_up


@dataclass(frozen=True)
class Ending:
    """What came of the turns: the count before and after, the doors that gave up, and every turn as a row."""

    before: int
    after: int
    gave_up: list[str]
    table: Table


def _letters(turns: Any) -> list[str]:
    given = "".join(turns.replace(",", " ").split()) if isinstance(turns, str) else turns
    letters = [str(one).strip().upper() for one in given] if isinstance(given, (str, list, tuple)) else []
    if not letters or set(letters) - set(DOORS):
        raise Mismatch('letters "A", "B" and "C"', f"`{turns!r:.120}`")
    return letters


def _run(letters: list[str], seed: int) -> Ending:
    before = random.Random(seed).randint(5, 90)
    rows = []
    with open_shared_lab("SQLite", COUNTER, {"inside": [(before,)]}) as lab:
        doors = {name: Door(lab.connect(isolation_level="")) for name in DOORS}
        for number, letter in enumerate(letters, 1):
            said = doors[letter].turn()
            rows.append((number, *(said if letter == name else "·" for name in DOORS)))
        gave_up = [name for name, door in doors.items() if not door.counted]
        after = lab.execute("SELECT people FROM inside").rows[0][0]
    return Ending(before, after, gave_up, Table("your turns, run", ("turn", *(f"door {name}" for name in DOORS)), rows))


@claim("transactions-2", worth=0)
def gives_three_turns_to_each(turns):
    """each door gets its three turns"""
    letters = _letters(turns)
    for door in DOORS:
        if letters.count(door) != TURNS:
            hint = "SELECT, UPDATE, COMMIT: three turns for each door. How many has each of them in your list?"
            raise Mismatch(f"{TURNS} turns for door {door}", str(letters.count(door)), hint=hint)


@claim("transactions-2", worth=0, after=gives_three_turns_to_each)
def all_believe_it(turns, seed):
    """all three doors commit, and believe that their visitor was counted"""
    ending = _run(_letters(turns), seed)
    if ending.gave_up:
        raise Mismatch(
            "no door that gives up",
            f"door {' and door '.join(ending.gave_up)} gave up",
            hint="This door met a lock and was told so: nothing was lost silently. Who held the lock at that moment?",
            tables=[ending.table],
        )


@claim("transactions-2", after=all_believe_it)
def two_visitors_are_lost(turns, seed):
    """the counter goes up by one only"""
    ending = _run(_letters(turns), seed)
    if ending.after != ending.before + 1:
        raise Mismatch(
            f"{ending.before} to become {ending.before + 1}",
            f"it becomes {ending.after}",
            hint="A door had committed before another one read, so that one knew of it. Who must read before whom?",
            tables=[ending.table],
        )
