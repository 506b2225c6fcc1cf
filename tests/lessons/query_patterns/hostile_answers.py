"""Answers to the lesson on query patterns that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

PAGE = "def account_pages(connection, city):\n"
NEXT = "def next_page(connection, after, size):\n"
VIEW = (
    "CREATE VIEW order_summary AS SELECT id, '' AS user_email, status, total_amount, created_at, 0 AS units FROM orders"
)

TRIES = [
    *tries(
        "account-pages",
        {
            "accounts-without-reviews": (
                "our own query breaks",
                PAGE + "    connection.execute('DROP TABLE reviews')\n    return []\n",
            ),
            "accounts-no-tuples": ("our reading of the page breaks", PAGE + "    return [1, None, 'x', (1, 2)]\n"),
            "accounts-odd-lists": (
                "our reading of the page breaks",
                PAGE + "    return [(1, 'a', None, {}), (None, None, [None], [])]\n",
            ),
            "accounts-unsortable": (
                "our comparison breaks",
                PAGE + "    return [(1, 'a', [1, 'b', None], [[2]])]\n",
            ),
            "accounts-for-ever": ("it never ends", PAGE + "    while True: connection.execute('SELECT 1')\n"),
            "accounts-closed": (
                "a closed connection breaks the check",
                PAGE + "    connection.close()\n    return []\n",
            ),
        },
    ),
    *tries(
        "next-page",
        {
            "turns-and-empties": (
                "the orders that we delete are gone already",
                NEXT + "    connection.execute('DELETE FROM orders')\n    return []\n",
            ),
            "turns-and-locks": (
                "our own changes meet its lock",
                NEXT + "    connection.execute('BEGIN IMMEDIATE')\n    return []\n",
            ),
            "turns-and-drops": (
                "our own insert breaks",
                NEXT + "    connection.execute('DROP TABLE orders')\n    return []\n",
            ),
            "turns-odd-rows": ("our reading of the page breaks", NEXT + "    return [(None, []), ({}, 1)]\n"),
        },
    ),
    *tries(
        "order-summary",
        {
            "summary-table": ("a table is taken for a view", "CREATE TABLE order_summary (id, user_email, status)"),
            "summary-of-nothing": ("our own query breaks", f"{VIEW}; DROP TABLE order_items; DROP TABLE orders"),
            "summary-open-transaction": ("a transaction stays open", f"BEGIN; {VIEW}"),
            "summary-many-rows": (
                "the view gives too many rows",
                VIEW.replace(
                    "FROM orders",
                    "FROM orders, (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)",
                ),
            ),
        },
    ),
]
