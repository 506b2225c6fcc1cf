"""What a report says of a shop that breaks a promise: the shortest night, its picture, and a hint where it is known."""

from __future__ import annotations

from collections.abc import Mapping

from course_data import shop as shop_data
from graders import Mismatch
from graders.figures.schedules import draw_schedule
from graders.sandbox import SandboxedFunction
from graders.techniques.migrations import PlanStep
from graders.techniques.scenarios import (
    INVARIANTS,
    Counterexample,
    PowerCuts,
    Rush,
    Shop,
    ShopFindings,
    take_in_currencies,
)

PASSWORDS = {
    f"{address}@example.com": (password, None if number == shop_data.DELETED else number)
    for number, (_, address, password) in enumerate(shop_data.CUSTOMERS, start=1)
}


def make_shop(
    seed: int, functions: Mapping[str, SandboxedFunction], plan: tuple[PlanStep, ...] = (), secret: str = ""
) -> Shop:
    """The shop of the lessons with these functions, and a migration if there is a plan."""
    rows = shop_data.data(seed, secret)
    return Shop(shop_data.SCHEMA, rows, PASSWORDS, secret, functions, plan, {2: take_in_currencies})


def require_promises(findings: ShopFindings, *invariants: str) -> None:
    """Raise `Mismatch` for the first of these invariants that was broken."""
    for name in invariants:
        if found := findings.broken.get(name):
            raise explain(found)


def require_first_order(findings: ShopFindings) -> None:
    """Raise `Mismatch` unless the first order of the night was taken as it was asked for."""
    first = [one for one in findings.night.violations if one.place == 0]
    for one in first:
        if one.invariant in ("errors", "served", "payments"):
            raise explain(findings.broken[one.invariant])


def explain(found: Counterexample) -> Mismatch:
    """What a student reads of a promise that was broken."""
    schedule = found.run.schedules.get(found.violation.place)
    picture = str(draw_schedule(schedule)) if schedule and len(schedule.values) + len(schedule.failures) > 1 else ""
    return Mismatch(INVARIANTS[found.violation.invariant], found.words, hint_on(found), picture=picture)


HINTS = {
    "UNIQUE constraint failed: orders.request_key": (
        "The same request came a second time. Its order is there: what answer does the sender want?"
    ),
    "locked": "It read first and asked for the lock later. Which BEGIN asks for the lock before anything is read?",
    "ends with an exception and leaves a transaction open": (
        "The call ended with an exception, and its transaction did not end. What releases the lock?"
    ),
    "gives its answer and leaves a transaction open": (
        "The answer was given, and the transaction did not end. Which way out of your function has no COMMIT?"
    ),
    "was taken, and lacks its line": "A line could not be had, and the rest was sold. What becomes of the whole order?",
    "as if each line were one piece": "The total adds up prices. What does a line of several pieces cost?",
    "which is not its order's number": "The order was written. What does your function return?",
    "refuses an order that it has taken before, now that too few are left": (
        "This request has its order already. Which question comes before the one for the stock?"
    ),
}
"""By what the report says."""


def hint_on(found: Counterexample) -> str:
    """The hint for a mistake that can be told by what it broke, and when; "" for any other."""
    event, words, name = found.run.events[-1], found.violation.words, found.violation.invariant
    if known := next((hint for part, hint in HINTS.items() if part in words), ""):
        return known
    if name in ("payments", "pieces") and isinstance(event, PowerCuts):
        return "The power was cut between two of your transactions. Which writes belong in the same one?"
    if name in ("stock", "pieces") and writes_from_stale_read(found):
        return "What did another buyer change between your SELECT and your UPDATE?"
    if name == "stock":
        return "More was sold than there was. What does your UPDATE do when the stock is too small?"
    if name == "pieces" and isinstance(event, Rush) and len(event.orders[0].lines) > 1:
        return "One line was refused. What happened to the pieces of the lines before it?"
    return ""


def writes_from_stale_read(found: Counterexample) -> bool:
    """Whether a buyer of the last event wrote after another had changed what they had read."""
    schedule = found.run.schedules.get(found.violation.place)
    return schedule is not None and any(map(schedule.writes_from_stale_read, set(schedule.order)))
