"""Golden submissions of the lesson on PostgreSQL: answers, and the marks that differ from full marks."""

from __future__ import annotations

import os
from functools import partial

from student import Student, wrong_answer_to

from graders.labs import why_no_postgres

LESSON = "17-postgresql"
wrong_answer = partial(wrong_answer_to, LESSON)
CARD = "SELECT query, mean_exec_time, calls FROM pg_stat_statements ORDER BY mean_exec_time DESC LIMIT 10"
TWO_INDEXES = "CREATE INDEX ON order_items (order_id); CREATE INDEX ON orders (user_id)"
EVERYTHING = "GRANT ALL ON ALL TABLES IN SCHEMA public TO shop_app, shop_report"
SEQUENCE_ALONE = "SELECT setval('coupons_id_seq', (SELECT max(id) FROM coupons))"
GIN_ALONE = "CREATE INDEX ON messages USING gin (body)"
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
            "grants-for-an-app": EVERYTHING,
            "ids-after-an-import": SEQUENCE_ALONE,
            "index-for-documents": GIN_ALONE,
            "down-asks-first": wrong_answer("down-asks-first", "nobody has said yes"),
            "one-index-for-the-load": TWO_INDEXES,
            "repair-the-index": RENAMES,
            "give-up-soon": "ALTER TABLE orders ADD COLUMN shipped_at timestamptz",
        },
        {
            "one-index-for-the-load": "1.5",
            "repair-the-index": "1.6",
            "give-up-soon": "0.67",
            "grants-for-an-app": "1",
            "ids-after-an-import": "0.8",
            "index-for-documents": "1.8",
            "down-asks-first": "1.71",
        },
        page=("It stands in the queue", "What else can GRANT SELECT name?", "nobody has said yes"),
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
