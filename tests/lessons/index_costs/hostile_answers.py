"""Answers to the lesson on what indexes cost that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

from course_data import loans

LOANS = loans.SCHEMA[loans.SCHEMA.index("CREATE TABLE loans") :]
SCHEMA_HELD, COUNT_HELD = "a change beside indexes passes", "our own count breaks"
HOUR = "CREATE INDEX i ON loans (member_id);\n"

INDEXES = tries(
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
        "quoted-name-13": (COUNT_HELD, 'DROP INDEX idx_orders_status; CREATE INDEX "x"" y" ON orders (status)'),
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

TRIES = INDEXES
