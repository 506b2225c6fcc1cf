"""Migrations on DuckDB, correct ones and faulty ones, each with the kind of fault it has."""

from dataclasses import replace

from graders.techniques.migrations import Change

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
