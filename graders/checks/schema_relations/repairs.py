"""Claims on the steps that repair orders of nobody and turn the foreign key on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.labs import EngineError, Lab, Result, open_lab
from graders.labs.lab import Row

SCHEMA = """
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (
    order_id    INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    cents       INTEGER NOT NULL
);
"""
READS = (
    "SELECT customer_id, name FROM customers ORDER BY customer_id",
    "SELECT order_id, customer_id, cents FROM orders ORDER BY order_id",
)
TURN_OFF, TURN_ON = "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"
NOT_KNOWN = (0, "not known")
NAMES = ("Ada", "Ben", "Carla", "Dara", "Edgar")
State = list[list[Row]]


@dataclass(frozen=True)
class Repair:
    """What came of the steps."""

    refusal: EngineError | None
    """Of the first step that was refused."""
    before: State
    """The customers and the orders before the steps."""
    due: State
    """What they should be afterwards."""
    cuts: list[tuple[str, State]]
    """After each step: the step, and what is left if the power is cut then."""
    key_is_on: bool
    """Whether an order of nobody is refused in the end."""
    turns_on: bool
    """Whether a step says that the key is to be on."""
    left_open: bool
    """Whether a transaction is still open after the last step."""

    @property
    def after(self) -> State:
        """What the last step leaves."""
        return self.cuts[-1][1] if self.cuts else self.before


def draw_shop(seed: int) -> tuple[list[Row], list[Row]]:
    """Customers, and orders of which some name a customer who is gone; one of them twice."""
    rng = random.Random(seed)
    numbers = rng.sample(range(1, 1_000), 8)
    customers, gone = sorted(zip(numbers[:5], NAMES, strict=True)), numbers[5:]
    buyers = [*numbers[:4], *gone, gone[0], *rng.choices(numbers, k=6)]
    rng.shuffle(buyers)
    first = rng.randint(1, 500)
    return customers, [(first + place, buyer, rng.randint(1, 99) * 100) for place, buyer in enumerate(buyers)]


@experiment("order-the-repair")
def run_steps(attempt: Attempt) -> Repair:
    """Run the steps on a connection on which the key is off, with a power cut after each."""
    customers, orders = draw_shop(attempt.seed)
    known = {number for number, _ in customers}
    due = [(order, buyer if buyer in known else 0, cents) for order, buyer, cents in orders]
    with open_lab("SQLite") as lab:
        steps = lab.statements(attempt.answer)
        cuts = [(step, _cut_after(lab, steps[:number], customers, orders)) for number, step in enumerate(steps, 1)]
        outcomes = _run(lab, steps, customers, orders)
        stranger = lab.outcomes([f"INSERT INTO orders VALUES (0, {max(known) + 1_000}, 1)"])[0]
        return Repair(
            next((outcome for outcome in outcomes if isinstance(outcome, EngineError)), None),
            [customers, orders],
            [[NOT_KNOWN, *customers], due],
            cuts,
            isinstance(stranger, EngineError),
            TURN_ON in steps,
            isinstance(lab.outcomes(["COMMIT"])[0], Result),
        )


def _run(lab: Lab, steps: Sequence[str], customers: list[Row], orders: list[Row]) -> list[Result | EngineError]:
    lab.rewind()
    lab.run(TURN_OFF)
    lab.run(SCHEMA)
    lab.fill({"customers": customers, "orders": orders})
    return lab.outcomes(steps)


def _cut_after(lab: Lab, steps: Sequence[str], customers: list[Row], orders: list[Row]) -> State:
    """What is left when the power is cut after the last of `steps`: what was not committed is gone."""
    _run(lab, steps, customers, orders)
    lab.outcomes(["ROLLBACK"])
    return [lab.run(query).rows for query in READS]


@claim(run_steps, weight=0)
def every_step_runs(repair: Repair) -> None:
    """SQLite runs your steps in this order, and ends the transaction that they begin"""
    if repair.refusal and repair.refusal.code == "SQLITE_CONSTRAINT_FOREIGNKEY":
        hint = "The key is on, and this step names customer 0. Who must be there first?"
        raise Mismatch("no step to be refused", _describe(repair.refusal), hint)
    if repair.refusal:
        raise Mismatch("no step to be refused", _describe(repair.refusal))
    if repair.left_open:
        hint = "The transaction was never ended: nobody ever sees its changes. Which step ends it?"
        raise Mismatch("no open transaction at the end", "one that is still open", hint)


def _describe(refusal: EngineError) -> str:
    return f"{refusal.says} (at `{' '.join(refusal.statement.split())[:60]}`)"


@claim(run_steps, weight=2, after=every_step_runs)
def repairs_every_orphan(repair: Repair) -> None:
    """after them every order is still there, and each names a customer who is there"""
    due, orders = repair.due[1], repair.after[1]
    if len(orders) < len(due):
        lost = [row for row in repair.before[1] if row[0] not in {order for order, *_ in orders}]
        hint = "An order without a customer is still money that somebody paid. Which step throws it away?"
        tables = [Table("orders that are gone", ("order_id", "customer_id", "cents"), lost)]
        raise Mismatch(f"{len(due)} orders", f"{len(orders)}", hint, tables)
    if orders != due:
        orphans = [row for row in orders if row not in due]
        hint = "Some orders still name a customer who is not there. Which step gives them one?"
        tables = [Table("orders of nobody", ("order_id", "customer_id", "cents"), orphans)]
        raise Mismatch("every order to name a customer who is there", f"{len(orphans)} that do not", hint, tables)


@claim(run_steps, after=repairs_every_orphan)
def survives_power_cuts(repair: Repair) -> None:
    """a power cut after any step leaves the tables as they were, or repaired"""
    for step, state in repair.cuts:
        if state not in (repair.before, repair.due):
            hint = "The new customer and the new numbers belong together. What makes two steps one change?"
            found = f"after `{' '.join(step.split())[:60]}`, one of the two changes alone"
            raise Mismatch("everything as before, or everything repaired", found, hint)


@claim(run_steps, weight=2, after=repairs_every_orphan)
def turns_the_key_on(repair: Repair) -> None:
    """from then on, this connection refuses an order of nobody"""
    if repair.key_is_on:
        return
    hint = (
        "A step turns the key on, and it is still off. Where does SQLite pay no attention to that step?"
        if repair.turns_on
        else "The orders are repaired, and tomorrow's import brings new ones of nobody. Which step would refuse them?"
    )
    raise Mismatch("an order of customer nobody to be refused", "it is accepted", hint)
