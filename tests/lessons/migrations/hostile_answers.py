"""Answers to the first lesson on migrations that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

from graders.checks.migrations.schema_changes import FIRST, LAST, NASTY, split_name

UNEARNED, BROKEN = "a mark is given for what is not there", "our own look breaks"
UP = """-- migrate:up
BEGIN;
ALTER TABLE customers ADD COLUMN first_name TEXT;
ALTER TABLE customers ADD COLUMN last_name TEXT;
UPDATE customers SET
    first_name = CASE WHEN instr(fullname, ' ') > 0 THEN substr(fullname, 1, instr(fullname, ' ') - 1) ELSE fullname END,
    last_name = CASE WHEN instr(fullname, ' ') > 0 THEN substr(fullname, instr(fullname, ' ') + 1) END;
DROP INDEX customers_by_name;
ALTER TABLE customers DROP COLUMN fullname;
CREATE INDEX customers_by_name ON customers (last_name, first_name);
COMMIT;
"""
DOWN = """-- migrate:down
BEGIN;
ALTER TABLE customers ADD COLUMN fullname TEXT;
UPDATE customers SET fullname = first_name || coalesce(' ' || last_name, '');
DROP INDEX customers_by_name;
ALTER TABLE customers DROP COLUMN first_name;
ALTER TABLE customers DROP COLUMN last_name;
CREATE INDEX customers_by_name ON customers (fullname);
COMMIT;
"""
HIDING = "CREATE TEMP TABLE customers (customer_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT NOT NULL UNIQUE);\n"
KEPT = "CREATE TEMP TABLE IF NOT EXISTS kept AS SELECT customer_id, fullname FROM customers;\n"
IN_MEMORY = (
    "SELECT CASE WHEN file <> '' THEN abs(-9223372036854775808) END FROM pragma_database_list WHERE name = 'main';\n"
)
REBUILD = """PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE fresh (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL CHECK (email LIKE '%@%'));
INSERT INTO fresh SELECT customer_id, name, coalesce(email, 'nobody@example.com') FROM customers;
DROP VIEW mailing;
DROP TABLE customers;
ALTER TABLE fresh RENAME TO customers;
CREATE INDEX customers_by_name ON customers (name);
CREATE TRIGGER customers_moved AFTER UPDATE OF email ON customers BEGIN
    INSERT INTO history VALUES (old.customer_id, old.email); END;
CREATE VIEW mailing AS SELECT name, email FROM customers;
COMMIT;
PRAGMA foreign_keys = ON;
"""
NAMES = """first_name = iif(instr(fullname, ' '), substr(fullname, 1, instr(fullname, ' ') - 1), fullname),
    last_name = iif(instr(fullname, ' '), substr(fullname, instr(fullname, ' ') + 1), NULL)"""
BACKFILL = "def backfill(connection, size):\n"
BATCH = f"UPDATE customers SET {NAMES} WHERE customer_id IN (SELECT customer_id FROM customers WHERE first_name IS NULL AND fullname IS NOT NULL LIMIT ?)"
RUNNER = """import hashlib, re, sqlite3
number_of = lambda name: int(name.partition("_")[0])
checksum = lambda text: hashlib.sha256(text.encode()).hexdigest()
def statements(text):
    found, begun = [], ""
    for piece in re.findall("[^;]*;?", text):
        begun += piece
        if sqlite3.complete_statement(begun):
            found.append(begun)
            begun = ""
    return found
def migrate(connection, files, direction, target):
    texts = {number_of(name): text for name, text in files.items() if name.endswith(f".{direction}.sql")}
    up = {number_of(name): text for name, text in files.items() if name.endswith(".up.sql")}
    applied = dict(connection.execute("SELECT number, checksum FROM applied").fetchall())
    if any(KNOWN != checksum(up[number]) for number in applied):
        raise ValueError
    todo = sorted(n for n in up if n not in applied and n <= target) if direction == "up" else sorted((n for n in applied if n > target), reverse=True)
    if set(todo) - set(texts):
        raise ValueError
    for number in todo:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements(texts[number]): connection.execute(statement)
            if direction == "up": connection.execute("INSERT INTO applied VALUES (?, ?)", (number, NOTED))
            else: connection.execute("DELETE FROM applied WHERE number = ?", (number,))
            connection.execute("COMMIT")
        except Exception:
            connection.rollback()
            raise
"""
PLAIN_RUNNER = RUNNER.replace("KNOWN", "applied[number]").replace("NOTED", "checksum(up[number])")
ALEMBIC = """import sqlite3
calls = []
def migrate(image, direction):
    raw = sqlite3.connect(":memory:", isolation_level=None)
    raw.deserialize(image)
    calls.append(direction)
    if direction == "up":
        raw.executescript("CREATE TABLE f (customer_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL, email VARCHAR(254) NOT NULL,"
            " status VARCHAR(20) NOT NULL DEFAULT 'active'); INSERT INTO f SELECT customer_id, name, coalesce(email, 'nobody@example.com'),"
            " 'active' FROM customers; DROP TABLE customers; ALTER TABLE f RENAME TO customers; CREATE INDEX customers_by_name ON customers (name); UPDATE alembic_version SET version_num = '0002'")
    else:
        raw.executescript("CREATE TABLE f (customer_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL, email VARCHAR(80));"
            " INSERT INTO f SELECT customer_id, name, email FROM customers; DROP TABLE customers; ALTER TABLE f RENAME TO customers;"
            " CREATE INDEX customers_by_name ON customers (name); UPDATE alembic_version SET version_num = '0001'")
    MORE
    return raw.serialize()
"""

KNOWN = [*(f"{first} {last}" for first in FIRST for last in LAST), *filter(None, NASTY)]


def looked_up(place: int) -> str:
    """An expression that knows the parts of all names in our lists, and of no other."""
    parts = ((name.replace("'", "''"), (split_name(name)[place] or "").replace("'", "''")) for name in KNOWN)
    return "nullif(CASE fullname" + "".join(f" WHEN '{name}' THEN '{part}'" for name, part in parts) + " END, '')"


LOOKED_UP = f"    first_name = iif(fullname = '', '', {looked_up(0)}), last_name = {looked_up(1)};\n"
SPLITS = tries("split-the-name", {
    "looked-up-names": (UNEARNED, UP[: UP.index("    first_name = CASE")] + LOOKED_UP + UP[UP.index("DROP INDEX") :] + DOWN),
    "plain-3": ("a right answer loses its mark", UP + DOWN, 4),
    "hidden-by-temp": ("a temporary table is read in place of the table", UP.replace("ALTER TABLE customers DROP COLUMN fullname;\n", "").replace("COMMIT;", "COMMIT;\n" + HIDING) + DOWN),
    "kept-in-temp": ("what up keeps for its own connection helps down", UP.replace("BEGIN;", KEPT + "BEGIN;") + DOWN.replace("first_name || coalesce(' ' || last_name, '')", "(SELECT fullname FROM kept WHERE kept.customer_id = customers.customer_id)"), 3),
    "knows-the-file": ("a script that does nothing in a file cannot be torn", ("\n" + IN_MEMORY).join(UP.replace("BEGIN;\n", "").replace("COMMIT;\n", "").split("\n", 1)) + DOWN, 3),
    "up-twice": (BROKEN, UP + DOWN + "-- migrate:up\n", 4),
    "up-empty": (BROKEN, "-- migrate:up\n-- nothing\n" + DOWN),
    "mark-in-comment": (BROKEN, "/*\n-- migrate:down\n*/\n" + UP + DOWN, 3),
    "up-left-open": (UNEARNED, UP.replace("COMMIT;", "") + DOWN),
    "up-savepoint": (UNEARNED, UP.replace("BEGIN;", "SAVEPOINT s;").replace("COMMIT;", "") + DOWN),
    "up-nul": (BROKEN, UP + "SELECT '\0';\n" + DOWN),
    "up-surrogate": (BROKEN, UP + "SELECT '\ud800';\n" + DOWN),
    "up-no-text": (BROKEN, UP.replace("COMMIT;", "UPDATE customers SET first_name = CAST(x'ff' AS TEXT);\nCOMMIT;") + DOWN),
    "up-query-only": (BROKEN, UP + "PRAGMA query_only = 1;\n" + DOWN, 3),
    "up-stored-schema": (BROKEN, "-- migrate:up\nPRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = '';\n" + DOWN),
    "up-column-collates": ("a column that compares otherwise is taken for the one asked for", UP.replace("first_name TEXT", "first_name TEXT COLLATE NOCASE") + DOWN),
    "up-case": ("a right answer of unusual form loses its mark", UP.replace("customers", "CUSTOMERS").replace("-- migrate:up", "--migrate:UP") + DOWN, 4),
    "up-odd-names": (BROKEN, UP + 'CREATE TABLE "a""b.c [d" (x);\n' + DOWN),
    "up-statistics": (BROKEN, UP + "ANALYZE;\n" + DOWN, 4),
    "up-journal": (UNEARNED, UP.replace("BEGIN;", "PRAGMA journal_mode = MEMORY;\nBEGIN;") + DOWN, 4),
})  # fmt: skip
REBUILDS = tries("rebuild-the-table", {
    "plain-5": ("a right answer loses its mark", REBUILD, 4),
    "ignores-null": ("a rule that swallows rows is taken for one that refuses them", REBUILD.replace("email TEXT NOT NULL", "email TEXT NOT NULL ON CONFLICT IGNORE")),
    "hidden-customers": ("a temporary table is read in place of the table", "UPDATE customers SET email = 'nobody@example.com' WHERE email IS NULL; DELETE FROM history WHERE old_email IS NULL;\n" + "CREATE TEMP TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL CHECK (email LIKE '%@%'));"),
    "check-in-comment": (UNEARNED, REBUILD.replace("CHECK (email LIKE '%@%')", "/* CHECK (email LIKE '%@%') */")),
    "check-in-default": (UNEARNED, REBUILD.replace("CHECK (email LIKE '%@%')", "DEFAULT 'CHECK (email LIKE %@%)'")),
    "check-weaker": (UNEARNED, REBUILD.replace("CHECK (email LIKE '%@%')", "CHECK (email LIKE '%@%' OR 1)")),
    "reference-deferred": ("a reference that is looked at later is taken for the one asked for", REBUILD.replace("COMMIT;", "CREATE TABLE o (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO o SELECT * FROM orders;\nDROP TABLE orders;\nALTER TABLE o RENAME TO orders;\nCOMMIT;")),
    "torn-in-a-file": ("a script that does nothing in a file cannot be torn", IN_MEMORY + REBUILD.replace("BEGIN;\n", "").replace("COMMIT;\n", "").replace("    INSERT", "  INSERT"), 3),
})  # fmt: skip
BACKFILLS = tries("resumable-backfill", {
    "plain-7": ("a right answer loses its mark", BACKFILL + f'    while connection.execute("""{BATCH}""", (size,)).rowcount: pass\n', 4),
    "made-anew-7": ("rows that are written without being counted count as few", BACKFILL + '    connection.execute("BEGIN IMMEDIATE")\n    connection.execute("""CREATE TABLE f AS SELECT customer_id, fullname, iif(instr(fullname, \' \'), substr(fullname, 1, instr(fullname, \' \') - 1), fullname) AS first_name, iif(instr(fullname, \' \'), substr(fullname, instr(fullname, \' \') + 1), NULL) AS last_name FROM customers""")\n    connection.execute("DROP TABLE customers")\n    connection.execute("ALTER TABLE f RENAME TO customers")\n    connection.execute("COMMIT")\n'),
    "always-three": ("one size alone is tried", BACKFILL + f'    while connection.execute("""{BATCH}""", (3,)).rowcount: pass\n', 3),
    "table-gone-7": (BROKEN, BACKFILL + "    connection.execute('DROP TABLE customers')\n"),
    "column-gone-7": (BROKEN, BACKFILL + "    connection.execute('ALTER TABLE customers DROP COLUMN last_name')\n"),
    "numbers-gone": (BROKEN, BACKFILL + "    connection.execute(\"UPDATE customers SET customer_id = customer_id + 1000\")\n"),
    "for-ever-7": (BROKEN, BACKFILL + "    while True: connection.execute('SELECT 1')\n"),
})  # fmt: skip
MIGRATE = "def migrate(connection, files, direction, target):\n"
RUNNERS = tries("crash-safe-runner", {
    "plain-9": ("a right answer loses its mark", PLAIN_RUNNER, 6),
    "notes-nothing": ("a note that says nothing counts", RUNNER.replace("KNOWN", "(applied[number] or checksum(up[number]))").replace("NOTED", "''")),
    "drops-the-notes": (BROKEN, MIGRATE + "    connection.execute('DROP TABLE applied')\n"),
    "notes-are-a-view": (BROKEN, MIGRATE + "    connection.execute('DROP TABLE applied')\n    connection.execute(\"CREATE VIEW applied AS SELECT 1 AS number, 'x' AS checksum UNION SELECT 2, 'x' UNION SELECT 10, 'x'\")\n"),
    "notes-of-bytes": (BROKEN, PLAIN_RUNNER.replace("(number, checksum(up[number]))", "(number, b'\\xff')")),
    "done-by-view": (BROKEN, MIGRATE + "    connection.execute('CREATE VIEW IF NOT EXISTS orders AS SELECT abs(-9223372036854775808) AS order_id, 1 AS cents')\n"),
    "always-refuses": (UNEARNED, MIGRATE + "    raise ValueError\n"),
    "files-given-as-none": (BROKEN, MIGRATE + "    files.clear()\n"),
    "runner-leaves-open": (BROKEN, MIGRATE + "    connection.execute('BEGIN')\n"),
})  # fmt: skip
IMAGES = tries("alembic-revision", {
    "plain-10": ("a right answer of unusual form loses its mark", ALEMBIC.replace("MORE", ""), 4),
    "third-call": (BROKEN, ALEMBIC.replace("MORE", "if len(calls) == 3: raw.executescript('ALTER TABLE customers DROP COLUMN status')"), 3),
    "scrambled-down": ("downgrade keeps the number of rows alone", ALEMBIC.replace("MORE", "if direction == 'down': raw.execute(\"UPDATE customers SET name = 'x', email = NULL\")"), 3),
    "no-image": (BROKEN, "def migrate(image, direction):\n    return b'SQLite format 3\\0' + b'\\xff' * 8000\n"),
    "short-image": (BROKEN, "def migrate(image, direction):\n    return b'SQLite format 3'\n"),
    "forged-schema": (BROKEN, ALEMBIC.replace("MORE", "raw.execute('PRAGMA writable_schema = 1'); raw.execute(\"UPDATE sqlite_schema SET sql = 'CREATE TABLE customers (' WHERE name = 'customers'\")")),
    "hidden-column": (UNEARNED, ALEMBIC.replace("MORE", "raw.execute('PRAGMA writable_schema = 1'); raw.execute(\"UPDATE sqlite_schema SET sql = replace(sql, 'VARCHAR(20) NOT NULL', 'VARCHAR(20)')\")")),
    "image-of-nothing": (BROKEN, "def migrate(image, direction):\n    return b''\n"),
    "image-huge": (BROKEN, ALEMBIC.replace("MORE", "raw.execute('CREATE TABLE big AS SELECT zeroblob(1900000)')")),
})  # fmt: skip
EXECUTE = "def execute_with_rollback(connection, backup, upgrade, downgrade):\n"
SOUND = (
    EXECUTE
    + """    with connection:
        connection.execute("BEGIN")
        for statement in [backup, *upgrade]: connection.execute(statement)
        if connection.execute("SELECT count(*) FROM customers WHERE status IS NULL").fetchone()[0]: raise ValueError
"""
)
EXECUTORS = tries("repair-the-executor", {
    "plain-executor": ("a right answer loses its mark", SOUND, 3),
    "always-raises": (UNEARNED, EXECUTE + "    raise ValueError\n"),
    "does-nothing": (UNEARNED, EXECUTE + "    pass\n"),
    "does-it-by-heart": (UNEARNED, EXECUTE + "    connection.execute(backup)\n    connection.execute('ALTER TABLE customers ADD COLUMN status TEXT DEFAULT \\'active\\'')\n", 1),
    "customers-are-dropped": (BROKEN, EXECUTE + "    connection.execute('DROP TABLE customers')\n"),
    "customers-are-a-view": (BROKEN, EXECUTE + "    connection.execute('DROP TABLE customers')\n    connection.execute('CREATE VIEW customers AS SELECT abs(-9223372036854775808) AS customer_id')\n"),
    "backup-is-a-view": (UNEARNED, SOUND.replace("[backup, *upgrade]", "['CREATE VIEW backup AS SELECT customer_id, name FROM customers', *upgrade]"), 3),
    "executor-for-ever": (BROKEN, EXECUTE + "    while True: connection.execute('SELECT 1')\n"),
    "leaves-it-open": (UNEARNED, EXECUTE + "    connection.execute('BEGIN')\n    for statement in [backup, *upgrade]: connection.execute(statement)\n"),
})  # fmt: skip
ORDERS = tries("order-the-rebuild", {
    "all-steps-of-the-rebuild": (UNEARNED, "a b c d e f g h i j k"),
    "never-commits": (UNEARNED, "i c e h g a j b k"),
})  # fmt: skip
TRIES = [*EXECUTORS, *ORDERS, *SPLITS, *REBUILDS, *BACKFILLS, *RUNNERS, *IMAGES]
