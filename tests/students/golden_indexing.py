"""Golden submissions of the lesson on indexing: what each student answers, and the scores and words it must earn."""

from __future__ import annotations

from student import Student, full_marks

LESSON = "03-indexing"
FULL = full_marks(LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student(
        {
            "index-three-conditions": "CREATE INDEX i ON loans (member_id, due_on) WHERE status = 'open'",
            "search-the-month": "SELECT visit_id, came_at FROM visits WHERE came_at GLOB '2024-02*'",
            "drop-unused-indexes": "DROP INDEX idx_orders_status; DROP INDEX idx_orders_created_at;\n"
            "DROP INDEX idx_users_public_id; DROP INDEX idx_users_email;",
            "clean-the-barcodes": "c f b a d e",
        }
    ),
    "indexes-every-filter": Student(
        {
            "index-three-conditions": "CREATE INDEX a ON loans (due_on); CREATE INDEX b ON loans (status);\n"
            "CREATE INDEX c ON loans (member_id);",
            "index-open-loans": "CREATE INDEX i ON loans (status, due_on)",
            "one-row-group": "CREATE INDEX i ON readings (barcode)",
            "index-the-workload": "CREATE INDEX a ON loans (member_id); CREATE INDEX b ON loans (status);\n"
            "CREATE INDEX c ON loans (due_on); CREATE INDEX d ON members (email);",
        },
        {"index-three-conditions": "0.3", "index-open-loans": "1.5", "one-row-group": "0", "index-the-workload": "0"},
        (
            "Which further condition leaves fewer of them?",
            "How many rows does DuckDB fetch through an index at most?",
            "Could one of them serve two statements?",
        ),
    ),
    "range-first": Student(
        {
            "scan-or-search": "a b c d f",
            "index-three-conditions": "CREATE INDEX i ON loans (due_on, member_id, status)",
            "covering-index": "CREATE INDEX i ON loans (due_on, member_id, fine)",
            "search-the-month": "SELECT visit_id, came_at FROM visits "
            "WHERE came_at BETWEEN '2024-02-01' AND '2024-02-29'",
        },
        {"scan-or-search": "0", "index-three-conditions": "1.2", "covering-index": "1.88", "search-the-month": "0"},
        ("Which condition of the query is an equality", "What of the evening of the last day?"),
    ),
    "drops-too-much": Student(
        {
            "drop-unused-indexes": "DROP INDEX idx_users_email; DROP INDEX idx_users_public_id;\n"
            "DROP INDEX idx_orders_status; DROP INDEX idx_orders_created_at; DROP INDEX idx_orders_user_id;",
            "clean-the-barcodes": "f b a e",
        },
        {"drop-unused-indexes": "0", "clean-the-barcodes": "2.5"},
        ("SQLite looks for orders that refer to that user", "How many copies does it read to find out?"),
    ),
    "gives-the-question-back": Student(
        {"search-the-month": "SELECT visit_id, came_at FROM visits WHERE substr(came_at, 1, 7) = '2024-02'"},
        {"search-the-month": "0"},
        ("is not compared as it is",),
    ),
    "breaks-things": Student(
        {
            "first-index": "DROP TABLE loans",
            "index-three-conditions": "DELETE FROM loans WHERE member_id <> 1; CREATE INDEX i ON loans (member_id)",
            "covering-index": "CREATE TEMP TABLE t AS WITH RECURSIVE n(i) AS"
            " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
            "index-open-loans": "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'loans'",
            "drop-unused-indexes": "DROP TABLE orders; DROP TABLE order_items",
            "one-row-group": "COPY readings TO 'stolen.csv'",
            "index-the-workload": "DELETE FROM loans; DELETE FROM members",
        },
        {**dict.fromkeys(("first-index", "index-three-conditions", "covering-index", "index-open-loans"), "0")}
        | dict.fromkeys(("drop-unused-indexes", "one-row-group", "index-the-workload"), "0"),
        ("cut off after 50,000,000 steps",),
    ),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
}
