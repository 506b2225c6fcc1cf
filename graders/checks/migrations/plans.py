"""Claims on plans: steps in SQL that are run while two versions of an application read and write."""

from __future__ import annotations

import random

from graders import Mismatch, claim, lab_for
from graders.figures.migration_pictures import draw_difference, draw_timeline
from graders.labs import open_lab, open_shared_lab
from graders.techniques.migrations import App, PlanStep, difference, read_schema, run_timeline, steps_of

ONE_NAME = "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, fullname TEXT);"
TWO_NAMES = "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT);"
PEOPLE = [(1, "Ada", "Okafor"), (2, "Ludwig", "van der Berg"), (3, "Mei", "Li")]
OLD = App(
    "old",
    "SELECT customer_id, fullname FROM customers",
    lambda fact: (fact[0], f"{fact[1]} {fact[2]}"),
    lambda fact: ("INSERT INTO customers (customer_id, fullname) VALUES (?, ?)", (fact[0], f"{fact[1]} {fact[2]}")),
    lambda fact: ("UPDATE customers SET fullname = ? WHERE customer_id = ?", (f"{fact[1]} {fact[2]}", fact[0])),
)
NEW = App(
    "new",
    "SELECT customer_id, first_name, last_name FROM customers",
    lambda fact: fact,
    lambda fact: ("INSERT INTO customers (customer_id, first_name, last_name) VALUES (?, ?, ?)", fact),
    lambda fact: (
        "UPDATE customers SET first_name = ?, last_name = ? WHERE customer_id = ?",
        (fact[1], fact[2], fact[0]),
    ),
)


def on_the_way(lab, plan: list[PlanStep], apps: list[App], facts: list[tuple]) -> None:
    """Run a plan under both applications, and raise what is wrong with the first step after which one fails."""
    line = run_timeline(lab, plan, apps, facts, ["old"])
    if fault := line.fault:
        raise fault.mismatch(str(draw_timeline(line)))
    idle = next((place for place in range(len(plan)) if not _running(line, place)), None)
    if idle is not None:
        found = f"none of them after step {idle + 1} ({line.steps[idle]})"
        hint = "Who serves the customers at this moment? Which application can be started before the other is stopped?"
        raise Mismatch(
            "an application that is running at every moment", found, hint=hint, picture=str(draw_timeline(line))
        )
    last = {name for name, ticks in line.apps.items() if ticks[-1].state == "works"}
    if last != {"new"}:
        hint = "A plan ends when the old application is gone and the new one serves. Which line says so?"
        raise Mismatch("the new application alone at the end", " and ".join(sorted(last)), hint=hint)


def _running(line, place: int) -> bool:
    return any(ticks[place].state != "not running" for ticks in line.apps.values())


def ends_as(lab, schema: str) -> None:
    """Raise `Mismatch` with the first object that the plan left over, lost or changed."""
    with open_lab("SQLite", schema, here=True) as wanted:
        asked, found = read_schema(wanted), read_schema(lab)
    differs = difference(asked, found)
    if not differs:
        return
    picture = str(draw_difference(asked, found))
    if differs.left:
        hint = "Contract takes away what only the old application needed. What is left of it?"
        raise Mismatch("the schema asked for at the end", differs.words, hint=hint, picture=picture)
    raise Mismatch("the schema asked for at the end", differs.words, picture=picture)


@lab_for("migrations-6")
def people(seed: int):
    """Three customers with their names in one column, in a database for several sessions."""
    rows = [(number, f"{first} {last}") for number, first, last in PEOPLE]
    return open_shared_lab("SQLite", ONE_NAME, {"customers": rows})


@claim("migrations-6", worth=3)
def no_application_fails(lab, answer):
    """in your order no application is refused or reads a wrong name, and the new one alone is left at the end"""
    on_the_way(lab, steps_of(answer), [OLD, NEW], PEOPLE)


@claim("migrations-6", worth=1, after=no_application_fails)
def ends_with_two_names(lab, answer):
    """at the end nothing of the old schema is left"""
    on_the_way(lab, steps_of(answer), [OLD, NEW], PEOPLE)
    ends_as(lab, TWO_NAMES)


EUROS = "CREATE TABLE products (product_id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL);"
CENTS = "CREATE TABLE products (product_id INTEGER PRIMARY KEY, name TEXT NOT NULL, cents INTEGER);"
PRICES = {"Ada": 1999, "Eve": 5, "Mug": 250, "Pen": 125, "Lamp": 4_599}


def _cents(fact: tuple) -> int:
    """The price of a product, which its name gives away; the traffic names its products Ada7 and Eve7."""
    return PRICES.get(fact[1].rstrip("0123456789"), 0) + sum(int(sign) for sign in fact[1] if sign.isdigit())


IN_EUROS = App(
    "old",
    "SELECT product_id, name, price FROM products",
    lambda fact: (fact[0], fact[1], _cents(fact) / 100),
    lambda fact: ("INSERT INTO products (product_id, name, price) VALUES (?, ?, ?)", (*fact[:2], _cents(fact) / 100)),
    lambda fact: (
        "UPDATE products SET name = ?, price = ? WHERE product_id = ?",
        (fact[1], _cents(fact) / 100, fact[0]),
    ),
)
IN_CENTS = App(
    "new",
    "SELECT product_id, name, cents FROM products",
    lambda fact: (fact[0], fact[1], _cents(fact)),
    lambda fact: ("INSERT INTO products (product_id, name, cents) VALUES (?, ?, ?)", (*fact[:2], _cents(fact))),
    lambda fact: ("UPDATE products SET name = ?, cents = ? WHERE product_id = ?", (fact[1], _cents(fact), fact[0])),
)


def _goods(seed: int) -> list[tuple]:
    """Three products, whose numbers, and so their prices, are in no list."""
    rng = random.Random(seed)
    return [(number, f"{name}{rng.randrange(1, 10**6)}", "") for number, name in enumerate(("Mug", "Pen", "Lamp"), 1)]


@lab_for("migrations-14")
def goods(seed: int):
    """Three products with prices in euros, in a database for several sessions."""
    rows = [(fact[0], fact[1], _cents(fact) / 100) for fact in _goods(seed)]
    return open_shared_lab("SQLite", EUROS, {"products": rows})


@claim("migrations-14", worth=3)
def both_prices_stay_right(lab, plan, seed):
    """no application is refused or reads a wrong price after any statement, and the new one alone is left at the end"""
    on_the_way(lab, steps_of(plan), [IN_EUROS, IN_CENTS], _goods(seed))


@claim("migrations-14", worth=1, after=both_prices_stay_right)
def ends_in_cents(lab, plan, seed):
    """at the end `products` has `cents` and no `price`, and nothing else is left"""
    on_the_way(lab, steps_of(plan), [IN_EUROS, IN_CENTS], _goods(seed))
    ends_as(lab, CENTS)
