"""Answers to the lesson on indexing that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

from course_data import loans

LOANS = loans.SCHEMA[loans.SCHEMA.index("CREATE TABLE loans") :]
SCHEMA_HELD, COUNT_HELD = "a change beside indexes passes", "our own count breaks"
BY_TITLE = "CREATE INDEX i ON loans (title);\n"
WIDE = "CREATE INDEX i ON loans (status, due_on, title, fine, member_id);\n"
HOUR = "CREATE INDEX i ON loans (member_id);\n"

INDEXES = tries("first-index", {
    "quoted-name": (COUNT_HELD, 'CREATE INDEX "a""b" ON loans (title)', 1),
    "query-only": (COUNT_HELD, BY_TITLE + "PRAGMA query_only = 1", 1),
    "transaction-left-open": (COUNT_HELD, "BEGIN;" + BY_TITLE, 1),
    "savepoint-left-open": (COUNT_HELD, "SAVEPOINT s;" + BY_TITLE, 1),
    "temporary-table": (SCHEMA_HELD, "CREATE TEMP TABLE loans AS SELECT * FROM loans;" + BY_TITLE),
    "rows-go-where-many": (SCHEMA_HELD, BY_TITLE + "DELETE FROM loans WHERE (SELECT count(*) FROM loans) > 2000"),
    "drop-where-many": (SCHEMA_HELD, BY_TITLE + "UPDATE loans SET title = 'x' WHERE loan_id > 1000"),
    "case-sensitive": (COUNT_HELD, BY_TITLE + "PRAGMA full_column_names = 1; PRAGMA short_column_names = 0", 1),
    "forged-statistics": (SCHEMA_HELD, BY_TITLE + "ANALYZE; UPDATE sqlite_stat1 SET stat = 'nonsense'; ANALYZE sqlite_schema"),
    "writable-schema": (SCHEMA_HELD, BY_TITLE + "PRAGMA writable_schema = 1"),
    "vacuum-into": ("a file is written", BY_TITLE + "VACUUM INTO '/tmp/x'"),
    "temp-view": (SCHEMA_HELD, BY_TITLE + "CREATE TEMP VIEW loans AS SELECT * FROM main.loans WHERE 0"),
    "nul": (COUNT_HELD, BY_TITLE + "SELECT '\0'"),
    "surrogate": (COUNT_HELD, BY_TITLE + "SELECT '\ud800'"),
    "expression-on-nothing": (COUNT_HELD, "CREATE INDEX i ON loans (abs(-9223372036854775808))"),
    "giant-index": ("the database grows past its room", "CREATE INDEX i ON loans (title, printf('%.100000c', 'x'))"),
    "rename-table": (SCHEMA_HELD, BY_TITLE + "ALTER TABLE loans RENAME TO x"),
    "rename-and-back": (SCHEMA_HELD, BY_TITLE + "ALTER TABLE loans RENAME TO x; ALTER TABLE x RENAME TO loans"),
    "trigger": (SCHEMA_HELD, BY_TITLE + "CREATE TEMP TRIGGER t AFTER INSERT ON loans BEGIN SELECT 1; END"),
})  # fmt: skip
GONE = (
    "DELETE FROM loans WHERE (SELECT count(*) FROM loans) > 2000 AND NOT (status = 'open' AND due_on < '2023-06-01');"
)
INDEXES += tries(
    "index-open-loans",
    {
        "room-made-of-rows": ("rows that go where there are many make room", GONE + WIDE),
    },
)
INDEXES += tries(
    "drop-unused-indexes",
    {
        "shadow-users": (
            SCHEMA_HELD,
            """CREATE TEMP TABLE users (id, public_id, email); CREATE TEMP TABLE orders (id, user_id, status, created_at);
CREATE TEMP TABLE order_items (id, order_id, product_id, quantity);
DROP INDEX idx_users_email; DROP INDEX idx_users_public_id; DROP INDEX idx_orders_user_id; DROP INDEX idx_orders_status;
DROP INDEX idx_orders_created_at; DROP INDEX idx_order_items_order_id""",
        ),
        "foreign-keys-off": (
            "the search for orders is left out",
            "PRAGMA foreign_keys = OFF; DROP INDEX idx_orders_status",
            1,
        ),
        "quoted-name-13": (COUNT_HELD, 'DROP INDEX idx_orders_status; CREATE INDEX "x"" y" ON orders (status)', 1),
        "query-only-13": (COUNT_HELD, "DROP INDEX idx_orders_status; PRAGMA query_only = 1", 1),
    },
)
INDEXES += tries(
    "index-the-workload",
    {
        "made-anew": (SCHEMA_HELD, "DROP TABLE loans;" + LOANS + HOUR),
        "shadow-loans": (
            SCHEMA_HELD,
            HOUR
            + "CREATE TEMP TABLE loans (loan_id INTEGER PRIMARY KEY, member_id, title, due_on, returned_on, status, fine);"
            "CREATE TEMP TABLE members (member_id, name, email)",
        ),
        "shadow-views": (
            SCHEMA_HELD,
            HOUR + "CREATE TEMP VIEW loans AS SELECT * FROM main.loans WHERE 0;"
            "CREATE TEMP TRIGGER t INSTEAD OF INSERT ON loans BEGIN SELECT 1; END;"
            "CREATE TEMP TRIGGER u INSTEAD OF UPDATE ON loans BEGIN SELECT 1; END",
        ),
        "locks-18": (COUNT_HELD, HOUR + "BEGIN"),
        "query-only-18": (COUNT_HELD, HOUR + "PRAGMA query_only = 1"),
        "rename-members": (SCHEMA_HELD, HOUR + "ALTER TABLE members RENAME TO m"),
        "dies": (COUNT_HELD, HOUR + "SELECT sum(length(hex(randomblob(900000)))) FROM loans a, loans b"),
    },
)
KEEP = "CREATE TABLE keep AS SELECT count(*) AS c, sum(hash(reading_id, barcode, read_on)) AS s FROM readings;"
INDEXES += tries(
    "one-row-group",
    {
        "macros": (
            SCHEMA_HELD,
            KEEP + "DELETE FROM readings WHERE barcode NOT BETWEEN 200000 AND 200100;"
            "CREATE MACRO sum(x) AS (SELECT s FROM keep); CREATE MACRO count_star() AS (SELECT c FROM keep)",
        ),
        "macro-hash": (
            SCHEMA_HELD,
            "CREATE OR REPLACE TABLE readings AS SELECT 0 AS reading_id, 0 AS barcode, read_on FROM readings;"
            "CREATE MACRO hash(a, b, c) AS 1",
        ),
        "other-schema": (
            SCHEMA_HELD,
            "CREATE SCHEMA s; CREATE TABLE s.readings AS SELECT * FROM readings WHERE barcode BETWEEN 200000 AND 200100; USE s",
        ),
        "temp-readings": (SCHEMA_HELD, "CREATE TEMP TABLE readings AS SELECT * FROM readings ORDER BY barcode"),
        "view-readings": (
            SCHEMA_HELD,
            "ALTER TABLE readings RENAME TO r; CREATE VIEW readings AS SELECT * FROM r ORDER BY barcode",
        ),
        "abort-16": (
            COUNT_HELD,
            "BEGIN; CREATE OR REPLACE TABLE readings AS SELECT * FROM readings ORDER BY barcode; SELECT error('x')",
        ),
        "left-open-16": (
            COUNT_HELD,
            "BEGIN; CREATE OR REPLACE TABLE readings AS SELECT * FROM readings ORDER BY barcode",
            3,
        ),
        "column-gone-16": (COUNT_HELD, "ALTER TABLE readings DROP COLUMN read_on"),
        "retyped-16": (
            COUNT_HELD,
            "CREATE OR REPLACE TABLE readings AS SELECT reading_id, barcode::VARCHAR AS barcode, read_on FROM readings ORDER BY 2",
        ),
    },
)
REWRITES = tries(
    "search-the-month",
    {
        "surrogate-8": (
            COUNT_HELD,
            "SELECT visit_id, came_at FROM visits WHERE came_at >= '2024-02-01' AND came_at < '\ud800'",
        ),
        "nul-8": (
            COUNT_HELD,
            "SELECT visit_id, came_at FROM visits WHERE came_at >= '2024-02-01\0' AND came_at < '2024-03-01'",
        ),
        "by-size": (
            "it is right on few rows alone",
            "SELECT visit_id, came_at FROM visits WHERE came_at LIKE '2024-02%' AND (SELECT count(*) FROM visits) < 500",
        ),
        "limit": (
            "it is right on few rows alone",
            "SELECT visit_id, came_at FROM (SELECT * FROM visits LIMIT 300) WHERE came_at >= '2024-02-01' AND came_at < '2024-03-01'",
        ),
    },
)

TRIES = [*INDEXES, *REWRITES]
