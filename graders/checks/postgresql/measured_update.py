"""Claims on steps put in order: what an UPDATE takes is measured, and the shop is as it was."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.postgresql.shop import ON_POSTGRESQL, open_shop, read_statements, run_statement
from graders.labs import SharedLab
from graders.labs.lab import Row

CONTENT = "SELECT id, user_id, status, total_amount FROM orders ORDER BY id"
NEEDED = 3


@dataclass(frozen=True)
class Measurement:
    """What the steps showed, and what they left."""

    steps: int
    plans: list[str]
    """What EXPLAIN gave, one text for each."""
    changed: int
    """How many orders are not as they were, for another session, when the steps are done."""
    holds_locks: bool
    """Whether the transaction is still open."""


@experiment("measure-the-update", condition="PostgreSQL runs your steps in this order", description=ON_POSTGRESQL)
def run_steps(attempt: Attempt) -> Measurement:
    """Run the steps in one session, and look at the orders from another."""
    statements = read_statements(attempt.answer)
    with open_shop(attempt.seed, users=20, orders=random.Random(attempt.seed).randint(150, 300)) as lab:
        before = lab.execute(CONTENT).rows
        with lab.connect() as session:
            shown = [run_statement(session, statement) for statement in statements]
            changed, holds = _count_changes(lab, before), session.in_transaction()
        return Measurement(len(statements), [_text(rows) for rows in shown if rows], changed, holds)


def _count_changes(lab: SharedLab, before: Sequence[Row]) -> int:
    return sum(now != then for now, then in zip(lab.execute(CONTENT).rows, before, strict=True))


def _text(rows: Sequence[Row]) -> str:
    return "\n".join(str(row[0]) for row in rows)


@claim(run_steps, weight=2)
def measures_the_update(measurement: Measurement) -> None:
    """your steps show how many orders the UPDATE really changes, and how many pages it takes"""
    updates = [plan for plan in measurement.plans if plan.startswith("Update on orders")]
    if not any("actual" in plan and "Buffers:" in plan for plan in updates):
        hint = (
            "It shows what the planner expects, and has not run the UPDATE. Which word has it run?" if updates else ""
        )
        expected = "the plan of the UPDATE with its actual rows and its buffers"
        raise Mismatch(expected, "a plan with estimates only" if updates else "no such plan", hint)


@claim(run_steps, weight=2, after=measures_the_update)
def leaves_the_orders(measurement: Measurement) -> None:
    """and no order is changed when they are done"""
    if measurement.changed:
        hint = "EXPLAIN ANALYZE runs the statement, and what it changed has been committed. What takes it back?"
        raise Mismatch("orders as they were", f"{measurement.changed:,} of them changed", hint)


@claim(run_steps, after=leaves_the_orders)
def holds_nothing_open(measurement: Measurement) -> None:
    """and no transaction is open any more"""
    if measurement.holds_locks:
        hint = "The changed rows are locked for everybody else as long as your transaction is open. What ends it?"
        raise Mismatch("no open transaction", "one that is open", hint)


@claim(run_steps, after=holds_nothing_open)
def takes_no_needless_step(measurement: Measurement) -> None:
    """and no step is there that is not needed"""
    if measurement.steps > NEEDED:
        raise Mismatch(
            "the steps that are needed", f"{measurement.steps - NEEDED} more", "Which step could be left out?"
        )
