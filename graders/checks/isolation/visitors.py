"""Claims on the turns at three doors, and on the names of anomalies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.labs import EngineError, Session, open_shared_lab
from graders.techniques.labelling import LabellingExercise, labelling_exercise

COUNTER = "CREATE TABLE inside (people INTEGER NOT NULL)"
TURNS = 3
DOORS = ("A", "B", "C")
COMMITS = "commits"


def visit_door(session: Session) -> Iterator[str]:
    """One door's program in Python's default mode; each turn gives what came of it. It gives up at a lock."""
    try:
        people = session.execute("SELECT people FROM inside").rows[0][0]
        yield f"reads {people}"
        session.execute("UPDATE inside SET people = ?", (people + 1,))
        yield f"writes {people + 1}"
        session.commit()
        yield COMMITS
    except EngineError as refusal:
        session.rollback()
        yield f"{refusal.code}: gives up"


@dataclass(frozen=True)
class Evening:
    """What came of the turns at three doors."""

    before: int
    """The count at the beginning."""
    after: int
    """The count at the end."""
    gave_up: list[str]
    """The doors that met a lock."""
    table: Table
    """Every turn as a row."""


@experiment("lose-two-visitors")
def read_turns(attempt: Attempt) -> list[str]:
    """The letters of the doors, in whatever form they are written."""
    turns = attempt.answer
    items = "".join(turns.replace(",", " ").split()) if isinstance(turns, str) else turns
    letters = [str(item).strip().upper() for item in items] if isinstance(items, (str, list, tuple)) else []
    if not letters or set(letters) - set(DOORS):
        raise Mismatch('letters "A", "B" and "C"', f"`{turns!r:.120}`")
    return letters


@experiment("lose-two-visitors")
def run_turns(attempt: Attempt) -> Evening:
    """Run the doors' programs in the order of the turns, of which each door has three."""
    before = random.Random(attempt.seed).randint(5, 90)
    with open_shared_lab("SQLite", COUNTER, {"inside": [(before,)]}) as lab:
        doors = {door: visit_door(lab.connect(isolation_level="")) for door in DOORS}
        turns = [(door, next(doors[door], "has given up")) for door in read_turns.run(attempt)]
        after = lab.execute("SELECT people FROM inside").rows[0][0]
    rows = [
        (number, *(words if door == lane else "·" for lane in DOORS)) for number, (door, words) in enumerate(turns, 1)
    ]
    table = Table("your turns, run", ("turn", *(f"door {name}" for name in DOORS)), rows)
    return Evening(before, after, [door for door in DOORS if (door, COMMITS) not in turns], table)


@claim(read_turns, weight=0)
def every_door_has_three_turns(letters: list[str]) -> None:
    """each door gets its three turns"""
    for door in DOORS:
        if letters.count(door) != TURNS:
            hint = "SELECT, UPDATE, COMMIT: three turns for each door. How many has each of them in your list?"
            raise Mismatch(f"{TURNS} turns for door {door}", str(letters.count(door)), hint=hint)


@claim(run_turns, weight=0, after=every_door_has_three_turns)
def every_door_commits(evening: Evening) -> None:
    """all three doors commit, and believe that their visitor was counted"""
    if evening.gave_up:
        raise Mismatch(
            "no door that gives up",
            f"door {' and door '.join(evening.gave_up)} gave up",
            hint="This door met a lock and was told so: nothing was lost silently. Who held the lock at that moment?",
            tables=[evening.table],
        )


@claim(run_turns, after=every_door_commits)
def two_visitors_are_lost(evening: Evening) -> None:
    """the counter goes up by one only"""
    if evening.after != evening.before + 1:
        raise Mismatch(
            f"{evening.before} to become {evening.before + 1}",
            f"it becomes {evening.after}",
            hint="A door had committed before another one read, so that one knew of it. Who must read before whom?",
            tables=[evening.table],
        )


labelling_exercise(
    "name-the-anomaly",
    LabellingExercise(
        thing="trace",
        names=("dirty read", "lost update", "phantom", "read skew", "write skew", "none"),
        synonyms={"phantom read": "phantom", "no anomaly": "none", "non repeatable read": "read skew"},
        questions={
            "a": "Do they write the same thing, or each something else? Does the second writer know of the first?",
            "b": "Had the value that was read been committed by then?",
            "c": "Was what T1 read ever true at one moment, x and y together?",
            "d": "What T1 counts has changed. Are they rows that were there before, or is there a new one?",
            "e": "Does one of them overwrite what the other wrote? Look at which items they write.",
            "f": "Does anybody overwrite what they have not seen? What if T1 ran first, and then T2?",
        },
    ),
)
