"""Claims on the arrows of conflict graphs, tried on random schedules."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

from graders import Mismatch, claim
from graders.kernel.report import Table

Operation = tuple[str, str, str]
Schedule = list[Operation]
DOES = {"r": "reads", "w": "writes"}


@claim("transactions-14", worth=1)
def invents_no_arrow(arrows, seed):
    """every arrow that `arrows` gives stands for a conflict, in 200 random schedules"""
    _judge(arrows, seed, invented=True)


@claim("transactions-14", worth=2, after=invents_no_arrow)
def finds_every_arrow(arrows, seed):
    """it gives an arrow for each pair of transactions that conflict"""
    _judge(arrows, seed, invented=False)


def _judge(arrows, seed: int, *, invented: bool) -> None:
    def goes_wrong(schedule: Schedule) -> bool:
        found = _pairs(arrows(list(schedule)))
        return bool(found - _right(schedule) if invented else _right(schedule) - found)

    for schedule in _schedules(seed):
        if goes_wrong(schedule):
            raise _mismatch(arrows, _fewest(schedule, goes_wrong), invented)


def _right(schedule: Schedule) -> set[tuple[str, str]]:
    return {
        (earlier, later)
        for (earlier, does, item), (later, also_does, other) in combinations(schedule, 2)
        if earlier != later and item == other and "w" in (does, also_does)
    }


def _schedules(seed: int) -> list[Schedule]:
    """Up to seven operations of three transactions on two items; short ones first."""
    rng = random.Random(seed)
    sizes = sorted(rng.randint(0, 7) for _ in range(200))
    return [[(f"T{rng.randint(1, 3)}", rng.choice("rw"), rng.choice("xy")) for _ in range(size)] for size in sizes]


def _pairs(value: Any) -> set[tuple[str, str]]:
    if not isinstance(value, (set, frozenset, list)) or not all(
        isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in value
    ):
        raise Mismatch("a set of pairs of transactions", f"`{value!r:.120}`")
    return {(str(earlier), str(later)) for earlier, later in value}


def _fewest(schedule: Schedule, goes_wrong) -> Schedule:
    """Leave out operations as long as the answer still goes wrong."""
    for place in reversed(range(len(schedule))):
        fewer = schedule[:place] + schedule[place + 1 :]
        if goes_wrong(fewer):
            schedule = fewer
    return schedule


def _mismatch(arrows, schedule: Schedule, invented: bool) -> Mismatch:
    found, right = _pairs(arrows(list(schedule))), _right(schedule)
    pair = min(found - right if invented else right - found)
    return Mismatch(
        f"{_written(right)} for this schedule",
        _written(found),
        hint=_invented_hint(schedule, pair, right) if invented else _missing_hint(schedule),
        tables=[_shown(schedule)],
    )


def _written(pairs: set[tuple[str, str]]) -> str:
    return ", ".join(f"{earlier} → {later}" for earlier, later in sorted(pairs)) or "no arrow"


def _shown(schedule: Schedule) -> Table:
    lanes = sorted({transaction for transaction, _, _ in schedule})
    rows = [
        (step, *(f"{DOES[does]} {item}" if lane == transaction else "·" for lane in lanes))
        for step, (transaction, does, item) in enumerate(schedule, 1)
    ]
    return Table("the shortest schedule found", ("step", *lanes), rows)


def _invented_hint(schedule: Schedule, pair: tuple[str, str], right: set[tuple[str, str]]) -> str:
    if pair[0] == pair[1]:
        return "An arrow runs from a transaction to itself. Can one have a conflict with itself?"
    if pair[::-1] in right:
        return "Which way does the arrow point? The earlier operation's transaction stands first in the pair."
    if len({item for _, _, item in schedule}) > 1:
        return "Do the two operations touch the same item?"
    return "Two reads of one item: would the outcome be another one if they changed places?"


def _missing_hint(schedule: Schedule) -> str:
    if len(schedule) > 2:
        return "Something else happens between the two. Must the two operations stand side by side?"
    return "Go through which of read and write come in which order: read-write, write-read, write-write."
