"""Claims on a rule for addresses: at most one of a customer's is the default."""

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
CREATE TABLE addresses (
    address_id  INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL,
    street      TEXT NOT NULL,
    is_default  INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1))
);
"""
TWO_DEFAULTS = "two defaults"
READ = "SELECT address_id, customer_id, street, is_default FROM addresses ORDER BY address_id"
STREETS = ("Mill Lane 3", "High Street 12", "Harbour 1")


class Addresses(Model):
    """Addresses by their numbers."""

    def __init__(self) -> None:
        self.kept: dict[int, Row] = {}

    def _after(self, step: Step) -> dict[int, Row]:
        address, customer, street, default = step.values
        changed = dict(self.kept)
        old = self.kept.get(address)
        if step.kind == "new":
            changed[address] = (customer, street, default)
        elif old and step.kind == "mark":
            changed[address] = (*old[:2], default)
        elif old and step.kind == "move":
            changed[address] = (customer, *old[1:])
        elif old and step.kind == "street":
            changed[address] = (old[0], street, old[2])
        elif step.kind == "delete":
            changed.pop(address, None)
        return changed

    def broken_rule(self, step: Step) -> str:
        """Whether a customer would have two defaults."""
        defaults = [customer for customer, _, default in self._after(step).values() if default]
        return TWO_DEFAULTS if len(set(defaults)) < len(defaults) else ""

    def apply(self, step: Step) -> None:
        """Take the change over."""
        self.kept = self._after(step)

    def rows(self) -> list[list[Row]]:
        """All addresses, by number."""
        return [[(number, *row) for number, row in sorted_rows(self.kept)]]


STATEMENTS = {
    "new": "INSERT INTO addresses VALUES ({0}, {1}, '{2}', {3})",
    "mark": "UPDATE addresses SET is_default = {3} WHERE address_id = {0}",
    "move": "UPDATE addresses SET customer_id = {1} WHERE address_id = {0}",
    "street": "UPDATE addresses SET street = '{2}' WHERE address_id = {0}",
    "delete": "DELETE FROM addresses WHERE address_id = {0}",
}
KINDS = ("new", "new", "new", "mark", "mark", "move", "street", "delete")


def draw_step(first: int, customers: list[int], rng: random.Random, number: int, model: Addresses) -> Step:
    """A change of an address of one of a few customers."""
    kind = rng.choice(KINDS) if model.kept else "new"
    address = first + number if kind == "new" else rng.choice(list(model.kept))
    values = (address, rng.choice(customers), rng.choice(STREETS), rng.randint(0, 1))
    return Step(kind, STATEMENTS[kind].format(*values), values)


@lru_cache(maxsize=2)
def make_rule_book(seed: int) -> RuleBook:
    """The one rule, and the customers and numbers of this seed."""
    rng = random.Random(seed)
    draw = partial(draw_step, rng.randint(1, 500), rng.sample(range(1, 100), 2))
    return RuleBook(Addresses, draw, {TWO_DEFAULTS: ("new", "mark", "move")}, (READ,), seed)


@lab_for("one-default-address")
def open_addresses(seed: int) -> Lab:
    """The table without rows."""
    return open_lab("SQLite", SCHEMA)


@experiment("one-default-address", condition="SQLite accepts your script")
def change_addresses(attempt: Attempt) -> HistoryRun:
    """Run the script, and then histories of addresses that come, change and go."""
    return run_histories(create_image(SCHEMA, attempt.answer), make_rule_book(attempt.seed))


@claim(change_addresses)
def refuses_a_second_default(run: HistoryRun) -> None:
    """every change after which a customer has two defaults is refused"""
    last = run.deviations[TWO_DEFAULTS].last.kind if TWO_DEFAULTS in run.deviations else ""
    hint = (
        "No row was added: one that is there has changed. Does your rule look at it then?"
        if last in ("mark", "move")
        else "A second default came in as a new row. What does your rule forbid?"
    )
    run.require_refused(TWO_DEFAULTS, hint)


@claim(change_addresses, after=refuses_a_second_default)
def takes_any_other_address(run: HistoryRun) -> None:
    """every change that leaves each customer one default or none goes through, and changes no other row"""
    run.require_allowed(_explain)


def _explain(wrong: Deviation) -> str:
    if not wrong.refusal:
        return "The rows are not what the last statement makes of them. Which of your triggers writes one?"
    table = Addresses()
    replay(table, wrong.steps[:-1])
    before = list(table.kept.values())
    table.apply(wrong.last)
    defaults = [customer for customer, _, default in table.kept.values() if default]
    changed = [row for row in table.kept.values() if row not in before] or list(table.kept.values())
    if changed[-1][2]:
        return (
            "Each customer has one default here. How many customers does your rule allow one?"
            if len(defaults) > 1
            else ""
        )
    return "An ordinary address was refused. Which rows should your rule not look at?"
