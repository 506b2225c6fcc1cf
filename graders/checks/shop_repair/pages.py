"""Claims on the page of a customer's newest orders: its rows, its statements, and what it fetches."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course_data import shop
from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.query_patterns.page_calls import (
    read_list,
    read_page,
    require_few_rows,
    require_few_statements,
    require_value,
)
from graders.labs import open_shared_lab
from graders.labs.lab import Row
from graders.techniques.schedules import CallRecord, Series, observe_each, run_call

MAX_STATEMENTS = 2
COLUMNS = ("order_id", "total_cents", "lines")
SIZES = (2, 3, 5, 30)
CUT = "LIMIT has counted lines instead of orders. Where must the orders be chosen?"
CHILDLESS = "An order without a line belongs on the page too. Which join, or which loop, drops it?"
TIES = "Two orders have the same time. Which of them does the task want first?"
REPEATED = (
    "The same statement is sent for one order after the other. Which one statement asks for the lines of all of them?"
)
ALL_ROWS = "More is fetched than the page shows. Which condition, or which LIMIT, does the statement need?"
Page = list[tuple[Any, Any, list[Any]]]


class Customers:
    """Customers of the shop with orders drawn from a seed: equal times, equal lines, orders without a line."""

    def __init__(self, seed: int, size: int):
        rng = random.Random(f"{seed} {size} page")
        self.data = shop.data(seed, secret="salt") | {"orders": [], "order_lines": [], "payments": []}
        self.titles = {number: title for number, title, *_ in self.data["products"]}
        buyer, *others = rng.sample([row[0] for row in self.data["customers"]], 3)
        self.buyer, self.size = buyer, size
        numbers = sorted(rng.sample(range(10, 900), 2 * size + 6))
        times = [shop.moment(rng.randrange(40)) for _ in numbers]
        times[1::3] = times[0::3][: len(times[1::3])]
        owners = [rng.choice(others) if place % 3 == 2 else buyer for place in range(len(numbers))]
        # A page of rows then ends within an order, and is no page without the orders that have no line.
        own = sorted(
            (moment, number) for number, owner, moment in zip(numbers, owners, times, strict=True) if owner == buyer
        )
        many = {number: lines for (_, number), lines in zip(reversed(own), (4, 3), strict=False)}
        for place, number in enumerate(numbers):
            lines = many.get(number, rng.choice((0, 1, 2, 3)) if place % 4 else 3)
            self._add_order(rng, number, owners[place], times[place], lines)

    def _add_order(self, rng: random.Random, number: int, owner: int, moment: str, lines: int) -> None:
        products = rng.sample(sorted(self.titles), lines)
        bought = [(number, product, rng.randint(1, 3), rng.choice((250, 900))) for product in products]
        total = sum(pieces * cents for *_, pieces, cents in bought)
        self.data["order_lines"] += bought
        self.data["orders"].append((number, owner, "paid", f"key-{number}", total, moment))

    @property
    def page(self) -> Page:
        """What the page should show."""
        return self.pages(lambda order: (order[5], order[0]))[: self.size]

    def pages(self, newest: Callable[[Row], Any]) -> Page:
        """All orders of the customer, the one that is `newest` first."""
        own = sorted((order for order in self.data["orders"] if order[1] == self.buyer), key=newest, reverse=True)
        return [(order[0], order[4], self._lines_of(order[0])) for order in own]

    def _lines_of(self, order: int) -> list[Row]:
        lines = [
            (self.titles[product], pieces) for number, product, pieces, _ in self.data["order_lines"] if number == order
        ]
        return sorted(lines)


@dataclass(frozen=True)
class PageCall:
    """The page of one customer."""

    customers: Customers
    call: CallRecord[None]

    @property
    def shown(self) -> Page | None:
        """The orders that the page shows; None if it gave something else."""
        rows = read_page(self.call.value, len(COLUMNS))
        if rows is None:
            return None
        orders = [(row[0], row[1], read_list(row[2])) for row in rows]
        if any(lines is None or any(read_list(line) is None for line in lines) for *_, lines in orders):
            return None
        return [(number, total, [tuple(line) for line in lines or ()]) for number, total, lines in orders]

    @property
    def most_rows(self) -> int:
        """How many rows the page is made of."""
        return sum(1 + len(lines) for *_, lines in self.customers.page)


@experiment("newest-orders")
def call_page(attempt: Attempt) -> Series[PageCall]:
    """Call the function on shops with few orders, and on one with many."""

    def call(size: int) -> PageCall:
        customers = Customers(attempt.seed, size)
        with open_shared_lab("SQLite", shop.SCHEMA, customers.data) as lab:
            arguments = customers.buyer, customers.size
            return PageCall(customers, run_call(lab, attempt.answer, *arguments, read=lambda lab: None))

    return observe_each(call, SIZES)


@claim(call_page, weight=2)
def shows_the_newest(pages: Series[PageCall]) -> None:
    """it gives the newest orders of the customer, newest first, each with its total and its lines by title"""
    for page in pages:
        require_value(page.call)
        found, due = page.shown, page.customers.page
        if found is None:
            words = "a list of `(order_id, total_cents, lines)`, where lines is a list of `(title, pieces)`"
            raise Mismatch(words, f"`{page.call.value!r:.120}`")
        if found != due:
            told = {
                "not there": [row for row in due if row not in found],
                "wrong": [row for row in found if row not in due],
            }
            tables = [
                Table(title, COLUMNS, [(*r[:2], str(r[2])) for r in rows[:3]]) for title, rows in told.items() if rows
            ]
            words = f"{len(found)}" if len(found) != len(due) else "other orders or lines, or another order of them"
            raise Mismatch(f"{len(due)} orders", words, _choose_hint(page.customers, found), tables)


def _choose_hint(customers: Customers, found: Page) -> str:
    """The hint for a mistake that is recognised by the page that it makes; "" where none is."""
    every, due, size = customers.pages(lambda order: (order[5], order[0])), customers.page, customers.size
    if found == [order for order in due if order[2]] or found == [order for order in every if order[2]][:size]:
        return CHILDLESS
    if found == customers.pages(lambda order: order[0])[:size] or found == _ties_turned(customers):
        return TIES
    begun = [order[:2] for order in found] == [order[:2] for order in due[: len(found)]]
    rows = sum(max(1, len(lines)) for *_, lines in found)
    return CUT if begun and rows == size and found[:-1] == due[: len(found) - 1] else ""


def _ties_turned(customers: Customers) -> Page:
    return customers.pages(lambda order: (order[5], -order[0]))[: customers.size]


@claim(call_page, weight=1, after=shows_the_newest)
def sends_two_statements(pages: Series[PageCall]) -> None:
    """it sends two statements at most, however many orders it shows"""
    for page in pages:
        require_few_statements(page.call, MAX_STATEMENTS, f"{len(page.customers.page)} orders", REPEATED)


@claim(call_page, weight=1, after=shows_the_newest)
def fetches_what_it_shows(pages: Series[PageCall]) -> None:
    """it fetches no more rows than the page is made of: its orders and their lines"""
    for page in pages:
        require_few_rows(page.call, page.most_rows, ALL_ROWS)
