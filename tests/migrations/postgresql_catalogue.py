"""Migrations on PostgreSQL, correct ones and faulty ones, each with the kind of fault it has."""

from dataclasses import replace

from graders.techniques.migrations import Change

CITIES = "CREATE TABLE cities (city text PRIMARY KEY); CREATE TABLE history (customer_id int, event text);"
ORDERS = """CREATE TABLE orders (order_id int PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customers ON DELETE CASCADE);"""
INDEX = "CREATE INDEX customers_by_name ON customers (lower(name));"
NOTED = """CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO history VALUES (NEW.customer_id, 'added'); RETURN NEW; END $$;"""
TRIGGER = "CREATE TRIGGER customers_noted AFTER INSERT ON customers FOR EACH ROW EXECUTE FUNCTION noted();"
VIEW = "CREATE VIEW mailing AS SELECT name, email FROM customers;"
CHECK = "CHECK (email LIKE '%@%')"
LOOSE = """(customer_id serial PRIMARY KEY, name text NOT NULL, email text,
    city text UNIQUE DEFERRABLE REFERENCES cities)"""
STRICTER = LOOSE.replace("email text", f"email text NOT NULL {CHECK}")
NOBODY = "nobody@example.com"
CUSTOMERS = [(1, "Prince", None, "Lyon"), (2, "O'Brien", "o@example.com", "Bonn"), (7, "Prince", "p@example.com", None)]


def _data(rows):
    orders = [(number, row[0]) for number, row in enumerate(rows * 2, 1)]
    return {"cities": [("Lyon",), ("Bonn",)], "customers": rows, "orders": orders}


def _moved(data):
    return {**data, "customers": [(*row[:2], row[2] or NOBODY, row[3]) for row in data["customers"]]}


def _whole(columns):
    return f"{CITIES} CREATE TABLE customers {columns}; {ORDERS} {INDEX} {NOTED} {TRIGGER} {VIEW}"


NASTY = {"nasty": _data(CUSTOMERS)}
RULE = Change(_whole(LOOSE), _whole(STRICTER), NASTY, _moved, engine="PostgreSQL")
ON_EMPTY_TOO = replace(RULE, snapshots={"empty": _data([]), **NASTY})
FILL = f"UPDATE customers SET email = '{NOBODY}' WHERE email IS NULL;"
ASK = "ALTER TABLE customers ALTER email SET NOT NULL;"
ADD_CHECK = f"ALTER TABLE customers ADD CONSTRAINT an_address {CHECK};"
UP = f"BEGIN; {FILL} {ASK} {ADD_CHECK} COMMIT;"
EMPTY = f"UPDATE customers SET email = NULL WHERE email = '{NOBODY}';"
DROP_CHECK = """EXECUTE (SELECT format('ALTER TABLE customers DROP CONSTRAINT %I', conname) FROM pg_constraint
    WHERE conrelid = 'customers'::regclass AND contype = 'c');"""
DOWN = f"DO $$ BEGIN ALTER TABLE customers ALTER email DROP NOT NULL; {DROP_CHECK} {EMPTY} END $$;"
OWNED = "ALTER SEQUENCE customers_customer_id_seq OWNED BY fresh.customer_id;"
NUMBERED = "ALTER TABLE fresh ALTER customer_id SET DEFAULT nextval('customers_customer_id_seq');"
REFERRED = "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE;"
COPY = f"INSERT INTO fresh SELECT customer_id, name, coalesce(email, '{NOBODY}'), city FROM customers;"
PUT_AWAY = "DROP TABLE customers CASCADE;"
SWAP = f"""BEGIN; CREATE TABLE fresh {STRICTER.replace("serial", "int")};
{COPY} {NUMBERED} {OWNED} {PUT_AWAY} ALTER TABLE fresh RENAME TO customers;
{REFERRED} {INDEX} {TRIGGER} {VIEW}
COMMIT;"""
PUBLISHED = SWAP.replace(PUT_AWAY, "ALTER TABLE customers RENAME TO customers_old;")
REPOINTED = "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey;" + REFERRED
AGAIN = "DROP VIEW mailing; DROP INDEX customers_by_name;"
TIDY = "FUNCTION tidy(name text) RETURNS text LANGUAGE sql AS $$ SELECT lower(name) $$;"

NAMES = "CREATE TABLE people (id serial PRIMARY KEY, fullname text"
INITIAL = Change(
    f"{NAMES});",
    f"{NAMES}, initial text CHECK (length(initial) = 1));",
    {"empty": {"people": []}, "nasty": {"people": [(1, "Ada"), (2, None)]}},
    lambda data: {"people": [(number, name, name and name[0]) for number, name in data["people"]]},
    engine="PostgreSQL",
)
ADDS, FILLS = "ALTER TABLE people ADD initial text;", "UPDATE people SET initial = left(fullname, 1);"
CHECKS = "ALTER TABLE people ADD CONSTRAINT one CHECK (length(initial) = 1);"
DROPS = "ALTER TABLE people DROP initial;"
ADDED = f"BEGIN; {ADDS} {FILLS} {CHECKS} COMMIT;"
ANEW = f"""BEGIN; {NAMES.replace("people", "fresh")}, initial text CHECK (length(initial) = 1));
INSERT INTO fresh SELECT *, left(fullname, 1) FROM people; DROP TABLE people; ALTER TABLE fresh RENAME TO people;
COMMIT;"""
GOES_ON = "SELECT setval(pg_get_serial_sequence('people', 'id'), max(id)) FROM people;"

# The change asked for, up, down.
CORRECT = {
    "a table in its place": (RULE, SWAP, DOWN),
    "a check that is validated later": (
        INITIAL,
        ADDED.replace(" = 1);", " = 1) NOT VALID; ALTER TABLE people VALIDATE CONSTRAINT one;"),
        f"BEGIN; ALTER TABLE people DROP CONSTRAINT one; {DROPS} COMMIT;",
    ),
}
# The change asked for, up, down, and the kind of fault.
FAULTY = {
    "NOT NULL before the backfill": (ON_EMPTY_TOO, f"BEGIN; {ASK} {FILL} {ADD_CHECK} COMMIT;", DOWN, "refused on rows"),
    "an index made CONCURRENTLY in a transaction": (
        RULE,
        UP.replace("COMMIT", "CREATE INDEX CONCURRENTLY more ON customers (email); COMMIT"),
        DOWN,
        "refused",
    ),
    "the old table cannot go": (
        RULE,
        SWAP.replace(" CASCADE;\n", ";\n").replace("customers CASCADE", "customers"),
        DOWN,
        "refused",
    ),
    "no transaction": (INITIAL, ADDS + FILLS + CHECKS, DROPS, "torn"),
    "down without a transaction": (INITIAL, ADDED, "UPDATE people SET initial = NULL;" + DROPS, "torn"),
    "no commit": (RULE, UP.replace("COMMIT;", ""), DOWN, "left open"),
    "check forgotten": (RULE, UP.replace(ADD_CHECK, ""), DOWN, "check lost"),
    "check never validated": (RULE, UP.replace(CHECK, f"{CHECK} NOT VALID"), DOWN, "check changed"),
    "index forgotten": (RULE, SWAP.replace(INDEX, ""), DOWN, "index lost"),
    "index without its expression": (RULE, SWAP.replace("lower(name)", "name"), DOWN, "index changed"),
    "trigger forgotten": (RULE, SWAP.replace(TRIGGER, ""), DOWN, "trigger lost"),
    "trigger switched off": (
        RULE,
        UP.replace("COMMIT", "ALTER TABLE customers DISABLE TRIGGER customers_noted; COMMIT"),
        DOWN,
        "trigger changed",
    ),
    "the trigger's function says less": (
        RULE,
        UP.replace("COMMIT", NOTED.replace("CREATE", "CREATE OR REPLACE").replace("'added'", "NULL") + "COMMIT"),
        DOWN,
        "trigger changed",
    ),
    "view forgotten": (RULE, SWAP.replace(VIEW, ""), DOWN, "view lost"),
    "the view stays with the old table": (
        RULE,
        PUBLISHED.replace(REFERRED, REPOINTED).replace(VIEW, "").replace(INDEX, AGAIN.partition(";")[2] + INDEX),
        DOWN,
        "view changed",
    ),
    "foreign key gone with the old table": (RULE, SWAP.replace(REFERRED, ""), DOWN, "foreign key lost"),
    "foreign key left with the old table": (
        RULE,
        PUBLISHED.replace(REFERRED, "").replace(INDEX, AGAIN + INDEX),
        DOWN,
        "foreign key changed",
    ),
    "sequence gone with the old table": (RULE, SWAP.replace(OWNED, ""), DOWN, "sequence lost"),
    "sequence left with the old table": (
        RULE,
        PUBLISHED.replace(OWNED, "").replace(REFERRED, REPOINTED).replace(INDEX, AGAIN + INDEX),
        DOWN,
        "sequence changed",
    ),
    "a sequence that begins anew": (INITIAL, ANEW, DROPS, "sequence changed"),
    "a sequence of the way": (RULE, UP.replace("COMMIT", "CREATE SEQUENCE numbers; COMMIT"), DOWN, "sequence left"),
    "unique at once": (RULE, SWAP.replace("UNIQUE DEFERRABLE", "UNIQUE"), DOWN, "unique changed"),
    "a table that a crash empties": (
        INITIAL,
        ANEW.replace("CREATE TABLE", "CREATE UNLOGGED TABLE").replace("COMMIT", f"{GOES_ON} COMMIT"),
        DROPS,
        "table changed",
    ),
    "who has none is deleted": (
        RULE,
        UP.replace(FILL, "DELETE FROM customers WHERE email IS NULL;"),
        DOWN,
        "rows lost",
    ),
    "down loses rows": (RULE, UP, DOWN.replace(EMPTY, f"DELETE FROM customers WHERE email = '{NOBODY}';"), "down rows"),
    "down forgets the check": (RULE, UP, DOWN.replace(DROP_CHECK, ""), "down schema"),
    "a function stays": (RULE, f"CREATE {TIDY}" + UP, DOWN, "up again"),
    "a function on the way": (INITIAL, f"CREATE {TIDY} {ADDED} DROP FUNCTION tidy;", DROPS, "no second run"),
    "writers locked out for good": (
        INITIAL,
        f"""ALTER ROLE CURRENT_USER SET default_transaction_read_only = on;
        {ADDED} ALTER ROLE CURRENT_USER RESET default_transaction_read_only;""",
        DROPS,
        "no second run",
    ),
}
