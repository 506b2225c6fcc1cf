"""Golden submissions of the first lesson on migrations: answers, and the marks that differ from full marks."""

from __future__ import annotations

from student import Student

LESSON = "12-migrations"
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
SWALLOWS = """def execute_with_rollback(connection, backup, upgrade, downgrade):
    try:
        with connection:
            connection.execute("BEGIN")
            for statement in [backup, *upgrade]:
                connection.execute(statement)
            if connection.execute("SELECT count(*) FROM customers WHERE status IS NULL").fetchone() != (0,):
                raise ValueError
    except Exception as error:
        print(error)"""
PASSES = "def execute_with_rollback(connection, backup, upgrade, downgrade):\n    connection.execute(backup)"
NO_TRANSACTION_AT_ALL = "e h g a j b k"

STUDENTS = {
    "all-right": Student({}),
    "no-transaction": Student(
        {"split-the-name": NO_TRANSACTION, "order-the-rebuild": NO_TRANSACTION_AT_ALL},
        {"split-the-name": "2", "order-the-rebuild": "0"},
    ),
    "half-way": Student(
        {"crash-safe-runner": ONLY_UP, "repair-the-executor": SWALLOWS},
        {"crash-safe-runner": "2", "repair-the-executor": "2"},
    ),
    "mischief": Student(
        {"rebuild-the-table": ATTACHES, "resumable-backfill": READS_ELSEWHERE, "alembic-revision": CLAIMS_TO_MIGRATE},
        {"rebuild-the-table": "0", "resumable-backfill": "0", "alembic-revision": "0"},
    ),
    "hollow": Student(
        {"resumable-backfill": FILLS_FOR_EVER, "crash-safe-runner": NOTES_ONLY, "repair-the-executor": PASSES},
        {"resumable-backfill": "0", "crash-safe-runner": "0", "repair-the-executor": "0"},
    ),
}
