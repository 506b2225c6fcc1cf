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
    import graders.checks.migrations.backfills
    graders.checks.migrations.backfills.find_disagreement = lambda lab: ''"""
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
    "no-transaction": Student({"split-the-name": NO_TRANSACTION}, {"split-the-name": "2"}),
    "renames-in-place": Student({"expand-and-contract": RENAMED_IN_PLACE}, {"expand-and-contract": "0"}),
    "half-way": Student(
        {"crash-safe-runner": ONLY_UP, "safe-or-safer": FOUR_FORMS, "repair-the-swap": SWAPS_AT_ONCE},
        {"crash-safe-runner": "2", "safe-or-safer": "2", "repair-the-swap": "2"},
    ),
    "mischief": Student(
        {
            "rebuild-the-table": ATTACHES,
            "resumable-backfill": READS_ELSEWHERE,
            "alembic-revision": CLAIMS_TO_MIGRATE,
            "safe-or-safer": f"-- 1\n{ATTACHES}",
            "repair-the-swap": f"-- step: elsewhere\n{ATTACHES}",
        },
        {
            "rebuild-the-table": "0",
            "resumable-backfill": "0",
            "alembic-revision": "0",
            "safe-or-safer": "0",
            "repair-the-swap": "0",
        },
    ),
    "hollow": Student(
        {
            "resumable-backfill": FILLS_FOR_EVER,
            "crash-safe-runner": NOTES_ONLY,
            "euros-to-cents": DROPS_THE_TABLE,
            "safe-or-safer": EVERYTHING_ANEW,
            "repair-the-swap": CLOSES_THE_SHOP,
        },
        {
            "resumable-backfill": "0",
            "crash-safe-runner": "0",
            "euros-to-cents": "0",
            "safe-or-safer": "1",
            "repair-the-swap": "0",
        },
    ),
}
