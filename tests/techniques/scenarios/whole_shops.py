"""Ten whole shops in forms of their own, five sound and five faulty, with what their authors say of each."""

from __future__ import annotations

PLAIN_MODE = {
    "place_order": """
def place_order(connection, customer, lines, request_key):
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        old = connection.execute("SELECT order_id FROM orders WHERE request_key = ?", [request_key]).fetchall()
        if old:
            return old[0][0]
        order = connection.execute(
            "INSERT INTO orders (customer_id, status, request_key, total_cents, placed_at)"
            " VALUES (?, 'new', ?, 0, CURRENT_TIMESTAMP)", [customer, request_key]).lastrowid
        for product, pieces in lines:
            connection.execute("UPDATE products SET stock = stock - ? WHERE product_id = ?", [pieces, product])
            connection.execute(
                "INSERT INTO order_lines SELECT ?, product_id, ?, price_cents FROM products WHERE product_id = ?",
                [order, pieces, product])
        connection.execute(
            "UPDATE orders SET status = 'paid', total_cents ="
            " (SELECT sum(pieces * price_cents) FROM order_lines WHERE order_id = ?) WHERE order_id = ?",
            [order, order])
        connection.execute(
            "INSERT INTO payments (order_id, cents, paid_at)"
            " SELECT order_id, total_cents, placed_at FROM orders WHERE order_id = ?", [order])
    return order
""",
}
TRIES_AGAIN = {
    "place_order": """
import sqlite3


def attempt(connection, customer, lines, key):
    connection.execute("BEGIN EXCLUSIVE")
    rows = connection.execute("SELECT order_id FROM orders WHERE request_key = :key", {"key": key}).fetchall()
    for (number,) in rows:
        return number
    stock = {}
    for product, pieces in lines:
        price, left = connection.execute(
            "SELECT price_cents, stock FROM products WHERE product_id = ?", (product,)).fetchone()
        if left < pieces:
            raise LookupError("sold out")
        stock[product] = (price, left - pieces)
    total = sum(stock[product][0] * pieces for product, pieces in lines)
    number = connection.execute("SELECT coalesce(max(order_id), 0) + 1 FROM orders").fetchone()[0]
    connection.execute(
        "INSERT INTO orders VALUES (?, ?, 'paid', ?, ?, '2026-03-20')", (number, customer, key, total))
    connection.executemany(
        "INSERT INTO order_lines VALUES (?, ?, ?, ?)",
        [(number, product, pieces, stock[product][0]) for product, pieces in lines])
    connection.executemany(
        "UPDATE products SET stock = ? WHERE product_id = ?", [(left, one) for one, (_, left) in stock.items()])
    connection.execute("INSERT INTO payments VALUES (NULL, ?, ?, '2026-03-20')", (number, total))
    return number


def place_order(connection, customer, lines, request_key):
    for _ in range(20):
        try:
            number = attempt(connection, customer, lines, request_key)
            connection.execute("COMMIT")
            return number
        except sqlite3.OperationalError:
            if connection.in_transaction:
                connection.rollback()
        except Exception:
            connection.rollback()
            raise
    raise TimeoutError("busy")
""",
    "search": """
def search(connection, text):
    every = connection.execute("SELECT product_id, title, price_cents FROM products").fetchall()
    fold = str.maketrans({chr(n): chr(n + 32) for n in range(65, 91)})
    return [row for row in every if text.translate(fold) in row[1].translate(fold)]
""",
}
KEY_FIRST = {
    "place_order": """
def place_order(connection, customer, lines, request_key):
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    try:
        cursor.execute(
            "INSERT INTO orders (customer_id, status, request_key, total_cents, placed_at)"
            " SELECT ?, 'paid', ?, sum(price_cents * value ->> 1), datetime('now')"
            " FROM json_each(?) JOIN products ON product_id = value ->> 0 WHERE true"
            " ON CONFLICT (request_key) DO NOTHING RETURNING order_id",
            (customer, request_key, __import__("json").dumps(lines)))
        made = cursor.fetchone()
        if made:
            for product, pieces in lines:
                cursor.execute(
                    "UPDATE products SET stock = stock - ? WHERE product_id = ? AND stock >= ?",
                    (pieces, product, pieces))
                if cursor.rowcount == 0:
                    raise ValueError(product)
                cursor.execute(
                    "INSERT INTO order_lines VALUES (?, ?, ?,"
                    " (SELECT price_cents FROM products WHERE product_id = ?))", (made[0], product, pieces, product))
            cursor.execute(
                "INSERT INTO payments (order_id, cents, paid_at)"
                " SELECT order_id, total_cents, placed_at FROM orders WHERE order_id = ?", made)
        number = cursor.execute("SELECT order_id FROM orders WHERE request_key = ?", (request_key,)).fetchone()[0]
        cursor.execute("COMMIT")
        return number
    except Exception:
        cursor.execute("ROLLBACK")
        raise
""",
    "search": """
def search(connection, text):
    return list(connection.execute(
        "SELECT product_id, title, price_cents FROM products WHERE instr(lower(title), lower(?)) > 0", (text,)))
""",
}
OTHER_COPIES = {
    "backup": """
import sqlite3


def backup(source, target):
    connection = sqlite3.connect(source)
    connection.execute("VACUUM INTO ?", (target,))
    connection.close()
""",
    "recover": """
import sqlite3
from pathlib import Path


def recover(copies, taken, changes, moment, target):
    for path, time in sorted(zip(copies, taken), key=lambda one: one[1], reverse=True):
        shop = sqlite3.connect(":memory:", isolation_level=None)
        try:
            shop.deserialize(Path(path).read_bytes())
            if shop.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                continue
            shop.execute("SELECT 1 FROM orders")
        except sqlite3.Error:
            continue
        for when, sql in changes:
            if time < when and when < moment:
                shop.execute(sql)
        shop.execute("VACUUM INTO ?", (target,))
        return
    raise RuntimeError("no copy")
""",
    "delete_customer": """
def delete_customer(connection, customer):
    with connection:
        for column, value in (("name", "?"), ("email", f"gone-{customer}"), ("password_hash", "-")):
            connection.execute(f"UPDATE customers SET {column} = ? WHERE customer_id = ?", (value, customer))
        connection.execute("UPDATE customers SET deleted_at = date() WHERE customer_id = ?", (customer,))
""",
    "login": """
from hashlib import scrypt


def login(connection, email, password):
    for number, stored, gone in connection.execute(
        "SELECT customer_id, password_hash, deleted_at FROM customers WHERE email = :email", {"email": email}
    ):
        parts = stored.split("$")
        if gone or len(parts) != 3:
            return None
        if scrypt(password.encode("utf-8"), salt=parts[1].encode(), n=16, r=8, p=1, dklen=16).hex() == parts[2]:
            return number
""",
}
IN_TWO_STEPS = {
    "plan": """
-- step: a table beside the old one
CREATE TABLE charges (
    charge_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL UNIQUE REFERENCES orders (order_id),
    amount INTEGER NOT NULL CHECK (amount >= 0), currency TEXT NOT NULL, charged_at TEXT NOT NULL) STRICT;
-- step: both are written
BEGIN IMMEDIATE;
CREATE TRIGGER p2c AFTER INSERT ON payments BEGIN
    INSERT INTO charges (order_id, amount, currency, charged_at)
    VALUES (NEW.order_id, NEW.cents, 'EUR', NEW.paid_at) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER c2p AFTER INSERT ON charges BEGIN
    INSERT OR IGNORE INTO payments (order_id, cents, paid_at) VALUES (NEW.order_id, NEW.amount, NEW.charged_at);
END;
COMMIT;
-- step: what was there
INSERT OR IGNORE INTO charges (order_id, amount, currency, charged_at)
SELECT order_id, cents, 'EUR', paid_at FROM payments WHERE order_id <= 7;
INSERT OR IGNORE INTO charges (order_id, amount, currency, charged_at)
SELECT order_id, cents, 'EUR', paid_at FROM payments WHERE order_id > 7;
-- start: new
-- step: wait a week
SELECT count(*) FROM charges;
-- stop: old
-- step: tidy up
DROP TRIGGER p2c;
DROP TRIGGER c2p;
DROP TABLE payments;
""",
}
SOUND = {
    "transactions by with": PLAIN_MODE,
    "tries again at a lock": TRIES_AGAIN,
    "the key decides": KEY_FIRST,
    "other copies and deletions": OTHER_COPIES,
    "a migration in two steps": IN_TWO_STEPS,
}
# Each with the invariants that its author expects to break.
FAULTY: dict[str, tuple[dict[str, str], set[str]]] = {
    "says yes before it has looked": (
        {
            "place_order": """
def place_order(connection, customer, lines, request_key):
    known = connection.execute("SELECT order_id FROM orders WHERE request_key = ?", (request_key,)).fetchone()
    if known:
        return known[0]
    connection.execute("BEGIN IMMEDIATE")
    total = 0
    cursor = connection.execute(
        "INSERT INTO orders (customer_id, status, request_key, total_cents, placed_at)"
        " VALUES (?, 'paid', ?, 0, datetime('now'))", (customer, request_key))
    order = cursor.lastrowid
    for product, pieces in lines:
        price = connection.execute(
            "SELECT price_cents FROM products WHERE product_id = ?", (product,)).fetchone()[0]
        connection.execute(
            "UPDATE products SET stock = max(0, stock - ?) WHERE product_id = ?", (pieces, product))
        connection.execute("INSERT INTO order_lines VALUES (?, ?, ?, ?)", (order, product, pieces, price))
        total += pieces * price
    connection.execute("UPDATE orders SET total_cents = ? WHERE order_id = ?", (total, order))
    connection.execute(
        "INSERT INTO payments (order_id, cents, paid_at) VALUES (?, ?, datetime('now'))", (order, total))
    connection.execute("COMMIT")
    return order
""",
        },
        {"stock", "errors"},
    ),
    "forgets nobody": (
        {
            "delete_customer": """
def delete_customer(connection, customer):
    connection.execute("UPDATE customers SET deleted_at = datetime('now') WHERE customer_id = ?", (customer,))
""",
        },
        {"served"},
    ),
    "copies files": (
        {
            "backup": """
import shutil


def backup(source, target):
    shutil.copy(source, target)
""",
            "recover": """
import shutil


def recover(copies, taken, changes, moment, target):
    shutil.copy(copies[0], target)
""",
        },
        {"restored"},
    ),
    "pastes what is typed": (
        {
            "search": """
def search(connection, text):
    text = text.replace("'", "")
    return connection.execute(
        f"SELECT product_id, title, price_cents FROM products WHERE title LIKE '%{text}%'").fetchall()
""",
        },
        {"served"},
    ),
    "moves to the new table at once": (
        {
            "plan": """
-- step: now
CREATE TABLE charges (
    charge_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL UNIQUE REFERENCES orders (order_id),
    amount INTEGER NOT NULL, currency TEXT NOT NULL, charged_at TEXT NOT NULL);
INSERT INTO charges SELECT payment_id, order_id, cents, 'EUR', paid_at FROM payments;
DROP TABLE payments;
-- stop: old
-- start: new
""",
        },
        {"errors"},
    ),
}
