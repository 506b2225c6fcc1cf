"""Claims on a plan that gives every customer a status while the old application goes on writing."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import partial

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.live_migrations.rollouts import OLD, Rollout, require_goal_schema, run_plan
from graders.checks.migrations.schema_changes import draw_people
from graders.figures.migrations import draw_timeline
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import Table, raise_if_mismatch
from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.schedules import query_final_state

WITHOUT_STATUS = """
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, fullname TEXT, vip INTEGER NOT NULL DEFAULT 0);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id));
"""
WITH_STATUS = WITHOUT_STATUS.replace("DEFAULT 0);", "DEFAULT 0, status TEXT NOT NULL DEFAULT 'active');")
PARENTS_OF_ORDERS = "SELECT \"table\" FROM pragma_foreign_key_list('orders')"
STATUSES = "SELECT customer_id, vip, status FROM customers ORDER BY customer_id"
ORDERS = "SELECT order_id, customer_id FROM orders ORDER BY order_id"
CUSTOMERS = 110
NOT_CARRIED = "What it writes after the copy goes into the table that is put away. What would carry it over?"
NO_TABLE = "There is a moment without a table that it can use. What makes several statements one?"
HOLDS_ORDERS = "Which table refers to the one that goes, and which pragma lets it go?"
WRITTEN_MEANWHILE = re.compile(r"where \(\d+, '(Ada|Eve)\d")
PUT_AWAY = re.compile(r"\b(rename\s+to|drop\s+table)\b", re.I)


@dataclass(frozen=True)
class Shop:
    """What the shop holds before the plan."""

    people: list[Row]
    """The facts that the old application has written."""
    vips: set[int]
    """The numbers of the customers who are VIPs."""

    @property
    def orders(self) -> list[Row]:
        """An order of each customer."""
        return [(number + 1, number) for number, *_ in self.people]

    def open(self) -> SharedLab:
        """The shop, in a database for several sessions."""
        customers = [(number, f"{first} {last}", int(number in self.vips)) for number, first, last in self.people]
        return open_shared_lab("SQLite", WITHOUT_STATUS, {"customers": customers, "orders": self.orders})


def draw_shop(seed: int) -> Shop:
    """Many customers with an order each; some of them are VIPs."""
    rng = random.Random(seed)
    numbers = sorted(rng.sample(range(1, 1_000), CUSTOMERS))
    people = [(number, *name.split(" ", 1)) for number, name in zip(numbers, draw_people(rng, CUSTOMERS), strict=True)]
    return Shop(people, set(rng.sample(numbers, CUSTOMERS // 4)))


@lab_for("repair-the-swap")
def open_customers_with_orders(seed: int) -> SharedLab:
    """Many customers with an order each, some of them VIPs, in a database for several sessions."""
    return draw_shop(seed).open()


@dataclass(frozen=True)
class Swap:
    """How a swap of tables went, beside the old application."""

    rollout: Rollout
    columns: list[str]
    """The columns of `customers` at the end."""
    parents: list[Row] | Mismatch
    """The tables to which `orders` refers at the end."""
    orders: list[Row] | Mismatch
    """The orders at the end."""
    statuses: list[Row] | Mismatch
    """Number, `vip` and status of each customer at the end."""
    shop: Shop
    """The shop before."""
    puts_away: bool
    """Whether the plan renames or drops a table."""


@experiment("repair-the-swap")
def swap_tables(attempt: Attempt) -> Swap:
    """Run the plan, and read what it leaves."""
    shop = draw_shop(attempt.seed)
    with shop.open() as lab:
        rollout = run_plan(lab, attempt.answer, [OLD], shop.people, WITH_STATUS)
        columns = [name.casefold() for name in lab.columns("customers")]
        parents, orders, statuses = (
            catch_mismatch(partial(query_final_state, lab, query)) for query in (PARENTS_OF_ORDERS, ORDERS, STATUSES)
        )
    return Swap(rollout, columns, parents, orders, statuses, shop, bool(PUT_AWAY.search(attempt.answer)))


@claim(swap_tables, weight=2)
def loses_no_write(swap: Swap) -> None:
    """the old application goes on all the time: none of its requests is refused, and none of its writes is lost"""
    timeline = swap.rollout.timeline
    if any(status.state == "not running" for status in timeline.apps["old"]):
        raise Mismatch("a change beside the application", "the application stopped")
    if fault := timeline.fault:
        picture = str(draw_timeline(timeline))
        hint = _hint_at_fault(fault.kind, fault.found, swap.puts_away)
        raise Mismatch(fault.expected, fault.found, hint, fault.tables, picture)
    if "status" not in swap.columns:
        raise Mismatch("a change, after which `customers` has a `status`", "no such column")


def _hint_at_fault(kind: str, found: str, puts_away: bool) -> str:
    if kind in ("app misled", "write lost") and puts_away and WRITTEN_MEANWHILE.search(found):
        return NOT_CARRIED
    if kind == "app refused" and "no such table" in found:
        return NO_TABLE
    return HOLDS_ORDERS if kind == "refused" and "FOREIGN KEY" in found else ""


@claim(swap_tables, after=loses_no_write)
def ends_with_a_status(swap: Swap) -> None:
    """at the end VIPs are 'gold' and all others 'active', orders refer to `customers`, and nothing else is left"""
    parents = [name for (name,) in raise_if_mismatch(swap.parents)]
    if parents != ["customers"]:
        hint = "A foreign key goes along when its table is renamed. Where does it point after your last step?"
        found = f"they refer to {' and '.join(parents) or 'nothing'}"
        raise Mismatch("orders that refer to `customers`", found, hint=hint)
    require_goal_schema(swap.rollout)
    if (orders := raise_if_mismatch(swap.orders)) != swap.shop.orders:
        raise Mismatch("the orders as they were", f"{len(orders)} orders where there were {len(swap.shop.orders)}")
    _require_statuses(raise_if_mismatch(swap.statuses), swap.shop.vips)


def _require_statuses(statuses: list[Row], vips: set[int]) -> None:
    for number, vip, status in statuses:
        right = (number, 1, "gold") if number in vips else (number, 0, "active")
        if (number, vip, status) == right:
            continue
        rows = [(number, vip, status), right]
        table = Table(
            "customers", ("customer_id", "vip", "status"), rows, frozenset({0}), "found; below it what is right"
        )
        hint = "A default is the same for every row. Which rows need another value, and which statement gives it?"
        raise Mismatch(f"{right}", f"{rows[0]}", hint=hint if vip == right[1] else "", tables=[table])
