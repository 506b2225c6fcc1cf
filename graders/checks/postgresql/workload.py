"""What the shop asks of its database in a day: statements, how often each is sent, and what they take, counted."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from graders.checks.postgresql.shop import ORDERS, USERS, open_shop
from graders.kernel.report import Table
from graders.labs import Lab, SharedLab
from graders.labs.lab import Row
from graders.labs.postgres_extras import Extras
from graders.techniques.plans import measure_cost

LOOKUP = "SELECT name, email FROM users WHERE id = $1"
LINES = "SELECT product, quantity FROM order_items WHERE order_id = $1"
# Without constants: pg_stat_statements would put `$2` in their place.
BOUGHT = "SELECT id, status, total_amount FROM orders WHERE user_id = $1 ORDER BY created_at DESC"
BOARD = "SELECT status, count(*), sum(total_amount), max(note) FROM orders WHERE id <> $1 GROUP BY status"
REPORT = """SELECT u.name, sum(i.quantity) FROM users AS u JOIN orders AS o ON o.user_id = u.id
JOIN order_items AS i ON i.order_id = o.id WHERE u.id <> $1 GROUP BY u.id ORDER BY 2 DESC"""
LARGEST_VALUE = {LOOKUP: USERS, LINES: ORDERS, BOUGHT: USERS, BOARD: ORDERS, REPORT: USERS}
STATEMENTS = tuple(LARGEST_VALUE)
NAMES = {LOOKUP: "one user", LINES: "lines of an order", BOUGHT: "orders of a user", BOARD: "board", REPORT: "report"}
COUNTS = """SELECT query, calls, shared_blks_hit + shared_blks_read FROM pg_stat_statements
WHERE query = ANY($1::text[]) ORDER BY 3 DESC"""
PROBES = 3


def draw_calls(rng: random.Random, heaviest: str, second: str) -> dict[str, int]:
    """How often each statement is sent: `heaviest` takes most pages in all, the report most for a call."""
    calls = {statement: rng.randint(4, 7) for statement in (LINES, BOUGHT, BOARD)}
    calls |= {heaviest: rng.randint(90, 110), second: rng.randint(30, 40)}
    return calls | {LOOKUP: rng.randint(150, 180), REPORT: 1}


def draw_usual_calls(rng: random.Random) -> dict[str, int]:
    """A usual day: the board takes most, then the lines of an order, then the orders of a user."""
    return draw_calls(rng, BOARD, LINES) | {BOUGHT: rng.randint(14, 18)}


def run_day(lab: SharedLab, calls: Mapping[str, int], rng: random.Random) -> None:
    """Send each statement as often as `calls` says, with values that are drawn, in an order that is drawn."""
    day = [statement for statement, number in calls.items() for _ in range(number)]
    rng.shuffle(day)
    for statement in day:
        lab.execute(statement, (rng.randint(1, LARGEST_VALUE[statement]),))


@contextmanager
def open_day(seed: int) -> Iterator[SharedLab]:
    """A lab in which a usual day of the shop has been run, and counted by `pg_stat_statements`."""
    rng = random.Random(seed)
    with open_shop(seed, extras=Extras(counts_statements=True)) as lab:
        run_day(lab, draw_usual_calls(rng), rng)
        yield lab


def compare_day(lab: SharedLab) -> dict[str, dict[str, float]]:
    """Calls, pages for a call and pages in all of each statement of the day, by its short name."""
    found = lab.execute(COUNTS, (list(STATEMENTS),)).rows
    return {
        "pages for a call": {NAMES[query]: round(pages / calls) for query, calls, pages in found},
        "calls": {NAMES[query]: calls for query, calls, _ in found},
        "pages in all": {NAMES[query]: pages for query, _, pages in found},
    }


@dataclass(frozen=True)
class DayCost:
    """The pages that a day takes, by statement."""

    pages: dict[str, int]

    @property
    def total(self) -> int:
        """The pages that the whole day takes."""
        return sum(self.pages.values())

    def saving(self, later: DayCost) -> dict[str, int]:
        """How many pages fewer each statement takes in the day `later`."""
        return {statement: count - later.pages[statement] for statement, count in self.pages.items()}


def measure_day(lab: Lab, calls: Mapping[str, int], rng: random.Random) -> DayCost:
    """Count the pages of a day: those of a few calls of each statement, times how often it is sent."""
    return DayCost({one: round(number * _measure_call(lab, one, rng)) for one, number in calls.items()})


def _measure_call(lab: Lab, statement: str, rng: random.Random) -> float:
    values = rng.sample(range(1, LARGEST_VALUE[statement] + 1), PROBES)
    counts = [measure_cost(lab, statement.replace("$1", str(value))).count for value in values]
    return sum(counts) / PROBES


def day_table(before: DayCost, after: DayCost) -> Table:
    """The pages of each statement before and after a change."""
    rows: list[Row] = [(one, count, after.pages[one]) for one, count in before.pages.items()]
    return Table("pages in a day", ("statement", "before", "with your index"), sorted(rows, key=lambda row: -row[1]))
