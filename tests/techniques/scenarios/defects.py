"""Defects planted in a sound shop, each with the invariant that is meant for it."""

from __future__ import annotations

from dataclasses import dataclass

from shops import DELETE, LOGIN, ORDER, PLAN, RECOVER, SEARCH

from course_data import shop as data

WITHOUT_KEY = data.SCHEMA.replace("request_key TEXT NOT NULL UNIQUE", "request_key TEXT NOT NULL")
WITHOUT_CHECK = data.SCHEMA.replace("stock       INTEGER NOT NULL CHECK (stock >= 0)", "stock       INTEGER NOT NULL")


@dataclass(frozen=True)
class Defect:
    """What is wrong with a shop, and what must be reported."""

    meant: str
    parts: dict[str, str]
    plan: str = ""
    schema: str = data.SCHEMA
    also: frozenset[str] = frozenset()
    """Invariants that break as well, because one mistake has several consequences."""


def replace(text: str, *pairs: tuple[str, str]) -> str:
    """`text` with each pair replaced, which must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


COMMIT = 'connection.execute("COMMIT")'
RETURN = f"        {COMMIT}\n        return order"
LOOK = """        connection.execute(
            "SELECT * FROM customers WHERE customer_id = ?", (customer,)).fetchone()
"""
HAND_OVER = """def delete_customer(connection, customer):
    connection.execute("UPDATE orders SET customer_id = 1 WHERE customer_id = ?", (customer,))
"""
DEFINE = "def delete_customer(connection, customer):\n"
UNSEEN = "SELECT 1 FROM payments WHERE order_id"
PAUSE = "-- step: a pause\nSELECT 1;\n-- stop: old\n"
READ_FIRST = (
    '"UPDATE products SET stock = stock - ? WHERE product_id = ? AND stock >= ? RETURNING price_cents",\n'
    "                (pieces, product, pieces),\n            ).fetchall()"
)
READ_THEN_WRITE = (
    '"SELECT price_cents, stock FROM products WHERE product_id = ? AND stock >= ?", (product, pieces)\n'
    "            ).fetchall()\n"
    "            if taken:\n"
    '                connection.execute("UPDATE products SET stock = ? WHERE product_id = ?",'
    " (taken[0][1] - pieces, product))"
)
NO_LOCK = [
    ('    connection.execute("BEGIN IMMEDIATE")\n', ""),
    ('connection.execute("COMMIT")', "pass"),
]
PAY = 'connection.execute(\n            "INSERT INTO payments'
SEARCH_JOINED = """
def search(connection, text):
    return connection.execute(
        f"SELECT product_id, title, price_cents FROM products WHERE title LIKE '%{text}%'").fetchall()
"""
CHECK_FIRST = """
def login(connection, email, password):
    row = connection.execute(
        f"SELECT customer_id, password_hash FROM customers WHERE email = '{email}' AND deleted_at IS NULL").fetchone()
    return row and row[0]
"""

DEFECTS = {
    "reads the stock before it locks": Defect(
        "stock",
        {"place_order": replace(ORDER, (READ_FIRST, READ_THEN_WRITE), *NO_LOCK)},
        also=frozenset({"pieces", "errors"}),
    ),
    "a stock without a rule, and nobody asks": Defect(
        "stock",
        {
            "place_order": replace(
                ORDER,
                (" AND stock >= ?", ""),
                ("product, pieces)", "product)"),
            )
        },
        schema=WITHOUT_CHECK,
    ),
    "the last line takes nothing from the stock": Defect(
        "pieces",
        {
            "place_order": replace(
                ORDER, ("(pieces, product, pieces)", "(pieces if product != lines[-1][0] else 0, product, pieces)")
            )
        },
    ),
    "an order that fails keeps what it took": Defect(
        "pieces",
        {"place_order": replace(ORDER, ('connection.execute("ROLLBACK")', 'connection.execute("COMMIT")'))},
    ),
    "the key is not asked for, and not unique": Defect(
        "payments",
        {"place_order": replace(ORDER, ("if known:", "if False:"))},
        schema=WITHOUT_KEY,
        also=frozenset({"errors"}),
    ),
    "the payment is another transaction": Defect(
        "payments",
        {"place_order": replace(ORDER, (PAY, f"{COMMIT}\n        {PAY}"), (RETURN, "        return order"))},
    ),
    "who sends again is told another number": Defect(
        "payments", {"place_order": replace(ORDER, ("return known[0]", "return known[0] + 1"))}
    ),
    "the total is that of the first line": Defect(
        "totals", {"place_order": replace(ORDER, ("in bought)\n", "in bought[:1])\n"))}
    ),
    "a cent is lost where something is divided": Defect(
        "totals", {"place_order": replace(ORDER, ("(order, total)", "(order, total // 10 * 10)"))}
    ),
    "an error on the way ends the order, and it says done": Defect(
        "payments", {"place_order": replace(ORDER, ("        raise\n", "        return 0\n"))}
    ),
    "lines at a price of another day": Defect(
        "served", {"place_order": replace(ORDER, ("taken[0][0])", "taken[0][0] + 1)"))}
    ),
    "a lock is asked for too late": Defect("errors", {"place_order": replace(ORDER, ("BEGIN IMMEDIATE", "BEGIN"))}),
    "a search that is pasted together": Defect(
        "secrets", {"search": SEARCH_JOINED}, also=frozenset({"errors", "served"})
    ),
    "a login that is pasted together": Defect("secrets", {"login": CHECK_FIRST}, also=frozenset({"errors", "served"})),
    "an order that looks at the whole customer": Defect(
        "secrets", {"place_order": replace(ORDER, ("        bought = []\n", LOOK + "        bought = []\n"))}
    ),
    "wildcards that are not escaped": Defect(
        "served", {"search": replace(SEARCH, ('.replace("%", "\\\\%").replace("_", "\\\\_")', ""))}
    ),
    "a customer goes with their orders": Defect(
        "accounted",
        {
            "delete_customer": """
def delete_customer(connection, customer):
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM orders WHERE customer_id = ?", (customer,))
    connection.execute("DELETE FROM customers WHERE customer_id = ?", (customer,))
"""
        },
        also=frozenset({"pieces", "payments", "totals"}),
    ),
    "orders of a deleted customer go to another": Defect(
        "accounted", {"delete_customer": replace(DELETE, (DEFINE, HAND_OVER))}
    ),
    "a deleted customer keeps the address": Defect(
        "served", {"delete_customer": replace(DELETE, ("email = 'deleted-' || customer_id, ", ""))}
    ),
    "everybody is forgotten": Defect(
        "served", {"delete_customer": replace(DELETE, (" WHERE customer_id = ?", ""), ("        (customer,),\n", ""))}
    ),
    "two customers are forgotten under one address": Defect(
        "errors",
        {"delete_customer": replace(DELETE, ("'deleted-' || customer_id", "'deleted'"))},
        also=frozenset({"served"}),
    ),
    "the file alone is copied": Defect(
        "restored",
        {"backup": "import shutil\ndef backup(source, target):\n    shutil.copyfile(source, target)\n"},
    ),
    "the newest copy, whole or not": Defect("restored", {"recover": replace(RECOVER, (" and usable(path)", ""))}),
    "the accident is replayed": Defect("restored", {"recover": replace(RECOVER, ("< moment:", "<= moment:"))}),
    "what the copy holds is done again": Defect(
        "restored", {"recover": replace(RECOVER, ("start < time", "start <= time"))}
    ),
    "addresses are compared by LIKE": Defect(
        "secrets", {"login": replace(LOGIN, ("email = ?", "email LIKE ?"))}, also=frozenset({"served"})
    ),
    "the table is renamed in one step": Defect(
        "errors",
        {},
        plan="""
-- step: everything
ALTER TABLE payments RENAME TO charges;
ALTER TABLE charges RENAME COLUMN payment_id TO charge_id;
ALTER TABLE charges RENAME COLUMN cents TO amount;
ALTER TABLE charges RENAME COLUMN paid_at TO charged_at;
ALTER TABLE charges ADD COLUMN currency TEXT NOT NULL DEFAULT 'EUR';
-- start: new
-- stop: old
""",
        also=frozenset({"payments"}),
    ),
    "what was paid before is not moved": Defect(
        "payments", {}, plan=replace(PLAN, ("payments WHERE order_id NOT IN", "payments WHERE 1 = 0 AND order_id IN"))
    ),
    "what version 2 writes is not seen by version 1": Defect(
        "payments", {}, plan=replace(PLAN, (UNSEEN, f"{UNSEEN} > 0 OR order_id"), ("-- stop: old\n", PAUSE))
    ),
}
