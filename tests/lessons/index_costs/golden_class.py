"""Golden submissions of the lesson on what indexes cost: each student's answers, and what they must earn."""

from __future__ import annotations

from student import Student, full_marks

LESSON = "07-index-costs"
FULL = full_marks(LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student(
        {
            "drop-unused-indexes": "DROP INDEX idx_orders_status; DROP INDEX idx_orders_created_at;\n"
            "DROP INDEX idx_users_public_id; DROP INDEX idx_users_email;",
            "clean-the-barcodes": "c f b a d e",
        }
    ),
    "indexes-every-filter": Student(
        {
            "one-row-group": "CREATE INDEX i ON readings (barcode)",
            "index-the-workload": "CREATE INDEX a ON loans (member_id); CREATE INDEX b ON loans (status);\n"
            "CREATE INDEX c ON loans (due_on); CREATE INDEX d ON members (email);",
        },
        {"one-row-group": "0", "index-the-workload": "0"},
        ("How many rows does DuckDB fetch through an index at most?", "Could one of them serve two statements?"),
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
    "breaks-things": Student(
        {
            "drop-unused-indexes": "DROP TABLE orders; DROP TABLE order_items",
            "one-row-group": "COPY readings TO 'stolen.csv'",
            "index-the-workload": "DELETE FROM loans; DELETE FROM members",
        },
        dict.fromkeys(("drop-unused-indexes", "one-row-group", "index-the-workload"), "0"),
    ),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
}
