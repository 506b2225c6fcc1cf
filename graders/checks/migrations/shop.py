"""A shop that is open, and twelve statements for tonight: what each is for, and how to see whether it is reached."""

from __future__ import annotations

import random
from dataclasses import replace

from graders.labs import SharedLab
from graders.labs.lab import Row
from graders.techniques.migrations import App, Data, LiveChange, LiveDatabase, Shortfall, must_refuse

SCHEMA = """
CREATE TABLE coupons (code TEXT PRIMARY KEY);
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, city TEXT, fax TEXT);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers,
    note TEXT NOT NULL, coupon TEXT REFERENCES coupons);
"""
ROWS, MAX_ROWS = 100, 40
# What the tables refuse, and have to refuse afterwards.
RULES = (
    "INSERT INTO orders (order_id, customer_id, note) VALUES (1, 1, 'twice')",
    "INSERT INTO orders (order_id, customer_id, note) VALUES (9001, 9999, 'for nobody')",
    "INSERT INTO customers (customer_id, name) VALUES (9001, NULL)",
)
REBUILD = """BEGIN;
CREATE TABLE fresh (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers,
    note TEXT NOT NULL CHECK (note <> ''), coupon TEXT REFERENCES coupons);
INSERT INTO fresh SELECT * FROM orders;
DROP TABLE orders;
ALTER TABLE fresh RENAME TO orders;
COMMIT;"""


def _text(fact: Row) -> str:
    return f"{fact[1]} {fact[2]}"


CUSTOMERS = App.of_table("customer", "customers", ("customer_id", "name"), lambda fact: (fact[0], _text(fact)))
ORDERS = replace(
    App.of_table("order", "orders", ("order_id", "note"), lambda fact: (fact[0], _text(fact))),
    insert=lambda fact: ("INSERT INTO orders (order_id, customer_id, note) VALUES (?, 1, ?)", (fact[0], _text(fact))),
)


def live_shop(seed: int) -> LiveDatabase:
    """The shop at noon: customers who share an e-mail, customers without a city, orders with a coupon."""
    rng = random.Random(seed)
    facts = [(number, rng.choice(("Ada", "Ben", "Mei")), f"Lund{number}") for number in range(1, ROWS + 1)]
    shared = rng.sample(range(2, ROWS + 1), 4)
    customers = [
        (n, _text(fact), f"c{1 if n in shared else n}@example.com", None if n % 3 else "Lyon", None)
        for n, fact in enumerate(facts, 1)
    ]
    orders = [(n, n, _text(fact), rng.choice((None, "SPRING"))) for n, fact in enumerate(facts, 1)]
    data: Data = {"coupons": [("SPRING",)], "customers": customers, "orders": orders}
    return LiveDatabase(SCHEMA, data, ((CUSTOMERS, facts), (ORDERS, facts)), RULES, MAX_ROWS)


def _no_row(query: str, words: str) -> Shortfall:
    """There is a shortfall if `query` gives a row."""

    def find(lab: SharedLab) -> str:
        rows = lab.execute(query).rows
        return f"{words}: {rows[0]!r}" if rows else ""

    return find


def _still_written(lab: SharedLab) -> str:
    lab.execute("INSERT INTO customers (customer_id, name) VALUES (7001, 'Eve Noon')")
    late = "SELECT joined FROM customers WHERE customer_id = 7001 AND abs(julianday(joined) - julianday('now')) < 1"
    return "" if lab.execute(late).rows else "a customer who is added now has another time in `joined`, or none"


def _every_email_once(lab: SharedLab) -> str:
    kept = lab.execute("SELECT count(DISTINCT email) FROM customers WHERE email LIKE 'c%@example.com'").rows[0][0]
    return "" if kept >= ROWS - 4 else "an e-mail is lost, which at least one customer had to keep"


NEW_COLUMN = "ALTER TABLE customers ADD COLUMN"
EMAIL = "INSERT INTO customers (customer_id, name, email) VALUES ({}, 'Eve', 'eve@example.com')"
CENTS = "UPDATE orders SET cents = {} WHERE order_id = 1"
INDEXES_OF_CUSTOMERS = """SELECT 1 FROM pragma_index_list('orders') l JOIN pragma_index_info(l.name) i
WHERE i.name = 'customer_id' AND i.seqno = 0"""
WRONG_CITIES = f"""SELECT customer_id, city FROM customers
WHERE customer_id <= {ROWS} AND city IS NOT iif(customer_id % 3, 'unknown', 'Lyon')"""
TWELVE: dict[int, LiveChange] = {
    1: LiveChange(
        f"{NEW_COLUMN} phone TEXT NOT NULL;",
        "every customer has a phone number, maybe an empty one, and never NULL",
        (
            _no_row("SELECT customer_id, phone FROM customers WHERE phone IS NULL", "a customer without one"),
            must_refuse("UPDATE customers SET phone = NULL WHERE customer_id = 1"),
        ),
    ),
    2: LiveChange(
        f"{NEW_COLUMN} status TEXT NOT NULL DEFAULT 'active';",
        "every customer has a status, at first 'active'",
        (
            _no_row(
                "SELECT customer_id, status FROM customers WHERE status IS NOT 'active'", "a customer with another one"
            ),
        ),
    ),
    3: LiveChange(
        f"{NEW_COLUMN} joined TEXT DEFAULT CURRENT_TIMESTAMP;",
        "who is added from now on has the time of it in `joined`",
        (_still_written,),
    ),
    4: LiveChange(
        "ALTER TABLE customers RENAME COLUMN name TO full_name;",
        "the new reports can read `full_name`, which always says what the name is",
        (
            _no_row(
                "SELECT name, full_name FROM customers WHERE full_name IS NOT name", "a name, and what the reports read"
            ),
        ),
    ),
    5: LiveChange(
        "ALTER TABLE customers DROP COLUMN fax;",
        "no customer has a fax number any more",
        (must_refuse("SELECT fax FROM customers"),),
    ),
    6: LiveChange(
        "CREATE INDEX orders_of_customer ON orders (customer_id);",
        "the orders of one customer are found by an index",
        (_no_row(f"SELECT 'no index' WHERE NOT EXISTS ({INDEXES_OF_CUSTOMERS})", "nothing to find them by"),),
    ),
    7: LiveChange(
        "CREATE UNIQUE INDEX one_email ON customers (email);",
        "no two customers have the same e-mail, and no e-mail disappears",
        (
            _every_email_once,
            _no_row(
                "SELECT email FROM customers WHERE email > '' GROUP BY email HAVING count(*) > 1", "one of several"
            ),
            must_refuse(EMAIL.format(7001), EMAIL.format(7002)),
        ),
    ),
    8: LiveChange(
        "ALTER TABLE orders ADD COLUMN cents INTEGER CHECK (cents > 0);",
        "orders can have a price, which is above 0",
        (must_refuse(CENTS.format(5), CENTS.format(0)),),
    ),
    9: LiveChange(
        REBUILD,
        "nobody can write an order with an empty note",
        (
            must_refuse("INSERT INTO orders (order_id, customer_id, note) VALUES (7001, 1, '')"),
            must_refuse("UPDATE orders SET note = '' WHERE order_id = 1"),
        ),
    ),
    10: LiveChange(
        "UPDATE customers SET city = 'unknown' WHERE city IS NULL;",
        f"of the {ROWS} customers who are there, each has a city",
        (_no_row(WRONG_CITIES, "a customer, and what the city is"),),
    ),
    11: LiveChange(
        "ALTER TABLE orders RENAME TO purchases;",
        "the new reports can read `purchases`, in which all orders are, later ones too",
        (
            _no_row(
                "SELECT order_id, note FROM orders EXCEPT SELECT order_id, note FROM purchases", "an order not in it"
            ),
        ),
    ),
    12: LiveChange("DROP TABLE coupons;", "the table `coupons` is gone", (must_refuse("SELECT code FROM coupons"),)),
}
