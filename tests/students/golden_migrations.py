"""Golden submissions of the lesson on migrations: what students hand in, and the marks that differ from full marks."""

from __future__ import annotations

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
    import graders.checks.migrations_names
    graders.checks.migrations_names.disagreeing = lambda lab: ''"""
CLAIMS_TO_MIGRATE = "def migrate(image, direction):\n    return b'SQLite format 3'"
NOTES_ONLY = """def migrate(connection, migrations):
    for number, _ in migrations:
        connection.execute("INSERT OR IGNORE INTO applied VALUES (?, 'done')", (number,))"""
DROPS_THE_TABLE = "-- step: nothing to split any more\nDROP TABLE products;\n-- start: new\n-- stop: old"

# Of each student: the answers that differ from the solutions, and the scores that they must earn.
STUDENTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "all-right": ({}, {}),
    "no-transaction": ({"migrations-3": NO_TRANSACTION}, {"migrations-3": "2"}),
    "renames-in-place": ({"migrations-6": RENAMED_IN_PLACE}, {"migrations-6": "0"}),
    "mischief": (
        {"migrations-5": ATTACHES, "migrations-7": READS_ELSEWHERE, "migrations-10": CLAIMS_TO_MIGRATE},
        {"migrations-5": "0", "migrations-7": "0", "migrations-10": "0"},
    ),
    "hollow": (
        {"migrations-7": FILLS_FOR_EVER, "migrations-9": NOTES_ONLY, "migrations-14": DROPS_THE_TABLE},
        {"migrations-7": "0", "migrations-9": "0", "migrations-14": "0"},
    ),
}
