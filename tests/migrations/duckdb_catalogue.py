"""Migrations and plans on DuckDB, correct ones and faulty ones, each with the kind of fault it has."""

from dataclasses import replace

from graders.labs import open_shared_lab
from graders.techniques.migrations import App, Change

FIRST = """CREATE SEQUENCE numbers START 100; CREATE TABLE cities (city VARCHAR PRIMARY KEY);
CREATE TABLE history (customer_id INTEGER, event VARCHAR);"""
INDEX = "CREATE INDEX customers_by_name ON customers (name);"
TRIGGER = """CREATE TRIGGER customers_noted AFTER INSERT ON customers
    FOR EACH ROW INSERT INTO history VALUES (NEW.customer_id, 'added');"""
VIEW = "CREATE VIEW mailing AS SELECT name, email FROM customers;"
NUMBERS, CHECK, CITY = " DEFAULT nextval('numbers')", " CHECK (email LIKE '%@%')", " REFERENCES cities (city)"
LOOSE = f"""(customer_id INTEGER PRIMARY KEY{NUMBERS}, name VARCHAR NOT NULL, email VARCHAR, city VARCHAR{CITY})"""
STRICTER = LOOSE.replace("email VARCHAR", f"email VARCHAR NOT NULL{CHECK}")
NOBODY = "nobody@example.com"
CUSTOMERS = [(1, "Prince", None, "Lyon"), (2, "O'Brien", "o@example.com", "Lyon"), (7, "Prince", "p@example.com", None)]


def _data(rows):
    return {"cities": [("Lyon",), ("Bonn",)], "customers": rows}


def _moved(data):
    return {**data, "customers": [(*row[:2], row[2] or NOBODY, row[3]) for row in data["customers"]]}


def _whole(columns):
    return f"{FIRST} CREATE TABLE customers {columns}; {INDEX} {TRIGGER} {VIEW}"


NASTY = {"nasty": _data(CUSTOMERS)}
RULE = Change(_whole(LOOSE), _whole(STRICTER), NASTY, _moved, engine="DuckDB")
ON_EMPTY_TOO = replace(RULE, snapshots={"empty": _data([]), **NASTY})
COPY = f"INSERT INTO fresh SELECT customer_id, name, coalesce(email, '{NOBODY}'), city FROM customers;"
SWAP = "DROP TABLE customers; ALTER TABLE fresh RENAME TO customers;"
UP = f"""BEGIN; CREATE TABLE fresh {STRICTER};
{COPY} {SWAP} {INDEX} {TRIGGER}
COMMIT;"""
BACK = f"INSERT INTO fresh SELECT customer_id, name, nullif(email, '{NOBODY}'), city FROM customers;"
DOWN = UP.replace(STRICTER, LOOSE).replace(COPY, BACK)

NAMES = "CREATE TABLE people (id INTEGER PRIMARY KEY, fullname VARCHAR"
INITIAL = Change(
    f"{NAMES});",
    f"{NAMES}, initial VARCHAR);",
    {"empty": {"people": []}, "nasty": {"people": [(1, "Ada"), (2, None)]}},
    lambda data: {"people": [(number, name, name and name[0]) for number, name in data["people"]]},
    engine="DuckDB",
)
ADDS, FILLS = "ALTER TABLE people ADD COLUMN initial VARCHAR;", "UPDATE people SET initial = fullname[1];"
DROPS = "ALTER TABLE people DROP COLUMN initial;"
# The change asked for, up, down.
CORRECT = {
    "rebuilt in one transaction": (RULE, UP, DOWN),
    "in another spelling": (
        INITIAL,
        f"BEGIN; {ADDS.lower()} {FILLS.replace('people', 'main.PEOPLE')} COMMIT;",
        DROPS,
    ),
}
# The change asked for, up, down, and the kind of fault.
FAULTY = {
    "SET NOT NULL after an UPDATE in one transaction": (
        RULE,
        f"""BEGIN; DROP INDEX customers_by_name; UPDATE customers SET email = '{NOBODY}' WHERE email IS NULL;
        ALTER TABLE customers ALTER email SET NOT NULL; {INDEX} COMMIT;""",
        DOWN,
        "refused after writes",
    ),
    "NOT NULL before the backfill": (
        ON_EMPTY_TOO,
        "DROP INDEX customers_by_name; ALTER TABLE customers ALTER email SET NOT NULL;" + UP,
        DOWN,
        "refused on rows",
    ),
    "renamed with an index on it": (
        RULE,
        UP.replace("DROP TABLE", "ALTER TABLE customers RENAME TO o; --"),
        DOWN,
        "refused",
    ),
    "no transaction": (INITIAL, ADDS + FILLS, DROPS, "torn"),
    "down without a transaction": (
        INITIAL,
        f"BEGIN; {ADDS} {FILLS} COMMIT;",
        "UPDATE people SET initial = NULL;" + DROPS,
        "torn",
    ),
    "no commit": (RULE, UP.replace("COMMIT;", ""), DOWN, "left open"),
    "index forgotten": (RULE, UP.replace(INDEX, ""), DOWN, "index lost"),
    "trigger forgotten": (RULE, UP.replace(TRIGGER, ""), DOWN, "trigger lost"),
    "trigger changed": (RULE, UP.replace("'added'", "'new'"), DOWN, "trigger changed"),
    "view forgotten": (RULE, UP.replace("DROP", "DROP VIEW mailing; DROP"), DOWN, "view lost"),
    "check forgotten": (RULE, UP.replace(CHECK, ""), DOWN, "check lost"),
    "foreign key forgotten": (RULE, UP.replace(CITY, ""), DOWN, "foreign key lost"),
    "default forgotten": (RULE, UP.replace(NUMBERS, ""), DOWN, "column changed"),
    "sequence dropped": (
        RULE,
        UP.replace(NUMBERS, "").replace("COMMIT", "DROP SEQUENCE numbers; COMMIT"),
        DOWN,
        "sequence lost",
    ),
    "a further rule": (ON_EMPTY_TOO, UP.replace("city VARCHAR", "city VARCHAR UNIQUE"), DOWN, "refused on rows"),
    "the old table stays": (
        RULE,
        UP.replace("DROP TABLE", "CREATE TABLE kept AS FROM customers; DROP TABLE"),
        DOWN,
        "table left",
    ),
    "another address": (RULE, UP.replace(NOBODY, "none@example.com"), DOWN, "row changed"),
    "who has none is left out": (
        RULE,
        UP.replace("FROM customers;", "FROM customers WHERE email IS NOT NULL;"),
        DOWN,
        "rows lost",
    ),
    "down loses rows": (
        RULE,
        UP,
        DOWN.replace("FROM customers;", f"FROM customers WHERE email <> '{NOBODY}';"),
        "down rows",
    ),
    "down forgets the trigger": (RULE, UP, DOWN.replace(TRIGGER, ""), "down schema"),
    "down for another up": (RULE, UP, "DROP INDEX by_email;" + DOWN, "down refused"),
    "a temporary table stays": (RULE, "CREATE TEMP TABLE kept AS FROM customers;" + UP, DOWN, "up again"),
    "a macro stays": (
        INITIAL,
        f"CREATE MACRO first(name) AS name[1]; BEGIN; {ADDS} {FILLS} COMMIT; DROP MACRO first;",
        DROPS,
        "no second run",
    ),
}

# Facts are (key, first name, last name); the new application has a column more, which the old one knows nothing of.
PEOPLE = [(1, "Ada", "Okafor"), (2, "Ludwig", "van der Berg"), (3, "Mei", "Li")]
OLD = App(
    "old",
    "SELECT customer_id, fullname FROM customers",
    lambda fact: (fact[0], f"{fact[1]} {fact[2]}"),
    lambda fact: ("INSERT INTO customers (customer_id, fullname) VALUES (?, ?)", (fact[0], f"{fact[1]} {fact[2]}")),
    lambda fact: ("UPDATE customers SET fullname = ? WHERE customer_id = ?", (f"{fact[1]} {fact[2]}", fact[0])),
)
NEW = App(
    "new",
    "SELECT customer_id, fullname, status FROM customers",
    lambda fact: (fact[0], f"{fact[1]} {fact[2]}", "active"),
    lambda fact: (
        "INSERT INTO customers (customer_id, fullname, status) VALUES (?, ?, 'active')",
        (fact[0], f"{fact[1]} {fact[2]}"),
    ),
    OLD.changes,
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
    "a write during the rebuild": (REBUILD + SERVE, "app misled", 1),
    "NULL left by the old application": (
        f"-- step: add\n{ADD};\n-- step: backfill\nUPDATE customers SET status = 'active';\n{SERVE}",
        "app misled",
        3,
    ),
    "NOT NULL without a default": (f"-- step: add\n{ADD} NOT NULL;\n{SERVE}", "refused", 1),
    "a transaction left open": (f"-- step: add\nBEGIN; {ADD} DEFAULT 'active';\n{SERVE}", "refused", 1),
}
