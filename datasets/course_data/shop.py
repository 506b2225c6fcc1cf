"""The shop of the last lessons, repaired: customers, products, orders with lines and one payment each.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: a customer who asked to be deleted and whose orders stay; a name and titles with an apostrophe, titles
with `%`, `_` and a backslash, other scripts; a product that is sold out and one of which a single piece is left; a
product that costs nothing; prices that have changed since an order was placed; orders that were cancelled or not paid.
"""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Mapping, Sequence

SCHEMA = """
CREATE TABLE customers (
    customer_id   INTEGER PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    deleted_at    TEXT
) STRICT;
CREATE TABLE products (
    product_id  INTEGER PRIMARY KEY,
    title       TEXT NOT NULL,
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    stock       INTEGER NOT NULL CHECK (stock >= 0)
) STRICT;
CREATE TABLE orders (
    order_id    INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id) ON DELETE RESTRICT,
    status      TEXT NOT NULL CHECK (status IN ('new', 'paid', 'shipped', 'cancelled')),
    request_key TEXT NOT NULL UNIQUE,
    total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
    placed_at   TEXT NOT NULL
) STRICT;
CREATE TABLE order_lines (
    order_id    INTEGER NOT NULL REFERENCES orders (order_id),
    product_id  INTEGER NOT NULL REFERENCES products (product_id),
    pieces      INTEGER NOT NULL CHECK (pieces > 0),
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    PRIMARY KEY (order_id, product_id)
) STRICT;
CREATE TABLE payments (
    payment_id INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL UNIQUE REFERENCES orders (order_id),
    cents      INTEGER NOT NULL CHECK (cents >= 0),
    paid_at    TEXT NOT NULL
) STRICT;
CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE INDEX lines_by_product ON order_lines (product_id);
"""
# Names of customers, with the parts of their addresses before the @ and their passwords; the third asked to be deleted.
CUSTOMERS = (
    ("Ada Okafor", "ada", "emma-1815"),
    ("Dara O'Brien", "dara.o'brien", "it's me"),
    ("deleted", "deleted-3", "nobody knows"),
    ("Ines Costa", "ines", "100%_sure"),
    ("Mei 李", "mei", "雪国"),
    ("Edgar Lund", "edgar", "emma-1815"),
    ("Fatima Noor", "fatima", "' OR 1 = 1 --"),
    ("Goran Haas", "goran", "x"),
)
DELETED = 3
# Titles with prices; the first is sold out, and of the second a single piece is left.
PRODUCTS = (
    ("Lamp_01", 2500),
    ("Saddle", 3400),
    ("Bell", 900),
    ("O'Neill's pump", 1800),
    ("100% wool cap", 1599),
    ("Chain \\ 9 speeds", 2199),
    ("反射 band", 333),
    ("Sticker", 0),
)
ORDERS = 14
STATUSES, SHARES = ("new", "paid", "shipped", "cancelled"), (1, 4, 6, 1)
PAID = ("paid", "shipped")
OPENING = datetime.datetime(2026, 3, 2, 8)
# Far less than real passwords need, so that a check stays short.
SCRYPT_COST = 16


def data(seed: int, secret: str = "") -> dict[str, list[tuple]]:
    """The rows of the five tables; `secret` is the salt of every password, which is random without it."""
    rng = random.Random(seed)
    orders, lines, payments = list[tuple](), list[tuple](), list[tuple]()
    for number in range(1, ORDERS + 1):
        customer = DELETED if number == 2 else rng.randint(1, len(CUSTOMERS))
        status = "shipped" if number <= 2 else rng.choices(STATUSES, SHARES)[0]
        bought = _draw_lines(rng, number)
        total = sum(pieces * price for _, _, pieces, price in bought)
        orders.append((number, customer, status, f"old-{rng.randrange(16**8):08x}-{number}", total, moment(number)))
        lines += bought
        if status in PAID:
            payments.append((len(payments) + 1, number, total, moment(number)))
    customers = [_customer(number, rng, secret) for number in range(1, len(CUSTOMERS) + 1)]
    products = [(number, *product, _draw_stock(rng, number)) for number, product in enumerate(PRODUCTS, start=1)]
    return {
        "customers": customers,
        "products": products,
        "orders": orders,
        "order_lines": lines,
        "payments": payments,
    }


def moment(number: int) -> str:
    """When the order of this number was placed."""
    return (OPENING + datetime.timedelta(minutes=37 * number)).isoformat(" ")


def hash_password(password: str, salt: str) -> str:
    """What `customers.password_hash` keeps of a password: `scrypt$SALT$HASH`, the hash in hex."""
    made = hashlib.scrypt(password.encode(), salt=salt.encode(), n=SCRYPT_COST, r=8, p=1, dklen=16)
    return f"scrypt${salt}${made.hex()}"


def count_pieces(tables: Mapping[str, Sequence[tuple]]) -> dict[int, int]:
    """For each product the pieces that are left and those that were sold; a cancelled order has sold nothing."""
    cancelled = {row[0] for row in tables["orders"] if row[2] == "cancelled"}
    counts = {row[0]: row[3] for row in tables["products"]}
    for order, product, pieces, _ in tables["order_lines"]:
        counts[product] = counts.get(product, 0) + (0 if order in cancelled else pieces)
    return counts


def _customer(number: int, rng: random.Random, secret: str) -> tuple:
    name, address, password = CUSTOMERS[number - 1]
    salt = secret or f"{rng.randrange(16**16):016x}"
    stored = hash_password(password, salt)
    return number, f"{address}@example.com", name, stored, "2026-02-01 09:00:00" if number == DELETED else None


def _draw_lines(rng: random.Random, order: int) -> list[tuple]:
    """One to three products, at the price of the day: of the first orders, some were cheaper than they are now."""
    numbers = sorted(rng.sample(range(1, len(PRODUCTS) + 1), rng.randint(1, 3)))
    discount = 100 if order < ORDERS // 2 else 0
    return [(order, n, rng.randint(1, 3), max(0, PRODUCTS[n - 1][1] - discount)) for n in numbers]


def _draw_stock(rng: random.Random, product: int) -> int:
    return product - 1 if product <= 2 else rng.randint(12, 30)
