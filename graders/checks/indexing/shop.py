"""Claims on a shop that has too many indexes: what may go, what must stay, told by what its statements cost."""

from __future__ import annotations

import random

from graders import Mismatch, claim, lab_for
from graders.checks.indexing.work import own_indexes, run_indexes, steps_of, steps_without
from graders.kernel.report import Table
from graders.labs import Lab, open_lab

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


@lab_for("indexing-13")
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


@claim("indexing-13", worth=0)
def changes_indexes_only(lab, script):
    """your script runs, and changes indexes and nothing else"""
    before = own_indexes(lab)
    run_indexes(lab, script)
    if own_indexes(lab) == before:
        raise Mismatch("other indexes than before", "the same ones")


@claim("indexing-13", worth=1, after=changes_indexes_only)
def nothing_gets_dearer(lab, script):
    """no statement of the shop takes more work than before"""
    before = steps_of(lab, STATEMENTS)
    run_indexes(lab, script)
    after = steps_of(lab, STATEMENTS)
    rows = list(zip(STATEMENTS, before, after, strict=True))
    dearer = _dearer(before, after)
    if dearer:
        statement = STATEMENTS[max(dearer)]
        raise Mismatch(
            "no statement to take more steps",
            f"{len(dearer)} of {len(rows)} that do",
            hint="To delete a user, SQLite looks for orders that refer to that user. By which index did it look?"
            if statement.startswith("DELETE")
            else f"By which index did `{statement}` find its rows?",
            tables=[Table("steps", ("statement", "before", "after"), rows, dearer, "dearer")],
        )


def _dearer(before: list[int], after: list[int]) -> frozenset[int]:
    """The places of the statements that take more steps than before, but for a few."""
    return frozenset(place for place, (was, now) in enumerate(zip(before, after, strict=True)) if now > SLACK * was)


@claim("indexing-13", worth=2, after=nothing_gets_dearer)
def nothing_idle_is_left(lab, script):
    """every index that is left makes a statement of the shop cheaper"""
    run_indexes(lab, script)
    with_all = steps_of(lab, STATEMENTS)
    idle = [name for name in own_indexes(lab) if not _dearer(with_all, steps_without(lab, name, STATEMENTS))]
    if idle:
        twin = next((name for name in idle if name.startswith("idx_users")), "")
        raise Mismatch(
            "no index that all of them do as well without",
            ", ".join(f"`{name}`" for name in idle),
            hint=f"The column of `{twin}` is UNIQUE. By what does SQLite notice a value that is there already?"
            if twin
            else f"Look for the column of `{idle[0]}` in the statements: which of them finds its rows by it?",
        )
