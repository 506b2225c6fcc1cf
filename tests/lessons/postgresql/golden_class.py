"""Golden submissions of the lesson on PostgreSQL: answers, and the marks that differ from full marks."""

from __future__ import annotations

import os

from student import Student

from graders.labs import why_no_postgres

LESSON = "17-postgresql"
CARD = "SELECT query, mean_exec_time, calls FROM pg_stat_statements ORDER BY mean_exec_time DESC LIMIT 10"
TWO_INDEXES = "CREATE INDEX ON order_items (order_id); CREATE INDEX ON orders (user_id)"
RENAMES = "CREATE UNIQUE INDEX CONCURRENTLY users_email_2 ON users (email)"
READS_A_FILE = "SELECT pg_read_file('/etc/passwd')"

STUDENTS: dict[str, Student] = {
    "all-right": Student({}),
    "as-the-card-says": Student(
        {
            "heaviest-statement": CARD,
            "measure-the-update": "d",
            "repair-the-index": "CREATE INDEX CONCURRENTLY idx_users_email ON users(email)",
            "psql-that-stops": 'command = "psql -U user -d mydb -f schema.sql"',
        },
        {"heaviest-statement": "0", "measure-the-update": "0.67", "repair-the-index": "0", "psql-that-stops": "0.17"},
        page=("It is the slowest, and it was sent once.", "which is not valid"),
    ),
    "half-way": Student(
        {
            "one-index-for-the-load": TWO_INDEXES,
            "repair-the-index": RENAMES,
            "give-up-soon": "ALTER TABLE orders ADD COLUMN shipped_at timestamptz",
        },
        {"one-index-for-the-load": "1.5", "repair-the-index": "1.6", "give-up-soon": "0.67"},
        page=("It stands in the queue",),
    ),
    "mischief": Student(
        {
            "heaviest-statement": READS_A_FILE,
            "who-holds-the-horizon": READS_A_FILE,
            "view-past-the-policy": f"{READS_A_FILE}; DROP TABLE orders CASCADE",
            "psql-that-stops": 'command = "psql -f schema.sql; touch /tmp/was-here"',
        },
        {
            "heaviest-statement": "0",
            "who-holds-the-horizon": "0",
            "view-past-the-policy": "0",
            "psql-that-stops": "0",
        },
    ),
}
# Elsewhere than in continuous integration, a class is graded on what is there.
if why_no_postgres() and not os.environ.get("CI"):
    STUDENTS = {}
