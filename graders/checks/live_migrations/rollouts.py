"""Claims on rollouts: plans in SQL that are run while two versions of an application read and write."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.figures.migrations import draw_schema_difference, draw_timeline
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import Table, raise_if_mismatch
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
from graders.techniques.schedules import query_final_state


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
        raise fault.with_picture(str(draw_timeline(timeline)))
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
PRICES = {"Ada": 1999, "Eve": 5, "Mug": 250, "Pen": 125, "Lamp": 4_599}


def _cents(fact: Row) -> int:
    """The price of a product, which its name gives away; the traffic names its products Ada7 and Eve7."""
    return PRICES.get(fact[1].rstrip("0123456789"), 0) + sum(int(sign) for sign in fact[1] if sign.isdigit())


IN_EUROS = App.of_table(
    "old", "products", ("product_id", "name", "price"), lambda fact: (*fact[:2], _cents(fact) / 100)
)
IN_CENTS = App.of_table("new", "products", ("product_id", "name", "cents"), lambda fact: (*fact[:2], _cents(fact)))


def _draw_products(seed: int) -> list[Row]:
    """Three products, whose numbers, and so their prices, are in no list."""
    rng = random.Random(seed)
    return [(number, f"{name}{rng.randrange(1, 10**6)}", "") for number, name in enumerate(("Mug", "Pen", "Lamp"), 1)]


@lab_for("euros-to-cents")
def open_products(seed: int) -> SharedLab:
    """Three products with prices in euros, in a database for several sessions."""
    rows = [(*fact[:2], _cents(fact) / 100) for fact in _draw_products(seed)]
    return open_shared_lab("SQLite", EUROS, {"products": rows})


@experiment("euros-to-cents")
def move_to_cents(attempt: Attempt) -> Rollout:
    """Run the plan while prices are read and written in euros and in cents."""
    with open_products(attempt.seed) as lab:
        return run_plan(lab, attempt.answer, [IN_EUROS, IN_CENTS], _draw_products(attempt.seed), CENTS)


@claim(move_to_cents, weight=3)
def both_prices_stay_correct(rollout: Rollout) -> None:
    """no application is refused or reads a wrong price after any statement, and the new one alone is left at the end"""
    require_uninterrupted_service(rollout.timeline)


@claim(move_to_cents, after=both_prices_stay_correct)
def ends_in_cents(rollout: Rollout) -> None:
    """at the end `products` has `cents` and no `price`, and nothing else is left"""
    require_goal_schema(rollout)


WITHOUT_STATUS = """
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, fullname TEXT, vip INTEGER NOT NULL DEFAULT 0);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id));
"""
WITH_STATUS = WITHOUT_STATUS.replace("DEFAULT 0);", "DEFAULT 0, status TEXT NOT NULL DEFAULT 'active');")
PARENTS_OF_ORDERS = "SELECT \"table\" FROM pragma_foreign_key_list('orders')"
WRONG_STATUSES = """SELECT customer_id, fullname, vip, status FROM customers
WHERE status IS NOT iif(vip, 'gold', 'active') ORDER BY customer_id"""
NOT_CARRIED = "What it writes after the copy goes into the table that is put away. What would carry it over?"
HINTS = {
    "app misled": NOT_CARRIED,
    "write lost": NOT_CARRIED,
    "app refused": "There is a moment without a table that it can use. What makes several statements one?",
    "refused": "Which table refers to the one that goes, and which pragma lets it go?",
}


@lab_for("repair-the-swap")
def open_customers_with_orders(seed: int) -> SharedLab:
    """Three customers with an order each, the second a VIP, in a database for several sessions."""
    customers = [(fact[0], _name(fact), int(fact[0] == 2)) for fact in PEOPLE]
    orders = [(fact[0], fact[0]) for fact in PEOPLE]
    return open_shared_lab("SQLite", WITHOUT_STATUS, {"customers": customers, "orders": orders})


@dataclass(frozen=True)
class Swap:
    """How a swap of tables went, beside the old application."""

    rollout: Rollout
    columns: list[str]
    """The columns of `customers` at the end."""
    parents: list[str] | Mismatch
    """The tables to which `orders` refers at the end."""
    wrong: list[Row] | Mismatch
    """The customers whose status is wrong at the end."""


@experiment("repair-the-swap")
def swap_tables(attempt: Attempt) -> Swap:
    """Run the plan, and read what it leaves."""
    with open_customers_with_orders(attempt.seed) as lab:
        return Swap(
            run_plan(lab, attempt.answer, [OLD], PEOPLE, WITH_STATUS),
            [name.casefold() for name in lab.columns("customers")],
            catch_mismatch(lambda: [name for (name,) in query_final_state(lab, PARENTS_OF_ORDERS)]),
            catch_mismatch(lambda: query_final_state(lab, WRONG_STATUSES)),
        )


@claim(swap_tables, weight=2)
def loses_no_write(swap: Swap) -> None:
    """the old application goes on all the time: none of its requests is refused, and none of its writes is lost"""
    timeline = swap.rollout.timeline
    if any(status.state == "not running" for status in timeline.apps["old"]):
        raise Mismatch("a change beside the application", "the application stopped")
    if fault := timeline.fault:
        picture = str(draw_timeline(timeline))
        raise Mismatch(fault.expected, fault.found, HINTS[fault.kind], fault.tables, picture)
    if "status" not in swap.columns:
        raise Mismatch("a change, after which `customers` has a `status`", "no such column")


@claim(swap_tables, after=loses_no_write)
def ends_with_a_status(swap: Swap) -> None:
    """at the end VIPs are 'gold' and all others 'active', orders refer to `customers`, and nothing else is left"""
    parents = raise_if_mismatch(swap.parents)
    if parents != ["customers"]:
        hint = "A foreign key goes along when its table is renamed. Where does it point after your last step?"
        found = f"they refer to {' and '.join(parents) or 'nothing'}"
        raise Mismatch("orders that refer to `customers`", found, hint=hint)
    require_goal_schema(swap.rollout)
    if wrong := raise_if_mismatch(swap.wrong):
        table = Table(
            "customers", ("customer_id", "fullname", "vip", "status"), wrong, frozenset({0}), "another status"
        )
        hint = "A default is the same for every row. Which rows need another value, and which statement gives it?"
        raise Mismatch("'gold' for VIPs and 'active' for all others", f"{wrong[0]}", hint=hint, tables=[table])
