"""What a small shop has committed night after night, and what claims say about the nights of its backups."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from graders import Mismatch, Table
from graders.techniques.backups import NightRun, ScriptNight, Tables, describe_restored, pass_nights

PRODUCTS = ("saddle", "bell", "chain", "pump", "brake", "fork", "lamp", "tyre")
BACKUP = re.compile(r"mydb_[\w.:+-]*\.sql\.gz")
MAX_SHOWN = 8
# The same day of the next month: a name without the month is the same.
A_MONTH_LATER = datetime(2026, 4, 1, 2, 0)


def draw_states(seed: int, count: int) -> list[Tables]:
    """What the shop has committed by each of so many nights: every day brings orders, and so no two are equal."""
    rng = random.Random(f"{seed} nights")
    orders: list[tuple[Any, ...]] = []
    states = []
    for _ in range(count):
        for _ in range(rng.randint(2, 4)):
            orders.append((len(orders) + 1, rng.choice(PRODUCTS), rng.randint(100, 9_999)))
        members = [(number, f"member {number}") for number in range(1, 4)]
        states.append({"members": members, "orders": list(orders)})
    return states


def draw_nights(seed: int, weather: Sequence[str]) -> list[ScriptNight]:
    """A good night, a run that day in which the server goes down, `weather` shuffled, and two good nights."""
    rng = random.Random(f"{seed} weather")
    words = ["fine", "cut", *rng.sample(weather, len(weather)), "fine", "fine"]
    nights = pass_nights(draw_states(seed, len(words)), dict(enumerate(words)))
    again = replace(nights[1], now=nights[0].now + timedelta(hours=12))
    return [nights[0], again, *nights[2:-1], replace(nights[-1], now=A_MONTH_LATER)]


def failing(runs: Sequence[NightRun]) -> list[tuple[NightRun, NightRun]]:
    """Each run of a night that could not give a backup, after the run of the night before."""
    pairs = zip(runs, runs[1:], strict=False)
    return [(before, run) for before, run in pairs if run.night.weather != "fine"]


def lost_backups(before: NightRun, run: NightRun) -> list[str]:
    """The good backups of the night before that bring back something else, or nothing, after this one."""
    return [name for name, found in good_backups(before).items() if run.restored.get(name) != found]


def backups(run: NightRun) -> dict[str, Tables | str]:
    """The files that are called as finished backups are, and what comes back from each."""
    return {name: found for name, found in run.restored.items() if BACKUP.fullmatch(name)}


def good_backups(run: NightRun) -> dict[str, Tables]:
    """Those of them from which rows come back."""
    return {name: found for name, found in run.good.items() if BACKUP.fullmatch(name)}


def table_of(runs: Sequence[NightRun]) -> Table:
    """The nights as a table: what happened, how the job ended, what came back from its files."""
    rows = [(run.night.words, run.code, _files(run)) for run in runs]
    return Table("the nights", ("night", "exit code", "/backups"), rows[-MAX_SHOWN:])


def _files(run: NightRun) -> str:
    return "; ".join(f"{name}: {describe_restored(found)}" for name, found in run.restored.items()) or "empty"


def first_line(run: NightRun) -> str:
    """The exit code of a run and the last line of what it said."""
    lines = run.output.strip().splitlines()
    return f"exit code {run.code}" + (f": {lines[-1][:200]}" if lines else "")


def require_good_nights(runs: Sequence[NightRun], hint: Callable[[NightRun], str]) -> None:
    """Raise `Mismatch` where a night in which all was well does not end with 0 and a backup of its rows."""
    for place, run in enumerate(runs):
        if run.night.weather != "fine":
            continue
        shown = [table_of(runs[: place + 1])]
        expected = f"exit code 0 and a backup of what was committed ({run.night.words})"
        if run.code:
            raise Mismatch(expected, first_line(run), hint(run), shown)
        if run.night.committed not in good_backups(run).values():
            raise Mismatch(expected, _files(run), hint(run), shown)
