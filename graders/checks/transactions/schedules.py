"""Claims on orders of operations: turns at three doors, the names of anomalies, the arrows of conflict graphs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.labs import EngineError, Session, open_shared_lab
from graders.sandbox import SandboxedFunction
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

Operations = list[tuple[str, str, str]]
Arrows = set[tuple[str, str]]
VERBS = {"r": "reads", "w": "writes"}


@dataclass(frozen=True)
class WrongArrows:
    """The shortest schedule found on which an answer gives other arrows than its conflicts."""

    operations: Operations
    """The schedule: transaction, "r" or "w", item."""
    answer: Arrows
    """The answer's arrows."""
    right: Arrows
    """The right ones."""
    invented: bool
    """Whether an arrow is too many; otherwise one is missing."""


@experiment("draw-the-conflicts")
def compare_arrows(attempt: Attempt) -> WrongArrows | None:
    """Ask for the arrows of random schedules, up to the first with one too many or, without such, with one missing."""
    missing = None
    for operations in _draw_schedules(attempt.seed):
        answer, right = _ask(attempt.answer, operations), _find_conflicts(operations)
        if answer - right:
            return _shrink(attempt.answer, operations, invented=True)
        if right - answer and not missing:
            missing = operations
    return _shrink(attempt.answer, missing, invented=False) if missing else None


@claim(compare_arrows, weight=1)
def invents_no_arrow(wrong: WrongArrows | None) -> None:
    """every arrow that `arrows` gives stands for a conflict, in 200 random schedules"""
    if wrong and wrong.invented:
        raise _arrows_mismatch(wrong, _hint_on_invented(wrong))


@claim(compare_arrows, weight=2, after=invents_no_arrow)
def finds_every_arrow(wrong: WrongArrows | None) -> None:
    """it gives an arrow for each pair of transactions that conflict"""
    if wrong:
        raise _arrows_mismatch(wrong, _hint_on_missing(wrong))


def _find_conflicts(operations: Operations) -> Arrows:
    return {
        (earlier, later)
        for (earlier, kind, item), (later, other_kind, other_item) in combinations(operations, 2)
        if earlier != later and item == other_item and "w" in (kind, other_kind)
    }


def _draw_schedules(seed: int) -> list[Operations]:
    """Up to seven operations of three transactions on two items; short ones first."""
    rng = random.Random(seed)
    sizes = sorted(rng.randint(0, 7) for _ in range(200))
    return [[(f"T{rng.randint(1, 3)}", rng.choice("rw"), rng.choice("xy")) for _ in range(size)] for size in sizes]


def _ask(arrows: SandboxedFunction, operations: Operations) -> Arrows:
    value = arrows(list(operations))
    if not isinstance(value, (set, frozenset, list)) or not all(
        isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in value
    ):
        raise Mismatch("a set of pairs of transactions", f"`{value!r:.120}`")
    return {(str(earlier), str(later)) for earlier, later in value}


def _shrink(arrows: SandboxedFunction, operations: Operations, *, invented: bool) -> WrongArrows:
    """Leave out operations as long as the answer still goes wrong in the same way."""

    def is_wrong(operations: Operations) -> bool:
        answer, right = _ask(arrows, operations), _find_conflicts(operations)
        return bool(answer - right if invented else right - answer)

    for place in reversed(range(len(operations))):
        fewer = operations[:place] + operations[place + 1 :]
        if is_wrong(fewer):
            operations = fewer
    return WrongArrows(operations, _ask(arrows, operations), _find_conflicts(operations), invented)


def _arrows_mismatch(wrong: WrongArrows, hint: str) -> Mismatch:
    lanes = sorted({transaction for transaction, _, _ in wrong.operations})
    rows = [
        (step, *(f"{VERBS[kind]} {item}" if lane == transaction else "·" for lane in lanes))
        for step, (transaction, kind, item) in enumerate(wrong.operations, 1)
    ]
    table = Table("the shortest schedule found", ("step", *lanes), rows)
    return Mismatch(f"{_format_arrows(wrong.right)} for this schedule", _format_arrows(wrong.answer), hint, [table])


def _format_arrows(arrows: Arrows) -> str:
    return ", ".join(f"{earlier} → {later}" for earlier, later in sorted(arrows)) or "no arrow"


def _hint_on_invented(wrong: WrongArrows) -> str:
    earlier, later = min(wrong.answer - wrong.right)
    if earlier == later:
        return "An arrow runs from a transaction to itself. Can one have a conflict with itself?"
    if (later, earlier) in wrong.right:
        return "Which way does the arrow point? The earlier operation's transaction stands first in the pair."
    if len({item for _, _, item in wrong.operations}) > 1:
        return "Do the two operations touch the same item?"
    return "Two reads of one item: would the outcome be another one if they changed places?"


def _hint_on_missing(wrong: WrongArrows) -> str:
    if len(wrong.operations) > 2:
        return "Something else happens between the two. Must the two operations stand side by side?"
    return "Go through which of read and write come in which order: read-write, write-read, write-write."
