"""Claims on the steps that move a wide table into several, put in order."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import count

from course_data import orders
from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.labs import EngineError, Lab, Result, open_lab
from graders.labs.lab import Row
from graders.techniques.queries import multiset_difference, require_columns

NOT_UNIQUE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
RIGHT_EMAIL = "hana.sato17@example.com"


@lab_for("order-the-move")
def open_small_shop(seed: int) -> Lab:
    """The order lines of a small shop, in which the first line of customer 17 has an old e-mail."""
    return open_lab("SQLite", orders.SCHEMA, {"order_lines": _draw_small_shop(seed)})


def _draw_small_shop(seed: int) -> list[Row]:
    for number in count(seed):
        rows = orders.flat(random.Random(number), orders=60, customers=20, products=8)
        places = [place for place, row in enumerate(rows) if row[2] == orders.TWO_TRUTHS]
        if len(places) > 2:
            rows[places[0]] = (*rows[places[0]][:4], orders.OLD_EMAIL, *rows[places[0]][5:])
            return rows
    raise AssertionError("there are seeds without end")


@dataclass(frozen=True)
class MovedShop:
    """What the name `order_lines` stands for after the steps."""

    kind: str
    """ "table" or "view"; empty if nothing has the name."""
    before: Result
    """What the table gave before them."""
    after: Result
    """What the view gives; nothing where it is no view."""


@experiment("order-the-move")
def run_steps(attempt: Attempt) -> MovedShop:
    """Run the steps in their order, and read `order_lines` before and after."""
    with open_small_shop(attempt.seed) as lab:
        before = lab.run("SELECT * FROM order_lines")
        try:
            lab.run(attempt.answer)
        except EngineError as error:
            raise Mismatch("no step to be refused", _describe_step(error), hint=_explain_order(error)) from None
        kinds = lab.run("SELECT type FROM sqlite_schema WHERE name = 'order_lines'").rows
        kind = kinds[0][0] if kinds else ""
        return MovedShop(kind, before, lab.run("SELECT * FROM order_lines") if kind == "view" else Result())


def _describe_step(error: EngineError) -> str:
    first = " ".join(error.statement.split())[:60]
    return f"SQLite says: {error.sentence} (at the step that begins with `{first}…`)"


def _explain_order(error: EngineError) -> str:
    if error.code in NOT_UNIQUE:
        return "One customer still has two e-mails at this moment. What has to be decided before the copy?"
    if error.code == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return "These rows name customers or orders that are not there yet. Who comes first?"
    if not error.statement.lstrip().upper().startswith("CREATE"):
        return "This step needs a table that is not there yet, or no more."
    return "The name is still taken: what has to go before the view can have it?"


@claim(run_steps)
def every_step_runs(shop: MovedShop) -> None:
    """SQLite runs your steps in this order"""


@claim(run_steps, weight=2, after=every_step_runs)
def old_shape_is_back(shop: MovedShop) -> None:
    """after them `order_lines` is a view that gives all the lines, each with the right e-mail"""
    if shop.kind != "view":
        found = f"a {shop.kind}" if shop.kind else "nothing of that name"
        raise Mismatch("a view", found, hint="Which step lets the old programs go on reading `order_lines`?")
    require_columns(shop.after, shop.before.columns, "order_lines", names=False)
    right = [(*row[:4], RIGHT_EMAIL, *row[5:]) if row[2] == orders.TWO_TRUTHS else row for row in shop.before.rows]
    missing, unwanted = multiset_difference(shop.after.rows, right)
    if unwanted and unwanted[0][4] == orders.OLD_EMAIL:
        hint = "A step has chosen between two e-mails without asking you. Which one, and which e-mail did it keep?"
        raise Mismatch(f"{RIGHT_EMAIL} for customer 17", orders.OLD_EMAIL, hint=hint)
    if missing:
        hint = "The lines were copied from `order_lines`: is there a step that does it?"
        raise Mismatch(f"{len(right)} lines", f"{len(right) - len(missing)} of them", hint=hint)
