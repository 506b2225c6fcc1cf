"""Answers to the lesson on indexing that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

SCHEMA_HELD, COUNT_HELD = "a change beside indexes passes", "our own count breaks"
BY_TITLE = "CREATE INDEX i ON loans (title);\n"
WIDE = "CREATE INDEX i ON loans (status, due_on, title, fine, member_id);\n"

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
