"""Plans on DuckDB under two applications, correct ones and faulty ones, each with the kind of fault it has."""

from graders.checks.live_migrations.rollouts import OLD, PEOPLE
from graders.labs import open_shared_lab
from graders.techniques.migrations import App

# Facts are (key, first name, last name); the new application has a column more, which the old one knows nothing of.
NEW = App(
    "new",
    "SELECT customer_id, fullname, status FROM customers",
    lambda fact: (fact[0], f"{fact[1]} {fact[2]}", "active"),
    lambda fact: (
        "INSERT INTO customers (customer_id, fullname, status) VALUES (?, ?, 'active')",
        (fact[0], f"{fact[1]} {fact[2]}"),
    ),
    OLD.update,
)


def people():
    """Three customers on DuckDB, for several sessions."""
    rows = [(number, f"{first} {last}") for number, first, last in PEOPLE]
    schema = "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, fullname VARCHAR)"
    return open_shared_lab("DuckDB", schema, {"customers": rows})


ADD = "ALTER TABLE customers ADD COLUMN status VARCHAR"
SERVE = "-- start: new\n-- stop: old\n"
REBUILD = """-- step: rebuild
BEGIN; CREATE TABLE fresh (customer_id INTEGER PRIMARY KEY, fullname VARCHAR, status VARCHAR DEFAULT 'active');
INSERT INTO fresh (customer_id, fullname) SELECT customer_id, fullname FROM customers; DROP TABLE customers;
ALTER TABLE fresh RENAME TO customers; COMMIT;
"""
# The plan, and how many requests have to wait.
PLANS = {
    "a column with a default": (f"-- step: add\n{ADD} DEFAULT 'active';\n{SERVE}", 0),
    "in a transaction": (
        f"-- step: add\nBEGIN; {ADD} DEFAULT 'active'; UPDATE customers SET status = 'active'; COMMIT;\n{SERVE}",
        4,
    ),
}
# The plan, the kind of fault, the number of the step after which it shows.
FAULTY_PLANS = {
    "renamed in place": ("-- step: rename\nALTER TABLE customers RENAME fullname TO name;\n", "app refused", 1),
    "a write during the rebuild": (REBUILD + SERVE, "write lost", 1),
    "NULL left by the old application": (
        f"-- step: add\n{ADD};\n-- step: backfill\nUPDATE customers SET status = 'active';\n{SERVE}",
        "app misled",
        3,
    ),
    "NOT NULL without a default": (f"-- step: add\n{ADD} NOT NULL;\n{SERVE}", "refused", 1),
    "a transaction left open": (f"-- step: add\nBEGIN; {ADD} DEFAULT 'active';\n{SERVE}", "refused", 1),
}
