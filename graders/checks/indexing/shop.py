"""Claims on a shop that has too many indexes: what may go, what must stay, judged by what its statements cost."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.indexing.steps import count_steps, count_steps_without, read_index_names
from graders.kernel.report import Table
from graders.labs import Lab, open_lab
from graders.techniques.plans import run_index_script

SCHEMA = """
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
STATEMENTS = (
    "SELECT id FROM users WHERE email = 'u77@example.com'",
    "SELECT id FROM users WHERE public_id = 'p-77'",
    "SELECT id, status FROM orders WHERE user_id = 77 ORDER BY created_at DESC",
    "SELECT product_id, quantity FROM order_items WHERE order_id = 77",
    "DELETE FROM users WHERE id = 1077",
)
USERS, BUYERS, ORDERS = 1_200, 1_000, 3_000
SLACK = 1.2


@lab_for("drop-unused-indexes")
def shop(seed: int) -> Lab:
    """Users, those from number 1,001 on without orders; orders, nearly all of them done; two items an order."""
    rng = random.Random(seed)
    orders = [
        (number, rng.randint(1, BUYERS), "done" if rng.random() < 0.98 else "open", f"2026-{rng.randint(1, 12):02}-01")
        for number in range(1, ORDERS + 1)
    ]
    items = [(number, (number + 1) // 2, rng.randint(1, 90), rng.randint(1, 4)) for number in range(1, 2 * ORDERS)]
    users = [(number, f"p-{number}", f"u{number}@example.com") for number in range(1, USERS + 1)]
    return open_lab("SQLite", SCHEMA, {"users": users, "orders": orders, "order_items": items})


@dataclass(frozen=True)
class ShopAtWork:
    """The steps of each statement of the shop."""

    before: list[int]
    after: list[int]
    without: dict[str, list[int]]
    """What they would be without one of the indexes that are left, by its name."""


@experiment("drop-unused-indexes", condition="your script runs, and changes indexes and nothing else")
def change_indexes(attempt: Attempt) -> ShopAtWork:
    """Count the shop's statements before the script, after it, and without each index that it leaves."""
    with shop(attempt.seed) as lab:
        names, before = read_index_names(lab), count_steps(lab, STATEMENTS)
        run_index_script(lab, attempt.answer)
        left = read_index_names(lab)
        if left == names:
            raise Mismatch("other indexes than before", "the same ones")
        after = count_steps(lab, STATEMENTS)
        # A DROP that is rolled back makes SQLite read its schema anew, which counts: so this comes last.
        return ShopAtWork(before, after, {name: count_steps_without(lab, name, STATEMENTS) for name in left})


@claim(change_indexes)
def nothing_costs_more(work: ShopAtWork) -> None:
    """no statement of the shop takes more work than before"""
    rows = list(zip(STATEMENTS, work.before, work.after, strict=True))
    costlier = _costlier(work.before, work.after)
    if costlier:
        statement = STATEMENTS[max(costlier)]
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


@claim(change_indexes, weight=2, after=nothing_costs_more)
def no_index_is_idle(work: ShopAtWork) -> None:
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
