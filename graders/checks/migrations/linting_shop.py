"""A shop that is open, and twelve statements for tonight: what each is for, and how to see whether it was reached."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from graders.labs import EngineError, SharedLab
from graders.techniques.migrations import App
from graders.techniques.migrations.linting import Live

SCHEMA = """
CREATE TABLE coupons (code TEXT PRIMARY KEY);
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, city TEXT, fax TEXT);
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers,
    note TEXT NOT NULL, coupon TEXT REFERENCES coupons);
"""
ROWS, MOST_ROWS = 100, 40
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


def _said(fact: tuple) -> str:
    return f"{fact[1]} {fact[2]}"


CUSTOMERS = App(
    "customer",
    "SELECT customer_id, name FROM customers",
    lambda fact: (fact[0], _said(fact)),
    lambda fact: ("INSERT INTO customers (customer_id, name) VALUES (?, ?)", (fact[0], _said(fact))),
    lambda fact: ("UPDATE customers SET name = ? WHERE customer_id = ?", (_said(fact), fact[0])),
)
ORDERS = App(
    "order",
    "SELECT order_id, note FROM orders",
    lambda fact: (fact[0], _said(fact)),
    lambda fact: ("INSERT INTO orders (order_id, customer_id, note) VALUES (?, 1, ?)", (fact[0], _said(fact))),
    lambda fact: ("UPDATE orders SET note = ? WHERE order_id = ?", (_said(fact), fact[0])),
)


def live_shop(seed: int) -> Live:
    """The shop at noon: customers who share an e-mail, customers without a city, orders with a coupon."""
    rng = random.Random(seed)
    facts = [(number, rng.choice(("Ada", "Ben", "Mei")), f"Lund{number}") for number in range(1, ROWS + 1)]
    shared = rng.sample(range(2, ROWS + 1), 4)
    customers = [
        (n, _said(fact), f"c{1 if n in shared else n}@example.com", None if n % 3 else "Lyon", None)
        for n, fact in enumerate(facts, 1)
    ]
    orders = [(n, n, _said(fact), rng.choice((None, "SPRING"))) for n, fact in enumerate(facts, 1)]
    data = {"coupons": [("SPRING",)], "customers": customers, "orders": orders}
    return Live(SCHEMA, data, ((CUSTOMERS, facts), (ORDERS, facts)), MOST_ROWS)


@dataclass(frozen=True)
class Tonight:
    """A statement for tonight, what it is for, and what says in words that this was missed ("" if it was not)."""

    statement: str
    purpose: str
    look: Callable[[SharedLab], str]

    def missed(self, lab: SharedLab) -> str:
        """What it was for and did not reach, or which rule of the tables is gone; "" if all is well."""
        lost = next((rule for rule in RULES if not isinstance(lab.outcomes([rule])[0], EngineError)), "")
        return self.look(lab) or (f"a rule is gone, for `{lost}` goes through" if lost else "")


def _none(query: str, words: str) -> Callable[[SharedLab], str]:
    """Missed if `query` gives a row."""

    def missed(lab: SharedLab) -> str:
        rows = lab.execute(query).rows
        return f"{words}: {rows[0]!r}" if rows else ""

    return missed


def _kept_out(*statements: str) -> Callable[[SharedLab], str]:
    """Missed if the last of `statements` goes through, or one of those before it does not."""

    def missed(lab: SharedLab) -> str:
        *before, last = statements
        for statement in before:
            lab.execute(statement)
        (told,) = lab.outcomes([last])
        return "" if isinstance(told, EngineError) else f"`{last}` goes through"

    return missed


def _all(*looks: Callable[[SharedLab], str]) -> Callable[[SharedLab], str]:
    return lambda lab: next((words for look in looks if (words := look(lab))), "")


def _still_written(lab: SharedLab) -> str:
    lab.execute("INSERT INTO customers (customer_id, name) VALUES (7001, 'Eve Noon')")
    late = "SELECT joined FROM customers WHERE customer_id = 7001 AND abs(julianday(joined) - julianday('now')) < 1"
    return "" if lab.execute(late).rows else "a customer who is added now has another time in `joined`, or none"


def _every_email_once(lab: SharedLab) -> str:
    kept = lab.execute("SELECT count(DISTINCT email) FROM customers WHERE email LIKE 'c%@example.com'").rows[0][0]
    return "" if kept >= ROWS - 4 else "an e-mail is lost, which at least one customer had to keep"


NEW_COLUMN = "ALTER TABLE customers ADD COLUMN"
EMAIL = "INSERT INTO customers (customer_id, name, email) VALUES ({}, 'Eve', 'eve@example.com')"
TWELVE: dict[int, Tonight] = {
    1: Tonight(
        f"{NEW_COLUMN} phone TEXT NOT NULL;",
        "every customer has a phone number, maybe an empty one, and never NULL",
        _all(
            _none("SELECT customer_id, phone FROM customers WHERE phone IS NULL", "a customer without one"),
            _kept_out("UPDATE customers SET phone = NULL WHERE customer_id = 1"),
        ),
    ),
    2: Tonight(
        f"{NEW_COLUMN} status TEXT NOT NULL DEFAULT 'active';",
        "every customer has a status, at first 'active'",
        _none("SELECT customer_id, status FROM customers WHERE status IS NOT 'active'", "a customer with another one"),
    ),
    3: Tonight(
        f"{NEW_COLUMN} joined TEXT DEFAULT CURRENT_TIMESTAMP;",
        "who is added from now on has the time of it in `joined`",
        _still_written,
    ),
    4: Tonight(
        "ALTER TABLE customers RENAME COLUMN name TO full_name;",
        "the new reports can read `full_name`, which always says what the name is",
        _none("SELECT name, full_name FROM customers WHERE full_name IS NOT name", "a name, and what the reports read"),
    ),
    5: Tonight(
        "ALTER TABLE customers DROP COLUMN fax;",
        "no customer has a fax number any more",
        _kept_out("SELECT fax FROM customers"),
    ),
    6: Tonight(
        "CREATE INDEX orders_of_customer ON orders (customer_id);",
        "the orders of one customer are found by an index",
        _none(
            "SELECT 'no index' WHERE NOT EXISTS (SELECT 1 FROM pragma_index_list('orders') l"
            " JOIN pragma_index_info(l.name) i WHERE i.name = 'customer_id' AND i.seqno = 0)",
            "nothing to find them by",
        ),
    ),
    7: Tonight(
        "CREATE UNIQUE INDEX one_email ON customers (email);",
        "no two customers have the same e-mail, and no e-mail disappears",
        _all(
            _every_email_once,
            _none("SELECT email FROM customers WHERE email > '' GROUP BY email HAVING count(*) > 1", "one of several"),
            _kept_out(EMAIL.format(7001), EMAIL.format(7002)),
        ),
    ),
    8: Tonight(
        "ALTER TABLE orders ADD COLUMN cents INTEGER CHECK (cents > 0);",
        "orders can have a price, which is above 0",
        _kept_out("UPDATE orders SET cents = 5 WHERE order_id = 1", "UPDATE orders SET cents = 0 WHERE order_id = 1"),
    ),
    9: Tonight(
        REBUILD,
        "nobody can write an order with an empty note",
        _all(
            _kept_out("INSERT INTO orders (order_id, customer_id, note) VALUES (7001, 1, '')"),
            _kept_out("UPDATE orders SET note = '' WHERE order_id = 1"),
        ),
    ),
    10: Tonight(
        "UPDATE customers SET city = 'unknown' WHERE city IS NULL;",
        f"of the {ROWS} customers who are there, each has a city",
        _none(
            f"SELECT customer_id, city FROM customers WHERE customer_id <= {ROWS}"
            " AND city IS NOT iif(customer_id % 3, 'unknown', 'Lyon')",
            "a customer, and what the city is",
        ),
    ),
    11: Tonight(
        "ALTER TABLE orders RENAME TO purchases;",
        "the new reports can read `purchases`, in which all orders are, later ones too",
        _none("SELECT order_id, note FROM orders EXCEPT SELECT order_id, note FROM purchases", "an order not in it"),
    ),
    12: Tonight("DROP TABLE coupons;", "the table `coupons` is gone", _kept_out("SELECT code FROM coupons")),
}
