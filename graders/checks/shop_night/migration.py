"""Claims on plans that move payments to charges in a currency while two versions of the shop take orders."""

from __future__ import annotations

from course_data import shop as shop_data
from graders import Attempt, Mismatch, claim, experiment
from graders.figures.migrations import draw_schema_difference
from graders.figures.shop_nights import draw_shop_night
from graders.labs import open_lab
from graders.techniques.migrations import PlanStep, compare_schemas, read_plan, read_schema
from graders.techniques.scenarios import (
    INVARIANTS,
    Counterexample,
    Shop,
    ShopFindings,
    judge_shop,
    take_in_currencies,
    take_in_euros,
)

CHARGES = """
CREATE TABLE charges (
    charge_id  INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL UNIQUE REFERENCES orders (order_id),
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    currency   TEXT NOT NULL,
    charged_at TEXT NOT NULL
) STRICT;
"""
GOAL = shop_data.SCHEMA + CHARGES + "DROP TABLE payments;"


def pass_night(plan: list[PlanStep], seed: int) -> ShopFindings:
    """A night in which both versions take orders while `plan` is run."""
    versions = {1: take_in_euros, 2: take_in_currencies}
    shop = Shop(shop_data.SCHEMA, shop_data.data(seed), {}, plan=tuple(plan), versions=versions)
    return judge_shop(shop, seed)


def explain_step(found: Counterexample) -> Mismatch:
    """What a student reads of a promise that broke while the plan was run."""
    words, name = found.violation.words, found.violation.invariant
    hint = ""
    if "in `charges`" in words and "has 0 rows" in words:
        hint = "Version 2 looks for this payment in `charges`. What should have copied there what version 1 wrote?"
    elif "in `payments`" in words and "has 0 rows" in words:
        hint = "Version 1 looks for this payment in `payments`. What copies there what version 2 writes?"
    elif "no such table" in words and "version 1" in words:
        hint = "Version 1 is still running, and its table is gone. What must come before that step?"
    elif "no such table" in words and "version 2" in words:
        hint = "Version 2 is running, and its table is not there. Which step must come before it starts?"
    elif "no version is running" in words:
        hint = "Nobody takes orders at this moment. Which version can be started before the other is stopped?"
    elif "UNIQUE constraint failed" in words:
        hint = "A row came back from the other table. How can a trigger tell that the order is there already?"
    return Mismatch(INVARIANTS[name], found.words, hint, picture=str(draw_shop_night(found.run)))


def require_service(findings: ShopFindings, plan: list[PlanStep]) -> None:
    """Raise `Mismatch` if a promise broke, or if not version 2 alone is left."""
    if first := next(iter(findings.night.violations), None):
        raise explain_step(findings.broken[first.invariant])
    marks = [(step.starts, step.stops) for step in plan if step.starts or step.stops]
    if ("new", "") not in marks or ("", "old") not in marks:
        hint = "At the end version 1 is stopped and version 2 takes the orders. Which lines say so?"
        raise Mismatch("lines `-- start: new` and `-- stop: old`", "at least one of them is missing", hint)


def require_goal(plan: list[PlanStep]) -> None:
    """Raise `Mismatch` unless the plan leaves the tables that were asked for."""
    with open_lab("SQLite", shop_data.SCHEMA, shop_data.data(1)) as lab, open_lab("SQLite", GOAL) as goal:
        for step in plan:
            lab.run(step.sql)
        difference = compare_schemas(read_schema(goal), read_schema(lab))
        if difference:
            picture = str(draw_schema_difference(read_schema(goal), read_schema(lab)))
            hint = "What only version 1 needed is still there. Which step removes it?" if difference.extra else ""
            raise Mismatch("`charges`, and nothing else that is new or left", difference.words, hint, picture=picture)


def register(exercise: str) -> None:
    """Register the claims on a plan."""

    @experiment(exercise)
    def run_plan(attempt: Attempt) -> tuple[ShopFindings, list[PlanStep]]:
        plan = read_plan(attempt.answer)
        return pass_night(plan, attempt.seed), plan

    @claim(run_plan, weight=2)
    def nobody_is_refused(run: tuple[ShopFindings, list[PlanStep]]) -> None:
        """no version is refused or misses a payment at any step, and at the end only version 2 is left"""
        require_service(*run)

    @claim(run_plan, after=nobody_is_refused)
    def ends_with_charges(run: tuple[ShopFindings, list[PlanStep]]) -> None:
        """at the end there is `charges`, and nothing is left of `payments` or of the steps in between"""
        require_goal(run[1])


register("order-the-rollout")
register("move-the-payments")
