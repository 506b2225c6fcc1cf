"""Claims on orders: steps put in order, and a function that takes orders from many buyers."""

from __future__ import annotations

import random

from course_data import shop as shop_data
from graders import Attempt, Mismatch, claim, experiment
from graders.checks.shop_orders.explanations import explain, make_shop, require_first_order, require_promises
from graders.techniques.scenarios import (
    BUYERS,
    Order,
    PowerCuts,
    Rush,
    Shop,
    ShopFindings,
    judge_scenario,
    judge_shop,
)

# The product, the pieces, the customer and the key that the steps of the exercise are about.
PRODUCT, PIECES, CUSTOMER, KEY = 5, 2, 1, "web-17"


def _run_steps(steps: str) -> Shop:
    """A shop whose program for orders is these steps, for any customer and key."""

    def take(order: Order) -> str:
        return steps.replace(f"'{KEY}'", f"'{order.key}'").replace(f"VALUES ({CUSTOMER},", f"VALUES ({order.customer},")

    return Shop(shop_data.SCHEMA, shop_data.data(1), {}, versions={1: take})


def _steps_night(seed: int) -> tuple[Rush | PowerCuts, ...]:
    """An order alone, one that is cut off, more orders than there are pieces, and eight at the same time."""
    rng = random.Random(f"{seed} steps")

    def order(buyer: str, number: int) -> Order:
        return Order(buyer, 1 + number % 2, ((PRODUCT, PIECES),), f"web-{100 + number}")

    turns = tuple(rng.choices(BUYERS, k=60))
    crowd = tuple(order(buyer, 10 + number) for number, buyer in enumerate(BUYERS))
    alone = tuple(Rush((order("Ada", 30 + number),)) for number in range(14))
    return (Rush((order("Ada", 1),)), PowerCuts(order("Ben", 2)), Rush(crowd, turns), *alone)


@experiment("order-the-purchase")
def run_purchase(attempt: Attempt) -> ShopFindings:
    """Run the steps for one buyer, with power cuts, and for eight at the same time."""
    return judge_scenario(_run_steps(attempt.answer), _steps_night(attempt.seed))


@claim(run_purchase)
def purchase_is_made(findings: ShopFindings) -> None:
    """one buyer gets what they asked for, with an order, its line and its payment"""
    for one in findings.night.violations:
        if one.place == 0:
            mismatch = explain(findings.broken[one.invariant])
            raise Mismatch(mismatch.expected, mismatch.found, hint_on_steps(findings))


def hint_on_steps(findings: ShopFindings) -> str:
    """The hint for steps that do nothing for a single buyer, from what was run."""
    schedule = findings.night.schedules[0]
    steps = [step.statement for step in schedule.steps]
    made = next((place for place, step in enumerate(steps) if step.startswith("INSERT INTO orders")), len(steps))
    if any(step.startswith(("INSERT INTO order_lines", "INSERT INTO payments")) for step in steps[:made]):
        return "A line and a payment look up the order. Which step must come before them?"
    if any("no transaction is active" in failure for failure in schedule.failures.values()):
        return "COMMIT ends a transaction that runs. Which BEGIN does each of yours belong to?"
    if schedule.left_open:
        return "Nothing is kept of a transaction that does not end. Which step ends yours?"
    return ""


@claim(run_purchase, weight=2, after=purchase_is_made)
def purchase_is_whole(findings: ShopFindings) -> None:
    """after every power cut, and with eight buyers, each piece is sold or left, and each order is paid once"""
    if found := next(iter(findings.broken.values()), None):
        raise explain(found)


@experiment("place-an-order")
def pass_evening(attempt: Attempt) -> ShopFindings:
    """Take orders from eight buyers, with requests that come twice and power cuts."""
    return judge_shop(make_shop(attempt.seed, {"place_order": attempt.answer}), attempt.seed)


@claim(pass_evening)
def takes_an_order(findings: ShopFindings) -> None:
    """an order for what is in stock is taken at today's prices and paid, and its number is returned"""
    require_first_order(findings)
    require_promises(findings, "served")


@claim(pass_evening, weight=2, after=takes_an_order)
def keeps_every_piece(findings: ShopFindings) -> None:
    """with eight buyers, with power cuts and with orders that are refused, each piece is sold once or left"""
    require_promises(findings, "stock", "pieces")


@claim(pass_evening, weight=2, after=takes_an_order)
def pays_once(findings: ShopFindings) -> None:
    """a request that is sent again, also after a power cut, has one order, one payment and the same number"""
    require_promises(findings, "payments")


@claim(pass_evening, after=takes_an_order)
def adds_up(findings: ShopFindings) -> None:
    """each total is the sum of its lines and equals what was paid, to the cent"""
    require_promises(findings, "totals")


@claim(pass_evening, after=takes_an_order)
def refuses_nobody(findings: ShopFindings) -> None:
    """nobody who could be served gets an error, and no transaction stays open"""
    require_promises(findings, "errors")
