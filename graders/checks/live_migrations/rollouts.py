"""Claims on rollouts: plans in SQL that are run while two versions of an application read and write."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.figures.migrations import draw_schema_difference, draw_timeline
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.labs import SharedLab, open_lab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.migrations import (
    App,
    Schema,
    Timeline,
    compare_schemas,
    read_plan,
    read_schema,
    run_timeline,
)

ALONE = "No other application is running at this step. Which statement changed what this one reads?"


@dataclass(frozen=True)
class Rollout:
    """How a plan went."""

    timeline: Timeline
    """How the applications fared."""
    schema: Schema | Mismatch
    """The schema at its end."""
    goal: Schema
    """The schema that was asked for."""


def run_plan(lab: SharedLab, text: str, apps: Sequence[App], facts: Sequence[Row], goal: str) -> Rollout:
    """Run the plan `text`, which must end with the schema `goal`, beside the old application and those it starts."""
    timeline = run_timeline(lab, read_plan(text), apps, facts, ["old"])
    with open_lab("SQLite", goal, here=True) as other:
        return Rollout(timeline, catch_mismatch(lambda: read_schema(lab)), read_schema(other))


def require_uninterrupted_service(timeline: Timeline) -> None:
    """Raise `Mismatch` if an application fails, if none runs after some step, or if not the new one alone is left."""
    if fault := timeline.fault:
        hint = ALONE if fault.kind == "app misled" and len(_find_running(timeline, "misled")) < 2 else fault.hint
        raise Mismatch(fault.expected, fault.found, hint, fault.tables, str(draw_timeline(timeline)))
    running = [
        {name for name, statuses in timeline.apps.items() if statuses[place].state == "works"}
        for place in range(len(timeline.steps))
    ]
    if set() in running:
        place = running.index(set())
        found = f"none of them after step {place + 1} ({timeline.steps[place]})"
        hint = "Who serves the customers at this moment? Which application can be started before the other is stopped?"
        picture = str(draw_timeline(timeline))
        raise Mismatch("an application that is running at every moment", found, hint=hint, picture=picture)
    if running[-1] != {"new"}:
        hint = "A plan ends when the old application is gone and the new one serves. Which line says so?"
        raise Mismatch("the new application alone at the end", " and ".join(sorted(running[-1])), hint=hint)


def _find_running(timeline: Timeline, state: str) -> set[str]:
    """The applications that run at the first step after which one of them is in this state."""
    place = min(place for each in timeline.apps.values() for place, one in enumerate(each) if one.state == state)
    return {name for name, each in timeline.apps.items() if each[place].state != "not running"}


def require_goal_schema(rollout: Rollout) -> None:
    """Raise `Mismatch` if the plan does not end with the schema that was asked for."""
    schema = raise_if_mismatch(rollout.schema)
    difference = compare_schemas(rollout.goal, schema)
    if not difference:
        return
    picture = str(draw_schema_difference(rollout.goal, schema))
    if difference.extra:
        hint = "Contract takes away what only the old application needed. What is left of it?"
        raise Mismatch("the schema asked for at the end", difference.words, hint=hint, picture=picture)
    raise Mismatch("the schema asked for at the end", difference.words, picture=picture)


ONE_NAME = "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, fullname TEXT);"
TWO_NAMES = "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT);"
PEOPLE = [(1, "Ada", "Okafor"), (2, "Ludwig", "van der Berg"), (3, "Mei", "Li")]


def _name(fact: Row) -> str:
    return f"{fact[1]} {fact[2]}"


OLD = App.of_table("old", "customers", ("customer_id", "fullname"), lambda fact: (fact[0], _name(fact)))
NEW = App.of_table("new", "customers", ("customer_id", "first_name", "last_name"), lambda fact: fact)


@lab_for("expand-and-contract")
def open_people(seed: int) -> SharedLab:
    """Three customers with their names in one column, in a database for several sessions."""
    return open_shared_lab("SQLite", ONE_NAME, {"customers": [(fact[0], _name(fact)) for fact in PEOPLE]})


@experiment("expand-and-contract")
def run_rollout(attempt: Attempt) -> Rollout:
    """Run the steps in the order that was given."""
    with open_people(attempt.seed) as lab:
        return run_plan(lab, attempt.answer, [OLD, NEW], PEOPLE, TWO_NAMES)


@claim(run_rollout, weight=3)
def no_application_fails(rollout: Rollout) -> None:
    """in your order no application is refused or reads a wrong name, and the new one alone is left at the end"""
    require_uninterrupted_service(rollout.timeline)


@claim(run_rollout, after=no_application_fails)
def ends_with_two_names(rollout: Rollout) -> None:
    """at the end nothing of the old schema is left"""
    require_goal_schema(rollout)


EUROS = "CREATE TABLE products (product_id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL);"
CENTS = "CREATE TABLE products (product_id INTEGER PRIMARY KEY, name TEXT NOT NULL, cents INTEGER);"
# With nine digits added, some of these are a cent less when their euros are multiplied and cut.
PRICES = {"Ada": 1999, "Eve": 5, "Mug": 250, "Pen": 80, "Lamp": 172}
PRODUCTS = 110
# A write of one product, its triggers and theirs.
MAX_REQUEST_ROWS = 20


def _cents(fact: Row) -> int:
    """The price of a product, which its name gives away; the traffic names its products Ada7 and Eve7."""
    return PRICES.get(fact[1].rstrip("0123456789"), 0) + sum(int(sign) for sign in fact[1] if sign.isdigit())


IN_EUROS = App.of_table(
    "old", "products", ("product_id", "name", "price"), lambda fact: (*fact[:2], _cents(fact) / 100)
)
IN_CENTS = App.of_table("new", "products", ("product_id", "name", "cents"), lambda fact: (*fact[:2], _cents(fact)))


def _draw_products(seed: int) -> list[Row]:
    """Many products, whose numbers, and so their prices, are in no list."""
    rng = random.Random(seed)
    numbers = sorted(rng.sample(range(1, 1_000), PRODUCTS))
    return [(number, f"{rng.choice(('Mug', 'Pen', 'Lamp'))}{rng.randrange(1, 10**9)}", "") for number in numbers]


@lab_for("euros-to-cents")
def open_products(seed: int) -> SharedLab:
    """Many products with prices in euros, in a database for several sessions."""
    rows = [(*fact[:2], _cents(fact) / 100) for fact in _draw_products(seed)]
    return open_shared_lab("SQLite", EUROS, {"products": rows})


@experiment("euros-to-cents")
def move_to_cents(attempt: Attempt) -> Rollout:
    """Run the plan while prices are read and written in euros and in cents."""
    with open_products(attempt.seed) as lab:
        return run_plan(lab, attempt.answer, [IN_EUROS, IN_CENTS], _draw_products(attempt.seed), CENTS)


@claim(move_to_cents, weight=2)
def both_prices_stay_correct(rollout: Rollout) -> None:
    """no application is refused or reads a wrong price after any statement, and the new one alone is left at the end"""
    try:
        require_uninterrupted_service(rollout.timeline)
    except Mismatch as mismatch:
        if not _is_almost_right(mismatch):
            raise
        hint = "The price is almost right. What is 19.99 * 100, and which function makes a whole number of it?"
        raise Mismatch(mismatch.expected, mismatch.found, hint, mismatch.tables, mismatch.picture) from None


def _is_almost_right(mismatch: Mismatch) -> bool:
    """Whether what an application reads differs by at most a cent from what was written."""
    rows = [row for table in mismatch.tables for row in table.rows]
    if len(rows) != 2 or rows[0][:2] != rows[1][:2] or not isinstance(rows[0][2], (int, float)):
        return False
    wrong, right = rows[0][2], rows[1][2]
    return abs(wrong - right) <= (1 if isinstance(right, int) else 0.011)


@claim(move_to_cents, after=both_prices_stay_correct)
def writes_one_product(rollout: Rollout) -> None:
    """a write of an application changes no other product"""
    if (most := rollout.timeline.max_request_rows) > MAX_REQUEST_ROWS:
        hint = "Which rows do the statements of your triggers write?"
        raise Mismatch("the row of one product written", f"a request that wrote {most:,} rows", hint=hint)


@claim(move_to_cents, after=both_prices_stay_correct)
def ends_in_cents(rollout: Rollout) -> None:
    """at the end `products` has `cents` and no `price`, and nothing else is left"""
    require_goal_schema(rollout)
