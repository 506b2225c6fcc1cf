"""Golden submissions of the lesson on indexing: what each student answers, and the scores and words it must earn."""

from __future__ import annotations

from student import Student, full_marks

LESSON = "06-indexing"
FULL = full_marks(LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student(
        {
            "index-three-conditions": "CREATE INDEX i ON loans (member_id, due_on) WHERE status = 'open'",
            "search-the-month": "SELECT visit_id, came_at FROM visits WHERE came_at GLOB '2024-02*'",
        }
    ),
    "indexes-every-filter": Student(
        {
            "index-three-conditions": "CREATE INDEX a ON loans (due_on); CREATE INDEX b ON loans (status);\n"
            "CREATE INDEX c ON loans (member_id);",
            "index-open-loans": "CREATE INDEX i ON loans (status, due_on)",
        },
        {"index-three-conditions": "0.3", "index-open-loans": "1.5"},
        ("Which further condition leaves fewer of them?",),
    ),
    "range-first": Student(
        {
            "scan-or-search": "a b c d f",
            "index-three-conditions": "CREATE INDEX i ON loans (due_on, member_id, status)",
            "covering-index": "CREATE INDEX i ON loans (due_on, member_id, fine)",
            "search-the-month": "SELECT visit_id, came_at FROM visits "
            "WHERE came_at BETWEEN '2024-02-01' AND '2024-02-29'",
        },
        {"scan-or-search": "0", "index-three-conditions": "1.2", "covering-index": "1.94", "search-the-month": "0"},
        ("Which condition of the query is an equality", "What of the evening of the last day?"),
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
        },
        dict.fromkeys(("first-index", "index-three-conditions", "covering-index", "index-open-loans"), "0"),
        ("cut off after 50,000,000 steps",),
    ),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
}
