"""A web shop with the tables of the pattern card: users, their orders with lines and payments, and their reviews.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: users without orders and without reviews; two users of one name; orders of guests, whose `user_id` is
NULL; orders without a line, without a payment, and with several of both; equal amounts, stars and times; order 1 has
three lines and two payments, each of 60.00 in all; a long `bio` beside every user.
"""

from __future__ import annotations

import datetime
import random
from pathlib import Path

from course_data.cache import open_cached
from graders.labs import Lab

SCHEMA = """
CREATE TABLE users (
    id    INTEGER PRIMARY KEY,
    name  VARCHAR NOT NULL,
    email VARCHAR NOT NULL,
    city  VARCHAR NOT NULL,
    bio   VARCHAR NOT NULL
);
CREATE TABLE orders (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER REFERENCES users (id),
    status       VARCHAR NOT NULL,
    total_amount INTEGER NOT NULL,
    created_at   TIMESTAMP NOT NULL
);
CREATE TABLE order_items (
    id         INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL REFERENCES orders (id),
    product    VARCHAR NOT NULL,
    quantity   INTEGER NOT NULL,
    unit_price INTEGER NOT NULL
);
CREATE TABLE payments (
    id       INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    paid_on  DATE NOT NULL,
    amount   INTEGER NOT NULL
);
CREATE TABLE reviews (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    stars   INTEGER NOT NULL,
    words   VARCHAR NOT NULL
);
CREATE INDEX orders_by_user ON orders (user_id);
CREATE INDEX orders_by_time ON orders (created_at);
CREATE INDEX items_by_order ON order_items (order_id);
CREATE INDEX payments_by_order ON payments (order_id);
CREATE INDEX reviews_by_user ON reviews (user_id);
"""
ROWS = 120
ORDERS_A_USER = 3
FIRST = ("Ada", "Ben", "Carla", "Dara", "Edgar", "Fatima", "Goran", "Hana", "Ivo", "Jun")
LAST = ("Okafor", "Sato", "Ruiz", "O'Brien", "Lund", "Noor", "Haas", "Silva")
CITIES = ("Lyon", "Porto", "Turku", "Graz")
STATUSES, SHARES = ("pending", "paid", "shipped"), (2, 3, 5)
PRODUCTS = {"bell": 900, "saddle": 3400, "pump": 1800, "lamp": 2500, "lock": 2500, "tyre": 2100}
# Order 1: three lines and two payments, each of 60.00 in all.
FIRST_LINES = (("pump", 1, 1800), ("lamp", 1, 2500), ("bell", 1, 1700))
FIRST_PAYMENTS = (4000, 2000)
NEW_YEAR = datetime.datetime(2026, 1, 1, 8)
BIO = "Rides to work in every weather. "


def data(seed: int, rows: int = ROWS) -> dict[str, list[tuple]]:
    """The rows of the five tables: `rows` orders, and a third as many users, of whom some have no orders."""
    rng = random.Random(seed)
    users = [_user(number, rng) for number in range(1, max(4, rows // ORDERS_A_USER) + 1)]
    lines: list[tuple] = []
    payments: list[tuple] = []
    orders: list[tuple] = []
    for order in range(1, rows + 1):
        bought = FIRST_LINES if order == 1 else _draw_lines(rng)
        total = sum(quantity * price for _, quantity, price in bought)
        lines += [(order, *line) for line in bought]
        payments += [(order, _day(order, rows), amount) for amount in _draw_payments(rng, order, total)]
        orders.append((order, _buyer(rng, order, users), *rng.choices(STATUSES, SHARES), total, _time(order, rows)))
    reviews = [(rng.choice(users)[0], rng.randint(3, 5), rng.choice(("good", "as shown"))) for _ in users]
    numbered = {"order_items": lines, "payments": payments, "reviews": reviews}
    return {"users": users, "orders": orders} | {name: _number(some) for name, some in numbered.items()}


def open_sized(engine: str, seed: int, rows: int) -> Lab:
    """A lab with `rows` orders."""
    return open_cached(engine, Path(__file__), SCHEMA, data, seed, rows)


def _user(number: int, rng: random.Random) -> tuple:
    first, last = FIRST[number % 10], LAST[number // 10 % 8]
    email = f"{first}.{last.replace(chr(39), '')}{number}@example.com".lower()
    return number, f"{first} {last}", email, rng.choice(CITIES), BIO * rng.randint(10, 14)


def _buyer(rng: random.Random, order: int, users: list[tuple]) -> int | None:
    """One of the users, low numbers more often and the last quarter never; now and then a guest."""
    if order > 1 and rng.random() < 0.05:
        return None
    regulars = users[: len(users) - len(users) // 4]
    return int(regulars[int(len(regulars) * rng.random() ** 2)][0])


def _draw_lines(rng: random.Random) -> tuple[tuple[str, int, int], ...]:
    count = rng.choice((0, 1, 1, 2, 2, 3))
    return tuple((name, rng.randint(1, 4), PRODUCTS[name]) for name in rng.sample(list(PRODUCTS), count))


def _draw_payments(rng: random.Random, order: int, total: int) -> tuple[int, ...]:
    """What was paid for an order: nothing yet, all at once, or in two equal parts and a rest."""
    if order == 1:
        return FIRST_PAYMENTS
    part = total // 2
    return rng.choice(((), (total,), (total,), (part, part, total - 2 * part))) if total else ()


def _time(order: int, rows: int) -> str:
    """When an order came in: two in a row at the same minute."""
    return (NEW_YEAR + datetime.timedelta(minutes=order // 2 * 2 * (250_000 // rows))).isoformat(" ")


def _day(order: int, rows: int) -> str:
    return _time(order, rows)[:10]


def _number(rows: list[tuple]) -> list[tuple]:
    return [(number, *row) for number, row in enumerate(rows, start=1)]
