"""Golden submissions of the lesson on migrations: what students hand in, and the marks that differ from full marks."""

from __future__ import annotations

from student import Student

LESSON = "07-migrations"
RENAMED_IN_PLACE = "c e b"
NO_TRANSACTION = """-- migrate:up
ALTER TABLE customers ADD COLUMN first_name TEXT;
ALTER TABLE customers ADD COLUMN last_name TEXT;
UPDATE customers SET
    first_name = iif(instr(fullname, ' '), substr(fullname, 1, instr(fullname, ' ') - 1), fullname),
    last_name = iif(instr(fullname, ' '), substr(fullname, instr(fullname, ' ') + 1), NULL);
DROP INDEX customers_by_name;
ALTER TABLE customers DROP COLUMN fullname;
CREATE INDEX customers_by_name ON customers (last_name, first_name);
-- migrate:down
SELECT 'nothing to take back';"""
ATTACHES = "ATTACH '/etc/passwd' AS other;"
FILLS_FOR_EVER = """def backfill(connection, size):
    while True:
        connection.execute("UPDATE customers SET first_name = first_name WHERE customer_id = 1")"""
READS_ELSEWHERE = """def backfill(connection, size):
    import graders.checks.migrations.two_names
    graders.checks.migrations.two_names.find_disagreement = lambda lab: ''"""
CLAIMS_TO_MIGRATE = "def migrate(image, direction):\n    return b'SQLite format 3'"
NOTES_ONLY = """def migrate(connection, files, direction, target):
    for name in files:
        number = int(name.split("_")[0])
        connection.execute("INSERT OR IGNORE INTO applied VALUES (?, 'done')", (number,))"""
ONLY_UP = """import hashlib, re, sqlite3

def migrate(connection, files, direction, target):
    up = {int(name.split("_")[0]): text for name, text in files.items() if name.endswith(".up.sql")}
    for number in sorted(up):
        noted = connection.execute("SELECT checksum FROM applied WHERE number = ?", (number,)).fetchone()
        if noted or number > target:
            continue
        connection.execute("BEGIN")
        try:
            begun = ""
            for piece in re.findall("[^;]*;", up[number]):
                begun += piece
                if sqlite3.complete_statement(begun):
                    connection.execute(begun)
                    begun = ""
            checksum = hashlib.sha256(up[number].encode()).hexdigest()
            connection.execute("INSERT INTO applied VALUES (?, ?)", (number, checksum))
            connection.execute("COMMIT")
        except Exception:
            connection.rollback()
            raise"""
FOUR_FORMS = """-- 1
ALTER TABLE customers ADD COLUMN phone TEXT NOT NULL DEFAULT '';
-- 4
ALTER TABLE customers ADD COLUMN full_name TEXT AS (name);
-- 6: safe
-- 11
CREATE VIEW purchases AS SELECT * FROM orders;
-- 12
ALTER TABLE orders DROP COLUMN coupon;
DROP TABLE coupons;"""
EVERYTHING_ANEW = "".join(f"-- {number}\nDROP TABLE orders;\n" for number in range(1, 13))
SWAPS_AT_ONCE = """-- step: all in one transaction
BEGIN IMMEDIATE;
CREATE TABLE fresh (customer_id INTEGER PRIMARY KEY, fullname TEXT, vip INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'active');
INSERT INTO fresh SELECT customer_id, fullname, vip, iif(vip, 'gold', 'active') FROM customers;
ALTER TABLE customers RENAME TO customers_old;
ALTER TABLE fresh RENAME TO customers;
COMMIT;"""
CLOSES_THE_SHOP = """-- stop: old
-- step: at night
ALTER TABLE customers ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
UPDATE customers SET status = 'gold' WHERE vip;"""
DROPS_THE_TABLE = "-- step: nothing to split any more\nDROP TABLE products;\n-- start: new\n-- stop: old"

STUDENTS = {
    "all-right": Student({}),
    "no-transaction": Student({"migrations-3": NO_TRANSACTION}, {"migrations-3": "2"}),
    "renames-in-place": Student({"migrations-6": RENAMED_IN_PLACE}, {"migrations-6": "0"}),
    "half-way": Student(
        {"migrations-9": ONLY_UP, "migrations-15": FOUR_FORMS, "migrations-16": SWAPS_AT_ONCE},
        {"migrations-9": "2", "migrations-15": "2", "migrations-16": "2"},
    ),
    "mischief": Student(
        {
            "migrations-5": ATTACHES,
            "migrations-7": READS_ELSEWHERE,
            "migrations-10": CLAIMS_TO_MIGRATE,
            "migrations-15": f"-- 1\n{ATTACHES}",
            "migrations-16": f"-- step: elsewhere\n{ATTACHES}",
        },
        {
            "migrations-5": "0",
            "migrations-7": "0",
            "migrations-10": "0",
            "migrations-15": "0",
            "migrations-16": "0",
        },
    ),
    "hollow": Student(
        {
            "migrations-7": FILLS_FOR_EVER,
            "migrations-9": NOTES_ONLY,
            "migrations-14": DROPS_THE_TABLE,
            "migrations-15": EVERYTHING_ANEW,
            "migrations-16": CLOSES_THE_SHOP,
        },
        {
            "migrations-7": "0",
            "migrations-9": "0",
            "migrations-14": "0",
            "migrations-15": "1",
            "migrations-16": "0",
        },
    ),
}
