"""Golden submissions of the lesson on indexing: what each student answers, and the scores and words it must earn."""

from __future__ import annotations

from student import Student, full_marks

LESSON = "03-indexing"
FULL = full_marks(LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student(
        {
            "indexing-5": "CREATE INDEX i ON loans (member_id, due_on) WHERE status = 'open'",
            "indexing-8": "SELECT visit_id, came_at FROM visits WHERE came_at GLOB '2024-02*'",
            "indexing-13": "DROP INDEX idx_orders_status; DROP INDEX idx_orders_created_at;\n"
            "DROP INDEX idx_users_public_id; DROP INDEX idx_users_email;",
            "indexing-14": "c f b a d e",
        }
    ),
    "indexes-every-filter": Student(
        {
            "indexing-5": "CREATE INDEX a ON loans (due_on); CREATE INDEX b ON loans (status);\n"
            "CREATE INDEX c ON loans (member_id);",
            "indexing-9": "CREATE INDEX i ON loans (status, due_on)",
            "indexing-16": "CREATE INDEX i ON readings (barcode)",
            "indexing-18": "CREATE INDEX a ON loans (member_id); CREATE INDEX b ON loans (status);\n"
            "CREATE INDEX c ON loans (due_on); CREATE INDEX d ON members (email);",
        },
        {"indexing-5": "0.3", "indexing-9": "1.5", "indexing-16": "0", "indexing-18": "0"},
        (
            "Which further condition leaves fewer of them?",
            "How many rows does DuckDB fetch through an index at most?",
            "Could one of them serve two statements?",
        ),
    ),
    "range-first": Student(
        {
            "indexing-2": "a b c d f",
            "indexing-5": "CREATE INDEX i ON loans (due_on, member_id, status)",
            "indexing-7": "CREATE INDEX i ON loans (due_on, member_id, fine)",
            "indexing-8": "SELECT visit_id, came_at FROM visits WHERE came_at BETWEEN '2024-02-01' AND '2024-02-29'",
        },
        {"indexing-2": "0", "indexing-5": "1.2", "indexing-7": "1.88", "indexing-8": "0"},
        ("Which condition of the query is an equality", "What of the evening of the last day?"),
    ),
    "drops-too-much": Student(
        {
            "indexing-13": "DROP INDEX idx_users_email; DROP INDEX idx_users_public_id; DROP INDEX idx_orders_status;\n"
            "DROP INDEX idx_orders_created_at; DROP INDEX idx_orders_user_id;",
            "indexing-14": "f b a e",
        },
        {"indexing-13": "0", "indexing-14": "2.5"},
        ("SQLite looks for orders that refer to that user", "How many copies does it read to find out?"),
    ),
    "gives-the-question-back": Student(
        {"indexing-8": "SELECT visit_id, came_at FROM visits WHERE substr(came_at, 1, 7) = '2024-02'"},
        {"indexing-8": "0"},
        ("is not compared as it is",),
    ),
    "breaks-things": Student(
        {
            "indexing-3": "DROP TABLE loans",
            "indexing-5": "DELETE FROM loans WHERE member_id <> 1; CREATE INDEX i ON loans (member_id)",
            "indexing-7": "CREATE TEMP TABLE t AS WITH RECURSIVE n(i) AS"
            " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
            "indexing-9": "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'loans'",
            "indexing-13": "DROP TABLE orders; DROP TABLE order_items",
            "indexing-16": "COPY readings TO 'stolen.csv'",
            "indexing-18": "DELETE FROM loans; DELETE FROM members",
        },
        {**dict.fromkeys(("indexing-3", "indexing-5", "indexing-7", "indexing-9"), "0")}
        | dict.fromkeys(("indexing-13", "indexing-16", "indexing-18"), "0"),
        ("cut off after 50,000,000 steps",),
    ),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
}
