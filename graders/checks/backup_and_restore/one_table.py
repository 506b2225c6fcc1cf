"""Claims on a script that brings one table back beside others that have gone on."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment, lab_for
from graders.labs import EngineError, Lab, open_lab
from graders.labs.lab import Row

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE, cents INTEGER NOT NULL
);
CREATE TABLE night (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
CREATE INDEX customers_by_email ON customers (email);
"""
COLUMNS = ("id", "name", "email")
NAMES = ("Ada", "Ben", "Cem", "Mei", "Pia O'Neill", "Zoë")
OBJECTS = "SELECT type, name FROM sqlite_schema WHERE tbl_name = 'customers' ORDER BY name"


class Accident:
    """Customers before and after an accident, drawn from a seed, and the orders of those who are there."""

    def __init__(self, seed: int):
        rng = random.Random(f"{seed} one table")
        ids = sorted(rng.sample(range(1, 60), 9))
        self.night: list[Row] = [self._draw_customer(rng, number) for number in ids[:7]]
        gone = rng.choice(self.night[1:-1])
        self.new: list[Row] = [self._draw_customer(rng, number) for number in (*ids[7:], rng.randint(61, 90))]
        left = [row for row in self.night if row != gone]
        self.damaged: list[Row] = [(number, "?", None) for number, *_ in left] + self.new
        owners = [number for number, *_ in self.damaged]
        self.orders: list[Row] = [
            (number, owner, rng.randint(100, 9000)) for number, owner in enumerate(owners + owners[:3], start=1)
        ]

    @staticmethod
    def _draw_customer(rng: random.Random, number: int) -> Row:
        return number, rng.choice(NAMES), None if rng.random() < 0.2 else f"{number}@example.com"

    def open(self) -> Lab:
        """The shop after the accident, with the customers of the night in `night`."""
        return open_lab("SQLite", SCHEMA, {"customers": self.damaged, "orders": self.orders, "night": self.night})


@lab_for("restore-one-table")
def open_accident(seed: int) -> Lab:
    """The shop after the accident."""
    return Accident(seed).open()


@dataclass(frozen=True)
class Repair:
    """What a script left of the shop."""

    accident: Accident
    customers: list[Row]
    orders: list[Row]
    objects: list[Row]
    """The customers' table and its indexes."""


@experiment("restore-one-table", condition="your script runs")
def repair_shop(attempt: Attempt) -> Repair:
    """Run the script on the shop after the accident."""
    accident = Accident(attempt.seed)
    with accident.open() as lab:
        objects = lab.execute(OBJECTS).rows
        run_script(lab, attempt.answer)
        if lab.execute(OBJECTS).rows != objects:
            objects = []
        return Repair(accident, read_rows(lab, "customers"), read_rows(lab, "orders"), objects)


def read_rows(lab: Lab, table: str) -> list[Row]:
    """The rows of a table after the script; raise `Mismatch` if it is gone."""
    try:
        return sorted(lab.execute(f"SELECT * FROM {table}").rows, key=repr)
    except EngineError as error:
        raise Mismatch(f"a table `{table}` afterwards", error.says) from None


def run_script(lab: Lab, script: str) -> None:
    """Run the script; raise `Mismatch` if the engine refuses a part of it."""
    try:
        lab.run(script)
    except EngineError as error:
        raise Mismatch("a script that runs", error.says) from None


@claim(repair_shop)
def brings_customers_back(repair: Repair) -> None:
    """every customer of the night is back as in the night, and those who came since are as they were"""
    accident = repair.accident
    right = sorted([*accident.night, *accident.new], key=repr)
    if repair.customers == right:
        return
    missing = [row for row in right if row not in repair.customers]
    hint = ""
    if set(missing) == set(accident.new):
        hint = "Who came since the night is in no backup. Why are they gone from your table?"
    elif len(missing) == 1 and len(repair.customers) == len(right) - 1:
        hint = "Somebody who was deleted in the accident is still missing. What do you do with rows that are not there?"
    elif {row for row in accident.damaged if row[1] == "?"} <= set(repair.customers):
        hint = "Rows that are there kept their damaged values. What should happen where the id is there already?"
    table = Table("customers who are not as they should be", COLUMNS, missing[:5], more=max(0, len(missing) - 5))
    raise Mismatch(f"{len(right)} customers", f"{len(right) - len(missing)} of them", hint, [table] if missing else [])


@claim(repair_shop, after=brings_customers_back)
def harms_no_others(repair: Repair) -> None:
    """no order is lost or changed, and the table of customers has its index"""
    orders = repair.accident.orders
    if repair.orders != sorted(orders, key=repr):
        lost = [row for row in orders if row not in repair.orders]
        hint = (
            "A row was deleted so that another could take its place, and its orders with it. What changes it instead?"
        )
        table = Table("lost orders", ("id", "customer_id", "cents"), lost[:5], more=max(0, len(lost) - 5))
        raise Mismatch(f"{len(orders)} orders", f"{len(repair.orders)}", hint, [table] if lost else [])
    if not repair.objects:
        raise Mismatch("the table and its index as they were", "another table, or another index")
