"""Claims on a shop in which the indexes that no statement needs are dropped, and no other."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from course_data.cache import open_cached
from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.index_costs.step_counts import count_steps, count_steps_without, read_index_names
from graders.kernel.report import Table
from graders.labs import Lab
from graders.techniques.plans import REDUNDANT, Index, read_indexes, run_index_script

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
    "SELECT id FROM users WHERE email = 'u{user}@example.com'",
    "SELECT id FROM users WHERE public_id = 'p-{user}'",
    "SELECT id, status FROM orders WHERE user_id = {user} ORDER BY created_at DESC",
    "SELECT product_id, quantity FROM order_items WHERE order_id = {order}",
    "DELETE FROM users WHERE id = {leaver}",
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


def draw_statements(rng: random.Random) -> list[str]:
    """What the shop runs, for a user, an order and a user without orders who leaves."""
    ids = {"user": rng.randint(1, BUYERS), "order": rng.randint(1, ORDERS), "leaver": rng.randint(BUYERS + 1, USERS)}
    return [statement.format_map(ids) for statement in SHOP_STATEMENTS]


@dataclass(frozen=True)
class ShopCosts:
    """The steps of each statement of the shop."""

    statements: list[str]
    before: list[int]
    after: list[int]
    without: dict[str, list[int]]
    """What they would be without one of the indexes that are left, by its name."""
    indexes: dict[str, Index]
    """The indexes that are left, with those of the keys."""


@experiment("drop-unused-indexes", condition="your script runs, drops an index, and changes nothing but indexes")
def change_indexes(attempt: Attempt) -> ShopCosts:
    """Count the shop's statements before the script, after it, and without each index that it leaves."""
    statements = draw_statements(attempt.rng)
    with open_shop(attempt.seed) as lab:
        before = count_steps(lab, statements)
        _require_fewer(*run_index_script(lab, attempt.answer))
        after = count_steps(lab, statements)
        # A DROP that is rolled back makes SQLite read its schema anew, which counts: so this comes last.
        without = {name: count_steps_without(lab, name, statements) for name in read_index_names(lab)}
        return ShopCosts(statements, before, after, without, read_indexes(lab))


def _require_fewer(before: Mapping[str, Index], after: Mapping[str, Index]) -> None:
    """Raise `Mismatch` unless an index is gone that was there before, whatever it was called."""
    kept = {replace(index, name="") for index in after.values()}
    if all(replace(index, name="") in kept for index in before.values()):
        raise Mismatch("an index dropped", "all of them still there")


@claim(change_indexes)
def no_statement_costs_more(work: ShopCosts) -> None:
    """no statement of the shop takes more work than before"""
    rows = list(zip(work.statements, work.before, work.after, strict=True))
    costlier = _costlier(work.before, work.after)
    if costlier:
        statement = work.statements[max(costlier)]
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
        found = ", ".join(f"`{name}`" for name in idle)
        hint = _hint_on_idle(work.indexes[idle[0]], work.indexes)
        raise Mismatch("no index that all of them do as well without", found, hint=hint)


def _hint_on_idle(idle: Index, indexes: Mapping[str, Index]) -> str:
    """What to ask about an index that no statement needs: is there another that begins with the same column?"""
    first = idle.columns[0]
    beside = [one for one in indexes.values() if (one.table, one.columns[0]) == (idle.table, first) and one is not idle]
    if any(not one.created for one in beside):
        return (
            f"`{first}` is UNIQUE. By what does SQLite notice a value that is there already, if not by `{idle.name}`?"
        )
    if beside:
        return REDUNDANT.format(index=idle.name, other=beside[0].name)
    return f"Which statement finds its rows by `{first}`, the first column of `{idle.name}`?"
