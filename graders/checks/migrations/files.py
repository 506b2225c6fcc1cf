"""Files of migrations in pairs, the databases at which some of them have been applied, and what each must leave."""

from __future__ import annotations

import hashlib

from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.techniques.schedules import query_final_state

FILES = {
    "10_prices.up.sql": "INSERT INTO orders SELECT 1, customer_id FROM customers;\n"
    "ALTER TABLE orders ADD COLUMN cents INTEGER;\n",
    "10_prices.down.sql": "ALTER TABLE orders DROP COLUMN cents;\nDELETE FROM orders;\n",
    "2_orders.up.sql": "CREATE TABLE orders (order_id INTEGER, customer_id INTEGER);\n"
    "CREATE INDEX of_customer ON orders (customer_id);\n",
    "2_orders.down.sql": "DROP INDEX of_customer;\nDROP TABLE orders;\n",
    "9_notes.up.sql": "CREATE TABLE notes (order_id INTEGER);\n"
    "CREATE TRIGGER noted AFTER INSERT ON orders BEGIN\n    INSERT INTO notes VALUES (new.order_id);\nEND;\n",
    "9_notes.down.sql": "DROP TRIGGER noted;\nDROP TABLE notes;\n",
    "1_customers.up.sql": "CREATE TABLE customers (customer_id INTEGER);\nINSERT INTO customers VALUES (1);\n",
    "1_customers.down.sql": "DROP TABLE customers;\n",
}
# The table `returns` was made by hand, so this up has never run; its down would drop what others made.
NEVER_RAN = {
    "11_returns.up.sql": "CREATE TABLE returns (order_id INTEGER);\n",
    "11_returns.down.sql": "DROP TABLE IF EXISTS returns;\n",
}
BROKEN = {
    "12_refunds.up.sql": "CREATE TABLE refunds (order_id INTEGER);\nINSERT INTO no_such_table VALUES (1);\n",
    "12_refunds.down.sql": "DROP TABLE refunds;\n",
}
APPLIED = "CREATE TABLE applied (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL);"
ALL = (1, 2, 9, 10)
LEAVES = {1: ["customers"], 2: ["of_customer", "orders"], 9: ["noted", "notes"], 10: []}
NAMES = "SELECT name FROM sqlite_schema WHERE name NOT IN ('applied', 'returns') ORDER BY name"
DONE = {
    1: "SELECT 2 * count(*) FROM customers",
    2: "SELECT count(*) FROM sqlite_schema WHERE name IN ('orders', 'of_customer')",
    9: "SELECT count(*) FROM sqlite_schema WHERE name IN ('notes', 'noted')",
    10: "SELECT (SELECT count(*) FROM pragma_table_info('orders') WHERE name = 'cents') + count(*) FROM orders",
}


def checksum(text: str) -> str:
    """What the table `applied` keeps of an up file."""
    return hashlib.sha256(text.encode()).hexdigest()


def up_files() -> dict[int, str]:
    """The text of each up file by its number."""
    return {int(name.partition("_")[0]): text for name, text in FILES.items() if name.endswith(".up.sql")}


def opened_at(applied: tuple[int, ...], more: str = "") -> SharedLab:
    """A database at which the migrations `applied` have been done and noted, and then the statements of `more`."""
    known = up_files()
    schema = APPLIED + "".join(known[number] for number in applied) + more
    return open_shared_lab("SQLite", schema, {"applied": [(number, checksum(known[number])) for number in applied]})


def noted(lab: SharedLab) -> list[int]:
    """The numbers in `applied`."""
    return [number for (number,) in query_final_state(lab, "SELECT number FROM applied ORDER BY number")]


def names(lab: SharedLab) -> list[str]:
    """The names of all tables, indexes and triggers, but for `applied` and what was made by hand."""
    return [name for (name,) in query_final_state(lab, NAMES)]


def torn(lab: SharedLab) -> str:
    """An invariant: each migration is done as a whole and noted, or neither."""
    numbers = noted(lab)
    for number, look in DONE.items():
        (found,) = lab.outcomes([look])
        done = 0 if isinstance(found, EngineError) else found.rows[0][0]
        if done not in (0, 2):
            return f"half of migration {number} is there"
        if bool(done) != (number in numbers):
            return f"migration {number} is {'done but not noted' if done else 'noted but not done'}"
    return ""
