"""Answers to the lesson on PostgreSQL that want marks, or our time, without the work."""

from __future__ import annotations

import os

from tries import tries

from graders.labs import why_no_postgres

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

TRIES = [
    *tries(
        "heaviest-statement",
        {
            "heaviest-odd-column": ("our reading of its rows breaks", "SELECT ARRAY[ROW(1, NULL)] AS query"),
            "heaviest-no-column": ("our reading of its rows breaks", "SELECT FROM pg_stat_statements"),
            "heaviest-in-two-columns": (
                "a text that is named twice counts",
                "SELECT query, query FROM pg_stat_statements ORDER BY calls",
            ),
        },
    ),
    *tries(
        "one-index-for-the-load",
        {
            "index-with-a-function": (
                "our own statements meet its error",
                "CREATE INDEX ON order_items ((1 / (order_id - order_id)))",
            ),
            "index-and-more": ("rows that are gone save pages", "CREATE INDEX ON orders (id); DELETE FROM order_items"),
            "table-for-index": ("the tables are replaced", "CREATE TABLE index_of_mine (a int)"),
        },
    ),
    *tries(
        "repair-the-index",
        {
            "index-locks-all": ("our writers wait for ever", "BEGIN; LOCK TABLE users"),
            "index-no-table": ("our own statements break", "DROP TABLE users CASCADE"),
            "index-no-users": ("an empty table refuses nothing twice", "DELETE FROM users WHERE id > 250"),
            "index-trigger": (
                "a trigger stands for the index",
                "CREATE RULE none AS ON INSERT TO users DO INSTEAD NOTHING",
            ),
        },
    ),
    *tries(
        "give-up-soon",
        {
            "queue-sleeps": ("a sleep is taken for giving up", "SELECT pg_sleep(3)"),
            "queue-no-table": ("our own statements break", "DROP TABLE orders CASCADE"),
            "queue-another-table": (
                "a table of that name in front hides orders",
                "CREATE TEMP TABLE orders (shipped_at timestamptz)",
            ),
        },
    ),
    *tries(
        "who-holds-the-horizon",
        {
            "horizon-kills": (
                "it ends the sessions itself",
                "SELECT pg_terminate_backend(pid)::int FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
            ),
            "horizon-kills-its-own": (
                "it ends the sessions of the check too",
                "SELECT pg_terminate_backend(pid)::int FROM pg_stat_activity "
                "WHERE usename = current_user AND pid <> pg_backend_pid()",
            ),
            "horizon-list": ("our reading of its rows breaks", "SELECT array_agg(pid) FROM pg_stat_activity"),
            "horizon-no-column": ("our reading of its rows breaks", "SELECT FROM pg_stat_activity"),
        },
    ),
    *tries(
        "view-past-the-policy",
        {
            "view-is-a-table": (
                "a table with the rows of one customer passes",
                "DROP VIEW order_summary; CREATE TABLE order_summary (id int); GRANT SELECT ON order_summary TO PUBLIC",
            ),
            "view-gone": ("our own query breaks", "DROP VIEW order_summary"),
            "view-endless": ("a view without an end", f"CREATE OR REPLACE VIEW mine AS {ENDLESS}"),
        },
    ),
    *tries(
        "grants-for-an-app",
        {
            "grants-owner": ("the app owns the tables", "ALTER TABLE orders OWNER TO shop_app"),
            "grants-superuser": ("the app may do everything", "ALTER ROLE shop_app SUPERUSER"),
            "grants-everybody": (
                "who may do all may do what is asked",
                "GRANT ALL ON users, orders, order_items TO PUBLIC",
                1,
            ),
            "grants-no-tables": ("our own statements break", "DROP TABLE users, orders, order_items"),
            "grants-other-tables": (
                "a table of ours is there already",
                "CREATE TABLE payments (cents int); GRANT SELECT ON payments TO shop_report",
            ),
            "grants-stays-another": (
                "the script stays another role",
                "SET ROLE shop_app; SET SESSION AUTHORIZATION DEFAULT",
            ),
        },
    ),
    *tries(
        "ids-after-an-import",
        {
            "ids-no-table": ("our own statements break", "DROP TABLE coupons"),
            "ids-view": (
                "a view stands for the table",
                "ALTER TABLE coupons RENAME TO c; CREATE VIEW coupons AS SELECT * FROM c",
            ),
            "ids-rule": ("rows are swallowed", "CREATE RULE none AS ON INSERT TO coupons DO INSTEAD NOTHING"),
            "ids-odd-type": ("our comparison of ids breaks", "ALTER TABLE coupons ALTER id TYPE text USING 'x' || id"),
            "ids-table-of-mine": (
                "a table in front hides the coupons",
                "CREATE TEMP TABLE coupons (id int GENERATED ALWAYS AS IDENTITY, code text)",
            ),
        },
    ),
    *tries(
        "index-for-documents",
        {
            "documents-gone": ("an empty table takes no pages", "CREATE INDEX ON messages (id); DELETE FROM messages"),
            "documents-no-table": ("our own statements break", "DROP TABLE messages"),
            "documents-function": (
                "our own searches meet its error",
                "CREATE INDEX ON messages ((1 / (id - id)))",
            ),
        },
    ),
    *tries(
        "down-asks-first",
        {
            "down-drops-the-database": ("our look at the database breaks", "dropdb shop"),
            "down-drops-the-notes": ("our count of the notes breaks", "psql -c 'DROP TABLE schema_migrations' shop"),
            "down-for-ever": ("it waits for ever", "while read -r line; do :; done; cat; sleep 1"),
            "down-odd-notes": (
                "our reading of the notes breaks",
                'psql -c "INSERT INTO schema_migrations VALUES (NULL)" shop; psql -c \'CREATE TABLE "a b" (x)\' shop',
            ),
        },
    ),
    *tries(
        "sizes-of-tables",
        {
            "sizes-no-columns": ("our reading of its rows breaks", "SELECT FROM pg_class"),
            "sizes-odd-values": ("our comparison breaks", "SELECT ARRAY[relname], NULL, relacl FROM pg_class"),
            "sizes-changes-a-table": ("a query changes data", "DELETE FROM payments RETURNING 1"),
        },
    ),
    *tries(
        "psql-that-stops",
        {
            "psql-other-program": ("another program is run", "command = 'sh -c psql -f schema.sql'"),
            "psql-other-file": ("another file is read", "command = 'psql -X -1 -f /etc/passwd -f schema.sql'"),
            "psql-writes-a-file": ("a file is written", "command = 'psql -f schema.sql -o /tmp/was-here'"),
            "psql-runs-a-command": ("a command is run", "command = \"psql -f schema.sql -c '\\\\! id'\""),
            "psql-pager": ("a program is named", "command = 'psql -f schema.sql -v EDITOR=id'"),
            "psql-no-text": ("our reading breaks", "command = ['psql', '-f', 'schema.sql']"),
        },
    ),
]
if why_no_postgres() and not os.environ.get("CI"):
    TRIES = []
