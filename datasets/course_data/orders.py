"""Order lines of a shop, kept in one wide table: every line repeats its order, its customer and its product.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: one line of customer 17 still has an old e-mail; prices rise during the year, so a product has several;
the last customer has one order only; a name with an apostrophe; two customers of the same name.
"""

from __future__ import annotations

import datetime
import random

SCHEMA = """
CREATE TABLE order_lines (
    order_id      INTEGER NOT NULL,
    ordered_on    DATE NOT NULL,
    customer_id   INTEGER NOT NULL,
    customer_name VARCHAR NOT NULL,
    email         VARCHAR NOT NULL,
    product_id    INTEGER NOT NULL,
    product       VARCHAR NOT NULL,
    category      VARCHAR NOT NULL,
    vat_percent   INTEGER NOT NULL,
    unit_price    INTEGER NOT NULL,
    quantity      INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
"""
COLUMNS = (
    "order_id",
    "ordered_on",
    "customer_id",
    "customer_name",
    "email",
    "product_id",
    "product",
    "category",
    "vat_percent",
    "unit_price",
    "quantity",
)
RULES = """
order_id -> ordered_on customer_id
customer_id -> customer_name email
product_id -> product category
category -> vat_percent
order_id product_id -> unit_price quantity
"""
FIRST = ("Ada", "Ben", "Carla", "Dara", "Edgar", "Fatima", "Goran", "Hana", "Ivo", "Jun")
LAST = ("Okafor", "Sato", "Ruiz", "O'Brien", "Lund", "Noor", "Haas", "Silva", "Novak", "Diallo")
THINGS = ("lamp", "desk", "mug", "novel", "atlas", "kettle", "chair", "pen", "rug", "clock")
KINDS = ("small", "large", "red", "blue", "oak")
CATEGORIES = {"home": 20, "books": 5, "office": 20, "kitchen": 10}
TWO_TRUTHS = 17
OLD_EMAIL = "old.address@example.org"
NEW_YEAR = datetime.date(2026, 1, 1)


def data(seed: int) -> dict[str, list[tuple]]:
    """The rows of `order_lines`: 4,000 orders of 200 customers, and one line that an e-mail change has missed."""
    rows = flat(random.Random(seed), orders=4000, customers=200, products=50)
    missed = next(place for place, row in enumerate(rows) if row[2] == TWO_TRUTHS)
    rows[missed] = (*rows[missed][:4], OLD_EMAIL, *rows[missed][5:])
    return {"order_lines": rows}


def flat(rng: random.Random, orders: int, customers: int, products: int) -> list[tuple]:
    """Order lines that obey `RULES`: low numbers buy more often, the last customer once; an order has 1 to 5 lines."""
    people = {number: _customer(number) for number in range(1, customers + 1)}
    goods = {number: _product(number) for number in range(1, products + 1)}
    *regulars, newcomer = people
    buyers = [*rng.choices(regulars, [1 / (number + 10) for number in regulars], k=orders - 1), newcomer]
    rows = []
    for order, buyer in enumerate(buyers, start=1):
        day = NEW_YEAR + datetime.timedelta(days=order * 360 // orders)
        for number in sorted(rng.sample(list(goods), rng.randint(1, min(5, products)))):
            price = 300 + 170 * (number % 13) + 25 * (day.month // 4)
            bought = (*goods[number], price, rng.randint(1, 4))
            rows.append((order, day.isoformat(), buyer, *people[buyer], number, *bought))
    return rows


def _customer(number: int) -> tuple[str, str]:
    first, last = FIRST[number % 10], LAST[number // 10 % 10]
    return f"{first} {last}", f"{first}.{last.replace(chr(39), '')}{number}@example.com".lower()


def _product(number: int) -> tuple[str, str, int]:
    kind, thing = KINDS[number // 10 % 5], THINGS[number % 10]
    category = list(CATEGORIES)[number % 10 * 4 // 10]
    return f"{kind} {thing}", category, CATEGORIES[category]
