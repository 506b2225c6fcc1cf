"""Claims on queries over the web shop, judged by their rows, and on its view of order summaries."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course_data import webshop
from graders import Attempt, Mismatch, Table, claim, experiment, lab_for
from graders.labs import EngineError, Lab, OutOfBounds, Result, in_order, open_lab
from graders.labs.lab import Row
from graders.sql import tokenize
from graders.techniques.plans import measure_cost
from graders.techniques.queries import QueryExercise, query_exercise

SHOP = webshop.data(1)
TABLES = QueryExercise(webshop.SCHEMA, fixture=SHOP)
query_exercise("each-order-once", TABLES)
query_exercise("never-ordered", TABLES)
query_exercise("three-best-lines", TABLES)
query_exercise("count-open-orders", QueryExercise(webshop.SCHEMA, fixture=SHOP, values={"status": webshop.STATUSES}))

COLUMNS = ("id", "user_email", "status", "total_amount", "created_at", "units")
SIZES = (400, 1_600)
GROW = (
    "ALTER TABLE orders ADD COLUMN internal_note TEXT",
    "ALTER TABLE users ADD COLUMN password_hash TEXT",
    "ALTER TABLE order_items ADD COLUMN cost_price INTEGER",
)
NEWEST = "SELECT * FROM order_summary ORDER BY created_at DESC LIMIT 20"
LINES = "The view counts lines. How many pieces does a line with `quantity` 4 stand for?"
GUESTS = "The orders of guests have no user. Which join keeps them?"
EMPTY = "An order without a line is missing. Which join keeps it?"
NULLS = "An order without a line has 0 units. What is a sum of no rows?"
GROWN = "The view has the columns that the tables will have. Which columns does your SELECT name?"
GROUPED = "All orders are grouped before twenty of them are taken. What would add up the lines of one order alone?"


@lab_for("order-summary")
def open_shop(seed: int) -> Lab:
    """The web shop, to try views in."""
    return open_lab("SQLite", webshop.SCHEMA, webshop.data(seed))


@dataclass(frozen=True)
class Summary:
    """What a view gives, before and after its tables have grown, and what its newest rows take."""

    expected: list[Row]
    lines: dict[int, int]
    """How many lines each order has that has some."""
    found: Result
    grown: tuple[str, ...] | EngineError
    """Its columns when columns have been added to the tables."""
    steps: tuple[int, ...]
    """SQLite's steps for the newest 20 rows, at each of `SIZES`."""
    groups: bool
    """Whether the script groups rows."""


def _draw_shop(seed: int) -> dict[str, list[Row]]:
    """Few orders that collide: of guests, without lines, with several lines of one product, and with equal totals."""
    rng = random.Random(f"{seed} summary")
    users = [(number, "Ada Ruiz", f"u{number}@example.com", "Lyon", "") for number in rng.sample(range(1, 90), 4)]
    ids = rng.sample(range(100, 900), 9)
    orders = [
        (number, users[place][0] if place < 3 else None, rng.choice(webshop.STATUSES), 500, f"2026-02-{place + 1:02}")
        for place, number in enumerate(ids)
    ]
    bought = [order for order in ids[:2] + ids[4:7] for _ in range(rng.randint(1, 3))]
    lines = [(number, order, "pump", rng.randint(2, 5), 100) for number, order in enumerate(bought, start=1)]
    return {"users": users, "orders": orders, "order_items": lines}


def _summarize(data: dict[str, list[Row]]) -> list[Row]:
    emails = {number: email for number, _, email, *_ in data["users"]}
    units = {order: sum(line[3] for line in data["order_items"] if line[1] == order) for order, *_ in data["orders"]}
    return [(order, emails.get(user), *rest, units[order]) for order, user, *rest in data["orders"]]


@experiment("order-summary", condition="your script runs, and makes a view `order_summary`")
def make_view(attempt: Attempt) -> Summary:
    """Make the view on few orders, add columns to its tables; then count what its newest rows take on many."""
    data = _draw_shop(attempt.seed)
    with open_lab("SQLite", webshop.SCHEMA, data) as lab:
        found = _read_view(lab, attempt.answer)
        *_, grown = lab.outcomes([*GROW, "SELECT * FROM order_summary"])
    steps = []
    for rows in SIZES:
        with webshop.open_sized("SQLite", attempt.seed, rows) as lab:
            _run_answer(lab, attempt.answer)
            steps.append(measure_cost(lab, NEWEST).count)
    columns = grown if isinstance(grown, EngineError) else grown.columns
    groups = "GROUP" in {token.keyword for token in tokenize(attempt.answer, "SQLite")}
    return Summary(
        _summarize(data), Counter(line[1] for line in data["order_items"]), found, columns, tuple(steps), groups
    )


def _read_view(lab: Lab, script: str) -> Result:
    """What the view gives; raise `Mismatch` if there is none, or something else has been made of its name."""
    _run_answer(lab, script)
    kinds = lab.execute("SELECT type FROM sqlite_schema WHERE lower(name) = 'order_summary'").rows
    if kinds != [("view",)]:
        raise Mismatch("a view `order_summary`", f"a {kinds[0][0]} of that name" if kinds else "none")
    return _run_answer(lab, "SELECT * FROM order_summary")


def _run_answer(lab: Lab, script: str) -> Result:
    """Run the script, or read its view; raise `Mismatch` with SQLite's sentence if that is refused."""
    try:
        return lab.run(script)
    except OutOfBounds:
        raise
    except EngineError as error:
        raise Mismatch("a script that runs, and a view that can be read", error.says) from None


@claim(make_view, weight=2)
def summarizes_every_order(summary: Summary) -> None:
    """it has the six columns that are asked for, and one row for every order"""
    found, expected = summary.found, summary.expected
    if tuple(map(str.lower, found.columns)) != COLUMNS:
        raise Mismatch(", ".join(COLUMNS), ", ".join(found.columns), GROWN if len(found.columns) > len(COLUMNS) else "")
    if in_order(found.rows) != in_order(expected):
        missing, strange = _without(expected, found.rows), _without(found.rows, expected)
        told = (("not there", missing), ("there and wrong", strange))
        tables = [Table(title, COLUMNS, rows[:3], more=len(rows[3:])) for title, rows in told if rows]
        raise Mismatch(f"{len(expected)} rows", f"{len(missing)} of them not there", _hint(summary), tables)


def _without(rows: Iterable[Row], others: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row not in others]


def _hint(summary: Summary) -> str:
    """The hint of the one mistake that gives these rows; "" if none of those known does."""
    expected, found = summary.expected, in_order(summary.found.rows)
    forms = (
        (GUESTS, [row for row in expected if row[1] is not None]),
        (EMPTY, [row for row in expected if row[-1]]),
        (NULLS, [(*row[:-1], row[-1] or None) for row in expected]),
    )
    known = next((hint for hint, rows in forms if found == in_order(rows)), "")
    return known or (LINES if found == in_order(_count_lines(summary)) else "")


def _count_lines(summary: Summary) -> list[Row]:
    """The rows of a view that counts lines for pieces."""
    return [(*row[:-1], summary.lines.get(row[0], 0)) for row in summary.expected]


@claim(make_view, weight=1, after=summarizes_every_order)
def keeps_its_columns(summary: Summary) -> None:
    """it has the same six columns when columns have been added to its tables"""
    if isinstance(summary.grown, EngineError):
        raise Mismatch("a view that still can be read", f"SQLite says: {summary.grown.sentence}")
    if summary.grown != summary.found.columns:
        raise Mismatch(", ".join(summary.found.columns), ", ".join(summary.grown), GROWN)


@claim(make_view, weight=2, after=summarizes_every_order)
def newest_rows_take_little(summary: Summary) -> None:
    """its newest 20 rows take no more work where there are four times as many orders"""
    few, many = summary.steps
    if many > 2 * few:
        hint = GROUPED if summary.groups else ""
        raise Mismatch(f"about {few:,} steps, as with {SIZES[0]:,} orders", f"{many:,} with {SIZES[1]:,}", hint)
