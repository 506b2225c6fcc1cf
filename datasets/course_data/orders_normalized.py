"""The order lines of `orders` in five tables, each fact once; customer 17 has the e-mail that is right.

Origin: generated here, from the same rows as `orders`. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: those of `orders`, but for the two e-mails: there is no place left for them.
"""

from __future__ import annotations

import random

from course_data import orders

SCHEMA = """
CREATE TABLE customers (
    customer_id   INTEGER PRIMARY KEY,
    customer_name VARCHAR NOT NULL,
    email         VARCHAR NOT NULL
);
CREATE TABLE categories (
    category    VARCHAR NOT NULL PRIMARY KEY,
    vat_percent INTEGER NOT NULL
);
CREATE TABLE products (
    product_id INTEGER PRIMARY KEY,
    product    VARCHAR NOT NULL,
    category   VARCHAR NOT NULL REFERENCES categories (category)
);
CREATE TABLE orders (
    order_id    INTEGER PRIMARY KEY,
    ordered_on  DATE NOT NULL,
    customer_id INTEGER NOT NULL REFERENCES customers (customer_id)
);
CREATE TABLE lines (
    order_id   INTEGER NOT NULL REFERENCES orders (order_id),
    product_id INTEGER NOT NULL REFERENCES products (product_id),
    unit_price INTEGER NOT NULL,
    quantity   INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
"""
TABLES = {
    "customers": ("customer_id", "customer_name", "email"),
    "categories": ("category", "vat_percent"),
    "products": ("product_id", "product", "category"),
    "orders": ("order_id", "ordered_on", "customer_id"),
    "lines": ("order_id", "product_id", "unit_price", "quantity"),
}


def data(seed: int) -> dict[str, list[tuple]]:
    """The rows of the five tables, parents first."""
    rows = orders.flat(random.Random(seed), orders=4000, customers=200, products=50)
    return {table: _projected(rows, columns) for table, columns in TABLES.items()}


def _projected(rows: list[tuple], columns: tuple[str, ...]) -> list[tuple]:
    places = [orders.COLUMNS.index(name) for name in columns]
    return list(dict.fromkeys(tuple(row[place] for place in places) for row in rows))
