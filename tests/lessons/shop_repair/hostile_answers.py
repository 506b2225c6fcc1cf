"""Answers to the lesson on the shop's repair that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

UNEARNED, BROKEN = "points are earned that nothing was done for", "our own reading breaks"
EVERY = "INSERT INTO findings SELECT d.defect, s.order_id, s.missing_cents FROM defects AS d, short_orders AS s;"
PAGE = "def newest_orders(connection, customer_id, size):\n"

TRIES = [
    *tries(
        "find-the-losses",
        {
            "finds-everything": (UNEARNED, EVERY),
            "asks-the-trigger": (
                "the trigger gives the answers away",
                EVERY + "DELETE FROM findings WHERE (defect, order_id) NOT IN "
                "(SELECT defect, order_id FROM answers WHERE says = 'yes');",
            ),
            "asks-the-seals": (
                "the seals give the answers away",
                "INSERT INTO findings SELECT d.defect, s.order_id, s.missing_cents FROM defects AS d, short_orders AS s "
                "WHERE ((s.order_id * 48271 + s.missing_cents) * 69621 + d.number * 16807) % 2147483647 "
                "IN (SELECT mark FROM seals);",
            ),
            "drops-the-findings": (BROKEN, EVERY + "DROP TABLE findings;"),
            "views-the-findings": (BROKEN, "DROP TABLE findings; CREATE VIEW findings AS SELECT 1 AS defect;"),
            "odd-findings": (
                BROKEN,
                "DROP TABLE findings; CREATE TABLE findings (defect, order_id, cents);"
                "INSERT INTO findings VALUES ('cut cent', NULL, 'x'), (X'00', 1.5, NULL), ('old total', X'01', 2);",
            ),
            "findings-for-ever": (
                "it never ends",
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;",
            ),
        },
    ),
    *tries(
        "import-the-file",
        {
            "rejects-everything": (UNEARNED, "INSERT INTO rejected SELECT line_no FROM sheet;"),
            "drops-the-shop": (BROKEN, "DROP TABLE order_lines; DROP TABLE payments; DROP TABLE orders;"),
            "import-not-committed": (
                UNEARNED,
                "BEGIN; INSERT INTO rejected SELECT line_no FROM sheet;",
            ),
            "odd-rejected": (
                BROKEN,
                "DROP TABLE rejected; CREATE TABLE rejected (line_no); INSERT INTO rejected VALUES (NULL), ('x'), (X'00');",
            ),
            "odd-lines": (
                BROKEN,
                "DROP TABLE order_lines; CREATE TABLE order_lines (order_id, product_id, pieces, price_cents);"
                "INSERT INTO order_lines SELECT order_id, 'x', NULL, X'00' FROM orders;",
            ),
        },
    ),
    *tries(
        "repair-the-tables",
        {
            "tables-without-rules": (
                UNEARNED,
                "CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, email, name, password_hash, deleted_at);"
                "CREATE TABLE products (product_id INTEGER PRIMARY KEY, title, price_cents, stock);"
                "CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id, status, request_key, total_cents, placed_at);"
                "CREATE TABLE order_lines (order_id, product_id, pieces, price_cents);"
                "CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, order_id, cents, paid_at);",
            ),
        },
    ),
    *tries(
        "newest-orders",
        {
            "orders-dropped": (BROKEN, PAGE + "    connection.execute('DROP TABLE payments')\n    return []\n"),
            "orders-no-tuples": (BROKEN, PAGE + "    return [1, None, 'x', (1, 2)]\n"),
            "orders-odd-lines": (BROKEN, PAGE + "    return [(1, 2, [None, 3]), ([], {}, [(1, [2])]), (1, 2, None)]\n"),
            "orders-unhashable": (BROKEN, PAGE + "    return [([1], {2: 3}, [([], {})])]\n"),
            "orders-for-ever": ("it never ends", PAGE + "    while True: connection.execute('SELECT 1')\n"),
            "orders-closed": (BROKEN, PAGE + "    connection.close()\n    return []\n"),
        },
    ),
]
