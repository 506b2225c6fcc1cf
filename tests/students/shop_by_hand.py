"""A whole shop that a student wrote by hand from the prompts of its three sittings: other forms, all of them right."""

from __future__ import annotations

REPAIR = {
    "cents-cut-off": "a",
    "what-the-card-takes": "b",
    "short-orders": """
SELECT p.order_id, cost - paid AS missing_cents
FROM (SELECT order_id,
             (SELECT CAST(total(round(100 * price * pieces)) AS INT) FROM order_lines l
              WHERE l.order_id = parcels.order_id) cost,
             (SELECT CAST(total(cents) AS INT) FROM payments q WHERE q.order_id = parcels.order_id) paid
      FROM parcels) AS p
WHERE paid < cost;
""",
    "find-the-losses": """
INSERT INTO findings (order_id, defect, cents)
WITH lines AS (
    SELECT order_id, sum(CAST(round(price * 100) AS INTEGER) * pieces) AS c FROM order_lines GROUP BY 1)
SELECT order_id, 'cut cent', missing_cents
FROM short_orders JOIN orders USING (order_id) JOIN lines USING (order_id)
WHERE round(100 * total) = c AND missing_cents = 1
UNION ALL
SELECT order_id, 'old total', missing_cents
FROM short_orders JOIN orders USING (order_id) JOIN lines USING (order_id)
WHERE abs(total * 100 - c) > 0.5
UNION ALL
SELECT order_id, 'no customer', missing_cents FROM short_orders JOIN orders USING (order_id)
LEFT JOIN customers USING (customer_id) WHERE customers.email IS NULL;
""",
    "repair-the-tables": """
CREATE TABLE customers (
    customer_id   INTEGER PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE CHECK (length(trim(email)) > 0),
    name          TEXT NOT NULL CHECK (length(trim(name)) > 0),
    password_hash TEXT NOT NULL CHECK (length(trim(password_hash)) > 0),
    deleted_at    TEXT
) STRICT;
CREATE TABLE products (product_id INTEGER PRIMARY KEY, title TEXT NOT NULL CHECK (trim(title) != ''),
  price_cents INT NOT NULL CHECK (price_cents >= 0), stock INT NOT NULL CHECK (stock >= 0)) STRICT;
CREATE TABLE orders (order_id INTEGER PRIMARY KEY,
  customer_id INT NOT NULL,
  status TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new','paid','shipped','cancelled')),
  request_key TEXT NOT NULL CHECK (trim(request_key) != ''),
  total_cents INT NOT NULL CHECK (total_cents >= 0),
  placed_at TEXT NOT NULL DEFAULT (datetime('now')),
  UNIQUE (request_key), FOREIGN KEY (customer_id) REFERENCES customers (customer_id) ON DELETE RESTRICT) STRICT;
CREATE TABLE order_lines (order_id INT NOT NULL REFERENCES orders, product_id INT NOT NULL REFERENCES products,
  pieces INT NOT NULL CHECK (pieces >= 1), price_cents INT NOT NULL CHECK (price_cents >= 0),
  UNIQUE (order_id, product_id)) STRICT;
CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, order_id INT NOT NULL UNIQUE REFERENCES orders,
  cents INT NOT NULL CHECK (cents >= 0), paid_at TEXT NOT NULL DEFAULT (datetime('now'))) STRICT;
""",
    "read-the-prices": r"""
SELECT line_no,
  CASE WHEN trim(price) SIMILAR TO '\d+([,.]\d\d?)?'
       THEN CAST(round(CAST(replace(price, ',', '.') AS DOUBLE) * 100) AS INT) ELSE NULL END AS cents
FROM sheet
""",
    "import-the-file": """
CREATE TEMP TABLE clean AS
SELECT line_no, trim(request_key) AS k, customer_id, product_id, pieces, cents, placed_at
FROM sheet
JOIN customers ON lower(customers.email) = lower(trim(sheet.email))
JOIN products ON lower(products.title) = lower(trim(sheet.title))
WHERE ifnull(trim(request_key), '') <> '' AND pieces > 0 AND cents IS NOT NULL
  AND trim(request_key) NOT IN (SELECT request_key FROM orders);
DELETE FROM clean WHERE line_no NOT IN (SELECT min(line_no) FROM clean GROUP BY k, product_id);
INSERT INTO orders (customer_id, status, request_key, total_cents, placed_at)
SELECT max(customer_id), 'shipped', k, sum(pieces * cents), max(placed_at) FROM clean GROUP BY k;
INSERT INTO order_lines (order_id, product_id, pieces, price_cents)
SELECT order_id, product_id, pieces, cents FROM clean JOIN orders ON request_key = k;
INSERT INTO rejected SELECT line_no FROM sheet EXCEPT SELECT line_no FROM clean;
""",
    "newest-orders": """
from collections import defaultdict

NEWEST = "FROM orders WHERE customer_id = :c ORDER BY placed_at DESC, order_id DESC LIMIT :n"

def newest_orders(connection, customer_id, size):
    values = {"c": customer_id, "n": size}
    head = connection.execute("SELECT order_id, total_cents " + NEWEST, values).fetchall()
    lines = defaultdict(list)
    for order_id, title, pieces in connection.execute(
            "SELECT order_id, title, pieces FROM order_lines JOIN products USING (product_id)"
            " WHERE order_id IN (SELECT order_id " + NEWEST + ")", values):
        lines[order_id].append((title, pieces))
    return [(o, t, sorted(lines[o])) for o, t in head]
""",
}
ORDERS = {
    "sent-again": "c",
    "one-piece-two-buyers": "a",
    "order-the-purchase": "d g c a e b",
    "place-an-order": """
def place_order(connection, customer, lines, request_key):
    connection.execute("BEGIN IMMEDIATE")
    try:
        row = connection.execute("SELECT order_id FROM orders WHERE request_key = ?", (request_key,)).fetchone()
        if row is not None:
            connection.rollback()
            return row[0]
        order_id = connection.execute(
            "INSERT INTO orders (customer_id, status, request_key, total_cents, placed_at)"
            " VALUES (?, 'paid', ?, 0, CURRENT_TIMESTAMP)", (customer, request_key)).lastrowid
        total = 0
        for product_id, pieces in lines:
            price, stock = connection.execute(
                "SELECT price_cents, stock FROM products WHERE product_id = ?", (product_id,)).fetchone()
            if stock < pieces:
                raise RuntimeError("sold out")
            connection.execute(
                "UPDATE products SET stock = stock - ? WHERE product_id = ?", (pieces, product_id))
            connection.execute(
                "INSERT INTO order_lines (order_id, product_id, pieces, price_cents) VALUES (?, ?, ?, ?)",
                (order_id, product_id, pieces, price))
            total += price * pieces
        connection.execute("UPDATE orders SET total_cents = ? WHERE order_id = ?", (total, order_id))
        connection.execute(
            "INSERT INTO payments (order_id, cents, paid_at) VALUES (?, ?, CURRENT_TIMESTAMP)", (order_id, total))
        connection.execute("COMMIT")
        return order_id
    except Exception:
        connection.execute("ROLLBACK")
        raise
""",
    "steal-the-hashes": """text = "' UNION SELECT customer_id, email, password_hash FROM customers--" """,
    "repair-the-search": r"""
def search(connection, text):
    pattern = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    cursor = connection.execute(
        "SELECT product_id, title, price_cents FROM products WHERE title LIKE '%' || ? || '%' ESCAPE '\\'", [pattern])
    return cursor.fetchall()
""",
    "repair-the-login": """
import hashlib

def is_right(stored, password):
    kind, salt, wanted = stored.split("$")
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=16, r=8, p=1, dklen=16).hex() == wanted

def login(connection, email, password):
    rows = connection.execute(
        "SELECT customer_id, password_hash FROM customers WHERE email = ? AND deleted_at IS NULL", (email,)).fetchall()
    for customer_id, stored in rows:
        if is_right(stored, password):
            return customer_id
    return None
""",
}
NIGHT = {
    "renamed-at-night": "a",
    "what-comes-back": "a",
    "move-the-payments": """
-- step: new table
CREATE TABLE charges (
    charge_id  INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL UNIQUE REFERENCES orders (order_id),
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    currency   TEXT NOT NULL,
    charged_at TEXT NOT NULL
) STRICT;
-- step: triggers
CREATE TRIGGER a AFTER INSERT ON payments BEGIN
  INSERT INTO charges (order_id, amount, currency, charged_at)
  SELECT NEW.order_id, NEW.cents, 'EUR', NEW.paid_at WHERE NEW.order_id NOT IN (SELECT order_id FROM charges);
END;
CREATE TRIGGER b AFTER INSERT ON charges BEGIN
  INSERT INTO payments (order_id, cents, paid_at) SELECT NEW.order_id, NEW.amount, NEW.charged_at
  WHERE NEW.order_id NOT IN (SELECT order_id FROM payments);
END;
-- step: copy
INSERT INTO charges (order_id, amount, currency, charged_at)
SELECT order_id, cents, 'EUR', paid_at FROM payments p
WHERE NOT EXISTS (SELECT * FROM charges c WHERE c.order_id = p.order_id);
-- start: new
-- stop: old
-- step: drop
DROP TRIGGER a; DROP TRIGGER b; DROP TABLE payments;
""",
    "back-up-the-shop": """
import sqlite3

def backup(source, target):
    with sqlite3.connect(source) as a, sqlite3.connect(target) as b:
        a.backup(b)
""",
    "recover-the-shop": """
import shutil, sqlite3

def recover(copies, taken, changes, moment, target):
    for i in range(len(copies) - 1, -1, -1):
        try:
            con = sqlite3.connect(copies[i])
            ok = con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            con.close()
        except sqlite3.DatabaseError:
            ok = False
        if ok:
            break
    shutil.copy(copies[i], target)
    con = sqlite3.connect(target, isolation_level=None)
    for when, sql in changes:
        if when <= taken[i]:
            continue
        if when >= moment:
            break
        con.execute(sql)
    con.close()
""",
    "forget-a-customer": """
def delete_customer(connection, customer):
    connection.execute(
        "UPDATE customers SET email = ?, name = 'forgotten', password_hash = 'none', deleted_at = CURRENT_TIMESTAMP"
        " WHERE customer_id = ?", (f"forgotten{customer}@nowhere.invalid", customer))
""",
}
PARTS = (
    *(ORDERS[name] for name in ("place-an-order", "repair-the-search", "repair-the-login")),
    *(NIGHT[name] for name in ("back-up-the-shop", "recover-the-shop", "forget-a-customer")),
)
NIGHT["the-whole-night"] = "\n".join((*PARTS, f'PLAN = """{NIGHT["move-the-payments"]}"""'))
