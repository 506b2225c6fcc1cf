"""Migrations on SQLite, correct ones and faulty ones, each with the kind of fault it has."""

from graders.checks.migrations.schema_changes import make_name_split, make_table_rebuild

UP = """BEGIN;
ALTER TABLE customers ADD COLUMN first_name TEXT;
ALTER TABLE customers ADD COLUMN last_name TEXT;
UPDATE customers SET
    first_name = iif(instr(fullname, ' '), substr(fullname, 1, instr(fullname, ' ') - 1), fullname),
    last_name = iif(instr(fullname, ' '), substr(fullname, instr(fullname, ' ') + 1), NULL);
DROP INDEX customers_by_name;
ALTER TABLE customers DROP COLUMN fullname;
CREATE INDEX customers_by_name ON customers (last_name, first_name);
COMMIT;"""
DOWN = """BEGIN;
ALTER TABLE customers ADD COLUMN fullname TEXT;
UPDATE customers SET fullname = first_name || coalesce(' ' || last_name, '');
DROP INDEX customers_by_name;
ALTER TABLE customers DROP COLUMN first_name;
ALTER TABLE customers DROP COLUMN last_name;
CREATE INDEX customers_by_name ON customers (fullname);
COMMIT;"""
REBUILD = """PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE fresh (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL CHECK (email LIKE '%@%'));
INSERT INTO fresh SELECT customer_id, name, coalesce(email, 'nobody@example.com') FROM customers;
DROP VIEW mailing;
DROP TABLE customers;
ALTER TABLE fresh RENAME TO customers;
CREATE INDEX customers_by_name ON customers (name);
CREATE TRIGGER customers_moved AFTER UPDATE OF email ON customers BEGIN
    INSERT INTO history VALUES (old.customer_id, old.email);
END;
CREATE VIEW mailing AS SELECT name, email FROM customers;
COMMIT;
PRAGMA foreign_keys = ON;"""
BACK = """PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE fresh (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
INSERT INTO fresh SELECT customer_id, name, nullif(email, 'nobody@example.com') FROM customers;
DROP VIEW mailing;
DROP TABLE customers;
ALTER TABLE fresh RENAME TO customers;
CREATE INDEX customers_by_name ON customers (name);
CREATE TRIGGER customers_moved AFTER UPDATE OF email ON customers BEGIN
    INSERT INTO history VALUES (old.customer_id, old.email);
END;
CREATE VIEW mailing AS SELECT name, email FROM customers;
COMMIT;"""
RENAMED = """BEGIN;
DROP INDEX customers_by_name;
ALTER TABLE customers RENAME COLUMN fullname TO first_name;
ALTER TABLE customers ADD last_name TEXT;
UPDATE customers SET last_name = substr(first_name, instr(first_name, ' ') + 1),
    first_name = substr(first_name, 1, instr(first_name, ' ') - 1) WHERE first_name LIKE '% %';
CREATE INDEX customers_by_name ON customers (last_name, first_name);
COMMIT;"""
INDEX = "CREATE INDEX customers_by_name ON customers (last_name, first_name);"
TRIGGER = REBUILD[REBUILD.index("CREATE TRIGGER") : REBUILD.index("CREATE VIEW")]
VIEW = "CREATE VIEW mailing AS SELECT name, email FROM customers;"
CHECK = " CHECK (email LIKE '%@%')"
SPLIT, RULE = make_name_split(1), make_table_rebuild(1)

# The change asked for, up, down.
CORRECT = {
    "columns added, one dropped": (SPLIT, UP, DOWN),
    "in another spelling": (
        SPLIT,
        UP.lower().replace("begin", "BEGIN IMMEDIATE").replace("customers ", '"customers" '),
        DOWN,
    ),
    "the old column renamed": (SPLIT, RENAMED, DOWN),
    "SQLite's twelve steps": (RULE, REBUILD, BACK),
    "the view last, the trigger first": (RULE, REBUILD.replace(TRIGGER, "").replace(VIEW, TRIGGER + VIEW), BACK),
    "a view and a CHECK in another form": (
        RULE,
        REBUILD.replace(CHECK, " CHECK (((email LIKE '%@%')))").replace(
            VIEW, "CREATE VIEW mailing (name, email) AS SELECT c.name, c.email FROM customers AS c;"
        ),
        BACK,
    ),
    "a legacy rename leaves the view alone": (
        RULE,
        "PRAGMA legacy_alter_table = ON;" + REBUILD.replace("DROP VIEW mailing;", "").replace(VIEW, ""),
        BACK,
    ),
}
# The change asked for, up, down, and the kind of fault.
FAULTY = {
    "the one-name customer": (
        SPLIT,
        UP.replace("iif(instr(fullname, ' '), substr(fullname, 1", "iif(1, substr(fullname, 1"),
        DOWN,
        "row changed",
    ),
    "no transaction": (SPLIT, UP.replace("BEGIN;", "").replace("COMMIT;", ""), DOWN, "torn"),
    "two transactions": (SPLIT, UP.replace("UPDATE", "COMMIT; BEGIN; UPDATE"), DOWN, "torn"),
    "no commit": (SPLIT, UP.replace("COMMIT;", ""), DOWN, "left open"),
    "index forgotten": (SPLIT, UP.replace(INDEX, ""), DOWN, "index lost"),
    "index on other columns": (SPLIT, UP.replace("(last_name, first_name)", "(first_name)"), DOWN, "index changed"),
    "a further index": (
        SPLIT,
        UP.replace("COMMIT", "CREATE INDEX more ON customers (email); COMMIT"),
        DOWN,
        "index left",
    ),
    "old column stays": (SPLIT, UP.replace("ALTER TABLE customers DROP COLUMN fullname;", ""), DOWN, "column left"),
    "one column forgotten": (
        SPLIT,
        UP.replace("ALTER TABLE customers ADD COLUMN last_name TEXT;", "")
        .replace("last_name = iif", "first_name = iif")
        .replace("(last_name, first_name)", "(first_name)"),
        DOWN,
        "column lost",
    ),
    "another type": (SPLIT, UP.replace("last_name TEXT", "last_name BLOB"), DOWN, "column changed"),
    "NOT NULL before the backfill": (
        SPLIT,
        UP.replace("first_name TEXT", "first_name TEXT NOT NULL"),
        DOWN,
        "refused on rows",
    ),
    "column dropped before its index": (SPLIT, UP.replace("DROP INDEX customers_by_name;", ""), DOWN, "refused"),
    "down forgets NULL": (SPLIT, UP, DOWN.replace("coalesce(' ' || last_name, '')", "' ' || last_name"), "down rows"),
    "down claims to restore": (SPLIT, UP, DOWN.replace("UPDATE customers SET", "--"), "down rows"),
    "down forgets the index": (
        SPLIT,
        UP,
        DOWN.replace("CREATE INDEX customers_by_name ON customers (fullname);", ""),
        "down schema",
    ),
    "down for another up": (
        SPLIT,
        UP,
        DOWN.replace("DROP INDEX customers_by_name;", "DROP INDEX by_last_name;"),
        "down refused",
    ),
    "foreign keys on": (RULE, REBUILD.replace("PRAGMA foreign_keys = OFF;", ""), BACK, "rows lost"),
    "foreign keys off too late": (
        RULE,
        REBUILD.replace("PRAGMA foreign_keys = OFF;\nBEGIN;", "BEGIN; PRAGMA foreign_keys = OFF;"),
        BACK,
        "rows lost",
    ),
    "trigger forgotten": (RULE, REBUILD.replace(TRIGGER, ""), BACK, "trigger lost"),
    "trigger changed": (RULE, REBUILD.replace("AFTER UPDATE OF email", "AFTER UPDATE"), BACK, "trigger changed"),
    "view forgotten": (RULE, REBUILD.replace(VIEW, ""), BACK, "view lost"),
    "view of other columns": (RULE, REBUILD.replace("AS SELECT name, email", "AS SELECT email"), BACK, "view changed"),
    "view without repeats": (RULE, REBUILD.replace("AS SELECT name", "AS SELECT DISTINCT name"), BACK, "view changed"),
    "view that cannot be read": (RULE, REBUILD.replace("AS SELECT name, email", "AS SELECT no"), BACK, "view changed"),
    "view in the way": (RULE, REBUILD.replace("DROP VIEW mailing;", ""), BACK, "refused"),
    "check forgotten": (RULE, REBUILD.replace(CHECK, ""), BACK, "check lost"),
    "the old table stays": (
        RULE,
        REBUILD.replace("DROP VIEW", "CREATE TABLE kept AS SELECT * FROM customers; DROP VIEW"),
        BACK,
        "table left",
    ),
    "down without a transaction": (SPLIT, UP, DOWN.replace("BEGIN;", "").replace("COMMIT;", ""), "torn"),
    "a temporary table stays": (
        SPLIT,
        UP.replace("UPDATE", "CREATE TEMP TABLE kept AS SELECT * FROM customers; UPDATE"),
        DOWN,
        "up again",
    ),
    "the new table keeps its name": (
        RULE,
        REBUILD.replace("ALTER TABLE fresh RENAME TO customers;", "").replace("customers (name)", "fresh (name)"),
        BACK,
        "refused",
    ),
    "a table too few": (RULE, REBUILD.replace("DROP VIEW", "DROP TABLE history; DROP VIEW"), BACK, "table lost"),
    "the old table renamed away": (
        RULE,
        REBUILD.replace(
            "CREATE TABLE fresh", "DROP VIEW mailing; ALTER TABLE customers RENAME TO loose; CREATE TABLE customers"
        )
        .replace("INTO fresh", "INTO customers")
        .replace(
            "FROM customers;\nDROP VIEW mailing;\nDROP TABLE customers;\nALTER TABLE fresh RENAME TO customers;",
            "FROM loose;\nDROP TABLE loose;",
        ),
        BACK,
        "foreign key changed",
    ),
    "the version noted first": (
        SPLIT,
        f"""CREATE TEMP TABLE at_version (number CHECK (number = 0));
        INSERT INTO at_version SELECT * FROM pragma_user_version;
        PRAGMA user_version = 1; {UP}""",
        DOWN + "PRAGMA user_version = 0; DROP TABLE IF EXISTS at_version;",
        "no second run",
    ),
    "a row of nobody": (
        RULE,
        REBUILD.replace(
            "DROP VIEW", "DELETE FROM fresh WHERE customer_id = (SELECT max(customer_id) FROM fresh); DROP VIEW"
        ),
        BACK,
        "rows lost",
    ),
}
