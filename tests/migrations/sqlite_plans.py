"""Plans on SQLite under two applications, correct ones and faulty ones, each with the kind of fault it has."""

EXPAND = """-- step: expand
ALTER TABLE customers ADD COLUMN first_name TEXT; ALTER TABLE customers ADD COLUMN last_name TEXT;
"""
IN_TWO = (
    "first_name = substr(fullname, 1, instr(fullname, ' ') - 1), last_name = substr(fullname, instr(fullname, ' ') + 1)"
)
OLD_CHANGES = f"""CREATE TRIGGER old_changes AFTER UPDATE OF fullname ON customers BEGIN
    UPDATE customers SET {IN_TWO} WHERE customer_id = new.customer_id; END;
"""
BOTH = f"""-- step: write both
CREATE TRIGGER old_adds AFTER INSERT ON customers WHEN new.first_name IS NULL BEGIN
    UPDATE customers SET {IN_TWO} WHERE customer_id = new.customer_id; END;
{OLD_CHANGES}CREATE TRIGGER new_adds AFTER INSERT ON customers WHEN new.fullname IS NULL BEGIN
    UPDATE customers SET fullname = first_name || ' ' || last_name WHERE customer_id = new.customer_id; END;
CREATE TRIGGER new_changes AFTER UPDATE OF first_name, last_name ON customers BEGIN
    UPDATE customers SET fullname = first_name || ' ' || last_name WHERE customer_id = new.customer_id; END;
"""
FILL = f"-- step: backfill\nUPDATE customers SET {IN_TWO} WHERE first_name IS NULL;\n"
NEW, OLD = "-- start: new\n", "-- stop: old\n"
DROPS = "DROP TRIGGER old_adds; DROP TRIGGER old_changes; DROP TRIGGER new_adds; DROP TRIGGER new_changes;"
CONTRACT = f"-- step: contract\n{DROPS} ALTER TABLE customers DROP COLUMN fullname;\n"
AT_ONCE = [words for words in (EXPAND + BOTH + FILL).splitlines(True) if not words.startswith("--")]
IN_ONE = "-- step: at once\nBEGIN;" + "".join(AT_ONCE) + "COMMIT;\n"

PLANS = {
    "expand and contract": EXPAND + BOTH + FILL + NEW + OLD + CONTRACT,
    "expanded in one transaction": IN_ONE + NEW + OLD + CONTRACT,
    "contracted in two steps": EXPAND + BOTH + FILL + NEW + OLD + CONTRACT.replace(" ALTER", "\n-- step: then\nALTER"),
    "never contracted": EXPAND + BOTH + FILL + NEW + OLD,
}
SWAP = """-- step: create
CREATE TABLE fresh (customer_id INTEGER PRIMARY KEY, fullname TEXT);
-- step: copy
INSERT INTO fresh SELECT * FROM customers;
-- step: swap
BEGIN; ALTER TABLE customers RENAME TO customers_old; ALTER TABLE fresh RENAME TO customers; COMMIT;
"""
REFUSED_INSIDE = "-- step: a\nBEGIN; ALTER TABLE customers ADD COLUMN a TEXT; ALTER TABLE nobody DROP COLUMN a; COMMIT;"
# The plan, the kind of fault, the number of the step after which it shows.
FAULTY_PLANS = {
    "renamed in place": (
        "-- step: rename\nALTER TABLE customers RENAME COLUMN fullname TO first_name;\n" + NEW,
        "app refused",
        1,
    ),
    "no triggers": (EXPAND + FILL + NEW, "app misled", 3),
    "backfill before the triggers": (EXPAND + FILL + BOTH + NEW, "app misled", 4),
    "no backfill": (EXPAND + BOTH + NEW, "app misled", 3),
    "a backfill that ends too early leaves NULL": (
        EXPAND + BOTH + FILL.replace("WHERE", "WHERE customer_id <= 3 AND") + NEW + OLD + CONTRACT,
        "app misled",
        4,
    ),
    "triggers for INSERT only": (EXPAND + BOTH.replace(OLD_CHANGES, "") + FILL + NEW, "app misled", 4),
    "contracted while the old one runs": (EXPAND + BOTH + FILL + NEW + CONTRACT, "app misled", 5),
    "swapped while somebody writes": (SWAP, "write lost", 3),
    "NOT NULL before the backfill": (EXPAND.replace("TEXT;", "TEXT NOT NULL;", 1), "refused", 1),
    "a transaction left open": (EXPAND.replace("ALTER", "BEGIN; ALTER", 1), "refused", 1),
}
