"""A shop's customers and their orders, as an application of some years ago stores them: the name in one column.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: a customer with one name only, names of four words, an apostrophe, a customer whose name is not known.
"""

from __future__ import annotations

import random

SCHEMA = """
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY,
    fullname    VARCHAR,
    email       VARCHAR NOT NULL
);
CREATE TABLE orders (
    order_id    INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
    cents       INTEGER NOT NULL
);
"""
FIRST = ("Ada", "Ben", "Carla", "Edgar", "Fatima", "Hana", "Joris", "Mei")
LAST = ("Okafor", "Sato", "Ruiz", "Lund", "Noor", "van der Berg", "O'Brien", "Li")
PLANTED = ("Hana Sato", "Prince", "Ludwig van der Berg", None, "Dara O'Brien")
CUSTOMERS, ORDERS = 40, 90


def data(seed: int) -> dict[str, list[tuple]]:
    """The rows of `customers`, the planted ones first, and of `orders`."""
    rng = random.Random(seed)
    names = [*PLANTED, *(f"{rng.choice(FIRST)} {rng.choice(LAST)}" for _ in range(CUSTOMERS - len(PLANTED)))]
    customers = [(number, name, f"customer{number}@example.com") for number, name in enumerate(names, start=1)]
    orders = [(number, rng.randint(1, CUSTOMERS), rng.randint(1, 99) * 100) for number in range(1, ORDERS + 1)]
    return {"customers": customers, "orders": orders}
