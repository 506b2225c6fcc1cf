"""Whole shops, sound ones in several forms and faulty ones, as their authors would write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from course_data import shop as data
from graders.sandbox import Sandbox
from graders.techniques.migrations import read_plan
from graders.techniques.scenarios import Shop, find_functions, take_in_currencies

SECRET = "canary7391"
ORDER = """
import sqlite3


def place_order(connection, customer, lines, request_key):
    connection.execute("BEGIN IMMEDIATE")
    try:
        known = connection.execute("SELECT order_id FROM orders WHERE request_key = ?", (request_key,)).fetchone()
        if known:
            connection.execute("COMMIT")
            return known[0]
        bought = []
        for product, pieces in lines:
            taken = connection.execute(
                "UPDATE products SET stock = stock - ? WHERE product_id = ? AND stock >= ? RETURNING price_cents",
                (pieces, product, pieces),
            ).fetchall()
            if not taken:
                raise ValueError(f"too few of product {product}")
            bought.append((product, pieces, taken[0][0]))
        total = sum(pieces * price for _, pieces, price in bought)
        order = connection.execute(
            "INSERT INTO orders (customer_id, status, request_key, total_cents, placed_at) "
            "VALUES (?, 'paid', ?, ?, datetime('now'))",
            (customer, request_key, total),
        ).lastrowid
        for line in bought:
            connection.execute("INSERT INTO order_lines VALUES (?, ?, ?, ?)", (order, *line))
        connection.execute(
            "INSERT INTO payments (order_id, cents, paid_at) VALUES (?, ?, datetime('now'))", (order, total)
        )
        connection.execute("COMMIT")
        return order
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
"""
SEARCH = """
def search(connection, text):
    words = text.replace("\\\\", "\\\\\\\\").replace("%", "\\\\%").replace("_", "\\\\_")
    return connection.execute(
        "SELECT product_id, title, price_cents FROM products WHERE title LIKE ? ESCAPE '\\\\'", (f"%{words}%",)
    ).fetchall()
"""
LOGIN = """
import hashlib
import hmac


def login(connection, email, password):
    row = connection.execute(
        "SELECT customer_id, password_hash FROM customers WHERE email = ? AND deleted_at IS NULL", (email,)
    ).fetchone()
    if row is None:
        return None
    _, salt, wanted = row[1].split("$")
    made = hashlib.scrypt(password.encode(), salt=salt.encode(), n=16, r=8, p=1, dklen=16).hex()
    return row[0] if hmac.compare_digest(made, wanted) else None
"""
DELETE = """
def delete_customer(connection, customer):
    connection.execute(
        "UPDATE customers SET email = 'deleted-' || customer_id, name = 'deleted', password_hash = 'none', "
        "deleted_at = datetime('now') WHERE customer_id = ?",
        (customer,),
    )
"""
BACKUP = """
import os
import sqlite3


def backup(source, target):
    old = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    new = sqlite3.connect(target + ".part")
    old.backup(new)
    new.close()
    old.close()
    os.replace(target + ".part", target)
"""
RECOVER = """
import shutil
import sqlite3


def usable(path):
    try:
        copy = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        copy.execute("SELECT count(*) FROM orders")
        return copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    except sqlite3.Error:
        return False


def recover(copies, taken, changes, moment, target):
    path, start = [(path, time) for path, time in zip(copies, taken) if time < moment and usable(path)][-1]
    shutil.copyfile(path, target)
    shop = sqlite3.connect(target)
    for time, statement in changes:
        if start < time < moment:
            shop.execute(statement)
    shop.commit()
    shop.close()
"""
PLAN = """
-- step: expand
CREATE TABLE charges (
    charge_id  INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL UNIQUE REFERENCES orders (order_id),
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    currency   TEXT NOT NULL,
    charged_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER charge_paid AFTER INSERT ON payments
WHEN NOT EXISTS (SELECT 1 FROM charges WHERE order_id = NEW.order_id)
BEGIN
    INSERT INTO charges (order_id, amount, currency, charged_at) VALUES (NEW.order_id, NEW.cents, 'EUR', NEW.paid_at);
END;
CREATE TRIGGER pay_charged AFTER INSERT ON charges
WHEN NOT EXISTS (SELECT 1 FROM payments WHERE order_id = NEW.order_id)
BEGIN
    INSERT INTO payments (order_id, cents, paid_at) VALUES (NEW.order_id, NEW.amount, NEW.charged_at);
END;
-- step: backfill
INSERT INTO charges (order_id, amount, currency, charged_at)
SELECT order_id, cents, 'EUR', paid_at FROM payments WHERE order_id NOT IN (SELECT order_id FROM charges);
-- start: new
-- stop: old
-- step: contract
DROP TRIGGER charge_paid;
DROP TRIGGER pay_charged;
DROP TABLE payments;
"""
PARTS = {
    "place_order": ORDER,
    "search": SEARCH,
    "login": LOGIN,
    "delete_customer": DELETE,
    "backup": BACKUP,
    "recover": RECOVER,
}


@contextmanager
def open_shop(seed: int = 1, *, plan: str = PLAN, schema: str = data.SCHEMA, **changed: str) -> Iterator[Shop]:
    """A shop of sound parts, of which those in `changed` are others; it has all of them, or those that are not ""."""
    parts = {name: text for name, text in (PARTS | changed).items() if text}
    with Sandbox() as sandbox:
        last = list(parts)[-1]
        answer = sandbox.define("\n".join(parts.values()), last)
        passwords = {
            f"{address}@example.com": (password, None if number == data.DELETED else number)
            for number, (_, address, password) in enumerate(data.CUSTOMERS, start=1)
        }
        functions = find_functions(answer, *parts)
        steps = tuple(read_plan(plan)) if plan else ()
        rows = data.data(seed, SECRET)
        yield Shop(schema, rows, passwords, SECRET, functions, steps, {2: take_in_currencies})
