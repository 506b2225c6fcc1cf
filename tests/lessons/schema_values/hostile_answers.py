"""Answers to the lesson on values that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

UNEARNED, BROKEN = "a mark is given for what is not there", "our own look breaks"
RIGHT = """CREATE TABLE products (
    product_id INTEGER PRIMARY KEY,
    name  TEXT NOT NULL CHECK (trim(name) <> ''),
    cents INTEGER NOT NULL CHECK (cents >= 0)
) STRICT;
"""
LOOSE = "CREATE TABLE products (product_id INTEGER PRIMARY KEY, name TEXT, cents INTEGER);\n"
VIEW = "CREATE TABLE kept (product_id INTEGER PRIMARY KEY, name, cents); CREATE VIEW products AS SELECT * FROM kept;\n"
TRIGGER = "CREATE TRIGGER t BEFORE INSERT ON products BEGIN {}; END;"

PRICES = tries(
    "price-list",
    {
        "refuses-every-row": (UNEARNED, RIGHT.replace("cents >= 0", "cents >= 0 AND cents < 0")),
        "a-column-that-nobody-fills": (UNEARNED, RIGHT.replace("name  TEXT", "owner TEXT NOT NULL, name TEXT")),
        "swallows-every-row": (UNEARNED, LOOSE + TRIGGER.format("SELECT RAISE(IGNORE)")),
        "rolls-back-every-row": (UNEARNED, LOOSE + TRIGGER.format("SELECT RAISE(ROLLBACK, 'no')")),
        "a-table-that-is-never-committed": (UNEARNED, "BEGIN;\n" + RIGHT),
        "a-temporary-table": (UNEARNED, RIGHT.replace("CREATE TABLE", "CREATE TEMP TABLE")),
        "a-view-that-forgets": (UNEARNED, VIEW + "CREATE TRIGGER t INSTEAD OF INSERT ON products BEGIN SELECT 1; END;"),
        "checks-are-off-at-the-end": (
            "the pragma of a closed connection counts",
            RIGHT + "PRAGMA ignore_check_constraints = 1;",
            1,
        ),
        "a-trigger-without-end": (
            BROKEN,
            LOOSE + TRIGGER.format("WITH RECURSIVE n AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n"),
        ),
        "a-default-too-large": (
            BROKEN,
            LOOSE.replace("name TEXT", "name TEXT, big BLOB DEFAULT (randomblob(900000000))"),
        ),
        "rows-of-other-people": (
            BROKEN,
            RIGHT + "INSERT INTO products (name, cents) VALUES ('Ada', 1), ('Ben', 2);",
            1,
        ),
        "two-hundred-columns": (
            BROKEN,
            LOOSE.replace("cents INTEGER", "cents INTEGER, " + ", ".join(f"c{n} INT" for n in range(190))),
        ),
    },
)
USERS = """CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE DEFAULT ({}),
    email TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (trim(email) <> ''),
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);"""
IDS = tries(
    "repair-the-users",
    {
        "one-id-for-all": (UNEARNED, USERS.format("'0123456789abcdef'")),
        "ids-of-the-clock": (UNEARNED, USERS.format("strftime('%Y-%m-%d %H:%M:%f') || '........'")),
        "short-ids": (UNEARNED, USERS.format("hex(randomblob(2))"), 2.0),
    },
)
BILLS = tries(
    "split-the-bill",
    {
        "nothing": (UNEARNED, "def split(cents, people):\n    return [0] * people\n", 0.4),
        "true-for-one": (UNEARNED, "def split(cents, people):\n    return [True] * people\n"),
        "without-end": (BROKEN, "def split(cents, people):\n    while True:\n        pass\n"),
    },
)
TRIES = [*PRICES, *IDS, *BILLS]
