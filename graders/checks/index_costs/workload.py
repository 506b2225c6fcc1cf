"""Claims on indexes for a whole workload: three for a library, and those that a shop does not need."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_data import open_dataset
from course_data.cache import open_cached
from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.kernel.report import Table
from graders.labs import EngineError, Lab
from graders.sql import quote_identifier
from graders.techniques.plans import run_index_script


def read_index_names(lab: Lab) -> list[str]:
    """The names of the indexes made by CREATE INDEX, the earlier ones first."""
    made = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    return [name for (name,) in lab.execute(made).rows]


def count_steps(lab: Lab, statements: Sequence[str]) -> list[int]:
    """The steps that each of `statements` takes on a SQLite lab; each is rolled back."""
    return [_count_alone(lab, [statement])[0] for statement in statements]


def count_steps_without(lab: Lab, index: str, statements: Sequence[str]) -> list[int]:
    """The steps that `statements` would take, one after another, if `index` were not there."""
    return _count_alone(lab, statements, f"DROP INDEX {quote_identifier(index)}")


def _count_alone(lab: Lab, statements: Sequence[str], before: str = "") -> list[int]:
    """Count the steps of `statements` in a transaction that is rolled back; after a script, ours may be refused too."""
    try:
        lab.execute("BEGIN")
        if before:
            lab.execute(before)
        return [lab.count_steps(statement) for statement in statements]
    except EngineError as error:
        raise Mismatch(f"statements that {lab.engine} accepts", f"{lab.engine} says: {error.sentence}") from None
    finally:
        lab.outcomes(["ROLLBACK"])


LOANS = 16_000
MAX_INDEXES = 3
RUNS_PER_HOUR = {
    "SELECT loan_id, title, due_on FROM loans WHERE member_id = 7 ORDER BY due_on DESC LIMIT 10": 500,
    "SELECT count(*) FROM loans WHERE member_id = 7 AND status = 'open'": 200,
    "SELECT loan_id, member_id FROM loans WHERE status = 'open' AND due_on < '2023-06-01'": 60,
    "SELECT member_id, name FROM members WHERE lower(email) = 'ada.sato17@example.com'": 2000,
    "INSERT INTO loans (member_id, title, due_on, status, fine) VALUES (7, 'Dune', '2026-05-01', 'open', 0)": 300,
    "UPDATE loans SET status = 'returned', returned_on = '2026-04-30' WHERE loan_id = 77": 300,
    "SELECT title, sum(fine) FROM loans GROUP BY title": 1,
}


@lab_for("index-the-workload")
def open_library(seed: int) -> Lab:
    """The library of the lesson, with fewer loans."""
    return open_dataset("loans", seed=seed, rows=LOANS)


@dataclass(frozen=True)
class HourlyCost:
    """The steps of each statement, times how often it runs in an hour, without indexes and with those made."""

    indexes: list[str]
    before: list[int]
    after: list[int]


@experiment("index-the-workload", condition="your script runs, and makes nothing but indexes")
def measure_workload(attempt: Attempt) -> HourlyCost:
    """Count an hour of the library before and after the script."""
    with open_library(attempt.seed) as lab:
        before = _count_hourly_steps(lab)
        run_index_script(lab, attempt.answer)
        return HourlyCost(read_index_names(lab), before, _count_hourly_steps(lab))


def _count_hourly_steps(lab: Lab) -> list[int]:
    return [
        steps * times
        for steps, times in zip(count_steps(lab, list(RUNS_PER_HOUR)), RUNS_PER_HOUR.values(), strict=True)
    ]


@claim(measure_workload, weight=0)
def makes_at_most_three_indexes(hour: HourlyCost) -> None:
    """you make three indexes, or fewer"""
    if not 0 < len(hour.indexes) <= MAX_INDEXES:
        hint = "Which of them does no statement go by? Could one of them serve two statements?" if hour.indexes else ""
        raise Mismatch("one to three indexes", f"{len(hour.indexes)}", hint=hint)


@claim(measure_workload, weight=1, after=makes_at_most_three_indexes)
def costs_at_most_a_tenth(hour: HourlyCost) -> None:
    """the hour takes at most a tenth of the steps that it takes without indexes"""
    _require_part(hour, 10)


@claim(measure_workload, weight=3, after=costs_at_most_a_tenth)
def costs_at_most_a_thirtieth(hour: HourlyCost) -> None:
    """it takes at most a thirtieth of them"""
    _require_part(hour, 30)


def _require_part(hour: HourlyCost, part: int) -> None:
    allowed = sum(hour.before) // part
    if sum(hour.after) > allowed:
        costliest = max(range(len(RUNS_PER_HOUR)), key=hour.after.__getitem__)
        raise Mismatch(
            f"at most {allowed:,} steps in an hour",
            f"{sum(hour.after):,}",
            hint=f"Most of it goes into `{list(RUNS_PER_HOUR)[costliest]}`. By what does it find its rows?",
            tables=[_steps_table(hour, costliest)],
        )


def _steps_table(hour: HourlyCost, costliest: int) -> Table:
    thousands = ([round(steps / 1000) for steps in taken] for taken in (hour.before, hour.after))
    rows = list(zip(RUNS_PER_HOUR.values(), RUNS_PER_HOUR, *thousands, strict=True))
    columns = ("times", "statement", "thousand steps without indexes", "with yours")
    return Table("one hour", columns, rows, frozenset({costliest}), "most of the hour")


SHOP_SCHEMA = """
CREATE TABLE users (
    id        INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    email     TEXT NOT NULL UNIQUE
);
CREATE TABLE orders (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    status     TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE order_items (
    id         INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL REFERENCES orders (id),
    product_id INTEGER NOT NULL,
    quantity   INTEGER NOT NULL
);
CREATE INDEX idx_users_email ON users (email);
CREATE INDEX idx_users_public_id ON users (public_id);
CREATE INDEX idx_orders_user_id ON orders (user_id);
CREATE INDEX idx_orders_status ON orders (status);
CREATE INDEX idx_orders_created_at ON orders (created_at);
CREATE INDEX idx_order_items_order_id ON order_items (order_id);
"""
SHOP_STATEMENTS = (
    "SELECT id FROM users WHERE email = 'u77@example.com'",
    "SELECT id FROM users WHERE public_id = 'p-77'",
    "SELECT id, status FROM orders WHERE user_id = 77 ORDER BY created_at DESC",
    "SELECT product_id, quantity FROM order_items WHERE order_id = 77",
    "DELETE FROM users WHERE id = 1077",
)
USERS, BUYERS, ORDERS = 1_200, 1_000, 3_000
SLACK = 1.2


@lab_for("drop-unused-indexes")
def open_shop(seed: int) -> Lab:
    """Users, those from number 1,001 on without orders; orders, nearly all of them done; two items an order."""
    return open_cached("SQLite", Path(__file__), SHOP_SCHEMA, _draw_shop, seed, ORDERS)


def _draw_shop(seed: int, count: int) -> dict[str, list[tuple]]:
    """The rows of the shop with `count` orders."""
    rng = random.Random(seed)
    orders = [
        (number, rng.randint(1, BUYERS), "done" if rng.random() < 0.98 else "open", f"2026-{rng.randint(1, 12):02}-01")
        for number in range(1, count + 1)
    ]
    items = [(number, (number + 1) // 2, rng.randint(1, 90), rng.randint(1, 4)) for number in range(1, 2 * count)]
    users = [(number, f"p-{number}", f"u{number}@example.com") for number in range(1, USERS + 1)]
    return {"users": users, "orders": orders, "order_items": items}


@dataclass(frozen=True)
class ShopCosts:
    """The steps of each statement of the shop."""

    before: list[int]
    after: list[int]
    without: dict[str, list[int]]
    """What they would be without one of the indexes that are left, by its name."""


@experiment("drop-unused-indexes", condition="your script runs, and changes indexes and nothing else")
def change_indexes(attempt: Attempt) -> ShopCosts:
    """Count the shop's statements before the script, after it, and without each index that it leaves."""
    with open_shop(attempt.seed) as lab:
        names, before = read_index_names(lab), count_steps(lab, SHOP_STATEMENTS)
        run_index_script(lab, attempt.answer)
        left = read_index_names(lab)
        if left == names:
            raise Mismatch("other indexes than before", "the same ones")
        after = count_steps(lab, SHOP_STATEMENTS)
        # A DROP that is rolled back makes SQLite read its schema anew, which counts: so this comes last.
        return ShopCosts(before, after, {name: count_steps_without(lab, name, SHOP_STATEMENTS) for name in left})


@claim(change_indexes)
def no_statement_costs_more(work: ShopCosts) -> None:
    """no statement of the shop takes more work than before"""
    rows = list(zip(SHOP_STATEMENTS, work.before, work.after, strict=True))
    costlier = _costlier(work.before, work.after)
    if costlier:
        statement = SHOP_STATEMENTS[max(costlier)]
        raise Mismatch(
            "no statement to take more steps",
            f"{len(costlier)} of {len(rows)} that do",
            hint="To delete a user, SQLite looks for orders that refer to that user. By which index did it look?"
            if statement.startswith("DELETE")
            else f"By which index did `{statement}` find its rows?",
            tables=[Table("steps", ("statement", "before", "after"), rows, costlier, "more")],
        )


def _costlier(before: Sequence[int], after: Sequence[int]) -> frozenset[int]:
    """The places of the statements that take more steps than before, but for a few."""
    return frozenset(place for place, (was, now) in enumerate(zip(before, after, strict=True)) if now > SLACK * was)


@claim(change_indexes, weight=2, after=no_statement_costs_more)
def every_index_is_used(work: ShopCosts) -> None:
    """every index that is left makes a statement of the shop cheaper"""
    idle = [name for name, steps in work.without.items() if not _costlier(work.after, steps)]
    if idle:
        twin = next((name for name in idle if name.startswith("idx_users")), "")
        raise Mismatch(
            "no index that all of them do as well without",
            ", ".join(f"`{name}`" for name in idle),
            hint=f"The column of `{twin}` is UNIQUE. By what does SQLite notice a value that is there already?"
            if twin
            else f"Look for the column of `{idle[0]}` in the statements: which of them finds its rows by it?",
        )
