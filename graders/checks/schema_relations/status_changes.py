"""Claims on the status of an order: where it begins, and which changes are legal."""

from __future__ import annotations

import random
from functools import lru_cache, partial

from graders import Attempt, claim, experiment, lab_for
from graders.checks.schema_relations.histories import (
    Deviation,
    HistoryRun,
    Model,
    RuleBook,
    Step,
    create_image,
    replay,
    run_histories,
    sorted_rows,
)
from graders.labs import Lab, open_lab
from graders.labs.lab import Row

SCHEMA = """
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY,
    status   TEXT NOT NULL DEFAULT 'new',
    note     TEXT NOT NULL DEFAULT ''
);
"""
LEGAL = {("new", "paid"), ("new", "cancelled"), ("paid", "shipped"), ("paid", "cancelled")}
STATUSES = ("new", "paid", "shipped", "cancelled")
WRONG_BEGINNING, WRONG_CHANGE, NO_STATUS = "wrong beginning", "wrong change", "no status of ours"
READ = "SELECT order_id, status, note FROM orders ORDER BY order_id"
STATEMENTS = {
    "new order": "INSERT INTO orders (order_id) VALUES ({0})",
    "with status": "INSERT INTO orders (order_id, status) VALUES ({0}, '{1}')",
    "change": "UPDATE orders SET status = '{1}' WHERE order_id = {0}",
    "change all": "UPDATE orders SET status = '{1}' WHERE status = '{2}'",
    "note": "UPDATE orders SET note = '{3}' WHERE order_id = {0}",
}
KINDS = ("new order", "with status", "change", "change", "change", "change", "change all", "note")
NOTES = ("call first", "gift", "")


class Orders(Model):
    """Orders with status and note, by number."""

    def __init__(self) -> None:
        self.kept: dict[int, Row] = {}

    def _changed(self, step: Step) -> dict[int, Row]:
        """The rows that the step writes, as they would be."""
        order, status, old, note = step.values
        if step.kind in ("new order", "with status"):
            return {order: ("new" if step.kind == "new order" else status, "")}
        if step.kind == "change all":
            return {number: (status, row[1]) for number, row in self.kept.items() if row[0] == old}
        if order not in self.kept:
            return {}
        row = self.kept[order]
        return {order: (row[0], note) if step.kind == "note" else (status, row[1])}

    def broken_rule(self, step: Step) -> str:
        """The first rule that one of the rows breaks."""
        for order, (status, _) in self._changed(step).items():
            if status not in STATUSES:
                return NO_STATUS
            if order not in self.kept and status != "new":
                return WRONG_BEGINNING
            if order in self.kept and status != (old := self.kept[order][0]) and (old, status) not in LEGAL:
                return WRONG_CHANGE
        return ""

    def apply(self, step: Step) -> None:
        """Take the change over."""
        self.kept |= self._changed(step)

    def rows(self) -> list[list[Row]]:
        """All orders, by number."""
        return [[(number, *row) for number, row in sorted_rows(self.kept)]]


def draw_step(first: int, others: list[str], rng: random.Random, number: int, model: Orders) -> Step:
    """A change of one or all orders of a status; now and then to a status that there is not."""
    kind = rng.choice(KINDS) if model.kept else rng.choice(KINDS[:2])
    order = first + number if kind in KINDS[:2] else rng.choice(list(model.kept))
    status = rng.choice([*STATUSES, *STATUSES, *others])
    values = (order, status, rng.choice(STATUSES), rng.choice(NOTES))
    return Step(kind, STATEMENTS[kind].format(*values), values)


@lru_cache(maxsize=2)
def make_rule_book(seed: int) -> RuleBook:
    """The rules, and the numbers and foreign words of this seed."""
    rng = random.Random(seed)
    others = [rng.choice(("Paid", "SHIPPED", "New")), rng.choice(("sent", "pending", "lost", ""))]
    draw = partial(draw_step, rng.randint(1, 500), others)
    rules = {
        WRONG_CHANGE: ("change", "change all"),
        WRONG_BEGINNING: ("with status",),
        NO_STATUS: ("with status", "change", "change all"),
    }
    return RuleBook(Orders, draw, rules, (READ,), seed)


@lab_for("legal-status-changes")
def open_orders(seed: int) -> Lab:
    """The table without rows."""
    return open_lab("SQLite", SCHEMA)


@experiment("legal-status-changes", condition="SQLite accepts your script")
def change_orders(attempt: Attempt) -> HistoryRun:
    """Run the script, and then histories of orders whose status changes."""
    return run_histories(create_image(SCHEMA, attempt.answer), make_rule_book(attempt.seed))


@claim(change_orders, weight=2)
def refuses_other_changes(run: HistoryRun) -> None:
    """every other change of a status is refused"""
    hint = "The new word is a good one, but not after the old one. Does your rule look at both?"
    run.require_refused(WRONG_CHANGE, hint)


@claim(change_orders)
def refuses_other_beginnings(run: HistoryRun) -> None:
    """an order that does not begin as `new` is refused"""
    run.require_refused(WRONG_BEGINNING, "The order was born with this status. Which event of yours fires then?")


@claim(change_orders, weight=0.5)
def refuses_foreign_words(run: HistoryRun) -> None:
    """a status that is none of the four is refused"""
    run.require_refused(NO_STATUS, "This word is none of the four. Against what does your rule compare it?")


@claim(change_orders, after=refuses_other_changes)
def takes_legal_changes(run: HistoryRun) -> None:
    """every legal change goes through, and so does one that leaves the status as it is"""
    run.require_allowed(_explain)


def _explain(wrong: Deviation) -> str:
    if not wrong.refusal or wrong.last.kind in KINDS[:2]:
        return ""
    orders = Orders()
    replay(orders, wrong.steps[:-1])
    before = dict(orders.kept)
    orders.apply(wrong.last)
    if all(row[0] == before[number][0] for number, row in orders.kept.items()):
        return "The status is what it was before. Which change does your rule see?"
    return "This change is in the list of the task. Is it in yours?"
