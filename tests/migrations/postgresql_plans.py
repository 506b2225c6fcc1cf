"""Plans on PostgreSQL under two applications, correct ones and faulty ones, each with the kind of fault it has."""

from graders.labs import open_shared_lab
from graders.techniques.migrations import App

PEOPLE = [(1, "Ada", "Okafor"), (2, "Ludwig", "van der Berg"), (3, "Mei", "Li")]
OLD = App(
    "old",
    "SELECT customer_id, fullname FROM customers",
    lambda fact: (fact[0], f"{fact[1]} {fact[2]}"),
    lambda fact: ("INSERT INTO customers (customer_id, fullname) VALUES ($1, $2)", (fact[0], f"{fact[1]} {fact[2]}")),
    lambda fact: ("UPDATE customers SET fullname = $1 WHERE customer_id = $2", (f"{fact[1]} {fact[2]}", fact[0])),
)
NEW = App(
    "new",
    "SELECT customer_id, first_name, last_name FROM customers",
    lambda fact: fact,
    lambda fact: ("INSERT INTO customers (customer_id, first_name, last_name) VALUES ($1, $2, $3)", fact),
    lambda fact: (
        "UPDATE customers SET first_name = $2, last_name = $3 WHERE customer_id = $1",
        fact,
    ),
)


def people():
    """Three customers on PostgreSQL, for several sessions."""
    rows = [(number, f"{first} {last}") for number, first, last in PEOPLE]
    return open_shared_lab(
        "PostgreSQL", "CREATE TABLE customers (customer_id int PRIMARY KEY, fullname text)", {"customers": rows}
    )


EXPAND = "ALTER TABLE customers ADD COLUMN first_name text; ALTER TABLE customers ADD COLUMN last_name text;\n"
FIRST, LAST = "split_part({}fullname, ' ', 1)", "substr({0}fullname, strpos({0}fullname, ' ') + 1)"
BOTH = f"""CREATE FUNCTION two_names() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.first_name IS NULL OR TG_OP = 'UPDATE' AND NEW.fullname IS DISTINCT FROM OLD.fullname THEN
        NEW.first_name := {FIRST.format("NEW.")}; NEW.last_name := {LAST.format("NEW.")};
    ELSE
        NEW.fullname := NEW.first_name || ' ' || NEW.last_name;
    END IF;
    RETURN NEW; END $$;
CREATE TRIGGER writes_both BEFORE INSERT OR UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION two_names();
"""
FILL_ALL = f"""UPDATE customers SET first_name = {FIRST.format("")}, last_name = {LAST.format("")}
    WHERE first_name IS NULL;
"""
FILL_EACH = FILL_ALL.replace("WHERE", "WHERE true OR")
SERVE = "-- start: new\n-- stop: old\n"
CONTRACT = """-- step: contract
DROP TRIGGER writes_both ON customers; DROP FUNCTION two_names; ALTER TABLE customers DROP COLUMN fullname;
"""
NEW_INDEX = "CREATE INDEX by_name ON customers (fullname);"
REBUILD = """-- step: rebuild
BEGIN; CREATE TABLE fresh (customer_id int PRIMARY KEY, fullname text, status text DEFAULT 'active');
INSERT INTO fresh SELECT customer_id, fullname FROM customers; DROP TABLE customers;
ALTER TABLE fresh RENAME TO customers; COMMIT;
"""
# The plan, and how many requests have to wait.
PLANS = {
    "expand and contract": (f"-- step: a\n{EXPAND}-- step: b\n{BOTH}-- step: c\n{FILL_ALL}{SERVE}{CONTRACT}", 0),
    "expanded in one transaction": (f"-- step: all\nBEGIN; {EXPAND}{BOTH}{FILL_ALL}COMMIT;\n{SERVE}{CONTRACT}", 15),
    "only the backfill in a transaction": (
        f"-- step: a\n{EXPAND}{BOTH}-- step: b\nBEGIN; {FILL_EACH}COMMIT;\n{SERVE}{CONTRACT}",
        1,
    ),
    "an index, for which writers wait": (f"-- step: i\nBEGIN; {NEW_INDEX} COMMIT;", 2),
    "an index, for which nobody waits": (f"-- step: i\n{NEW_INDEX.replace('INDEX', 'INDEX CONCURRENTLY')}", 0),
    "rebuilt under a lock": (REBUILD.replace("BEGIN;", "BEGIN; LOCK TABLE customers;"), 15),
}
# The plan, the kind of fault, the number of the step after which it shows.
FAULTY_PLANS = {
    "renamed in place": ("-- step: r\nALTER TABLE customers RENAME fullname TO first_name;\n", "app refused", 1),
    "a write during the rebuild": (REBUILD, "write lost", 1),
    "no triggers": (f"-- step: a\n{EXPAND}{FILL_ALL}{SERVE}", "app misled", 2),
    "no backfill": (f"-- step: a\n{EXPAND}{BOTH}{SERVE}", "app misled", 2),
    "a backfill that ends too early leaves NULL": (
        f"-- step: a\n{EXPAND}{BOTH}-- step: b\n{FILL_ALL.replace('WHERE', 'WHERE customer_id <= 3 AND')}{SERVE}",
        "app misled",
        3,
    ),
    "contracted while the old one runs": (
        f"-- step: a\n{EXPAND}{BOTH}{FILL_ALL}-- start: new\n{CONTRACT}",
        "app misled",
        3,
    ),
    "NOT NULL before the backfill": (f"-- step: a\n{EXPAND.replace('text;', 'text NOT NULL;')}", "refused", 1),
    "a transaction left open": (f"-- step: a\nBEGIN; {EXPAND}", "refused", 1),
}
