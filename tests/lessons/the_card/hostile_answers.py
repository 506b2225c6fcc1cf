"""Answers to the lesson on the whole card that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

COLUMNS = "CREATE TABLE users (id, public_id, email, created_at); CREATE TABLE statuses (status);"
REST = "CREATE TABLE products (id, name, price_cents); CREATE TABLE orders (id, user_id, status, created_at);"
ITEMS = "CREATE TABLE order_items (order_id, product_id, quantity);"
BARE = COLUMNS + REST + ITEMS
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"

TRIES = [
    *tries(
        "own-tables",
        {
            "card-bare-columns": ("tables without rules earn something", BARE),
            "card-refuses-all": (
                "what refuses everything counts as strict",
                f"{BARE} CREATE TRIGGER never BEFORE INSERT ON orders BEGIN SELECT raise(ABORT, 'no'); END;",
            ),
            "card-left-open": ("a transaction stays open", f"BEGIN; {BARE}"),
            "card-not-text": (
                "our reading of the words breaks",
                f"{BARE} INSERT INTO statuses VALUES (x'00'), (NULL), (7);",
            ),
            "card-for-ever": ("it never ends", f"{BARE} {ENDLESS} SELECT count(*) FROM n;"),
            "card-fills-the-disk": (
                "our memory is filled",
                f"{BARE} {ENDLESS} INSERT INTO users SELECT i, i, zeroblob(100000), i FROM n;",
            ),
            "card-schema-in-hand": (
                "our reading of the schema breaks",
                f"{BARE} PRAGMA writable_schema = ON; DELETE FROM sqlite_schema;",
            ),
            "card-odd-names": (
                "our reading of the schema breaks",
                f'{BARE} CREATE TABLE "a""b`c" (x); CREATE TABLE "" (y);',
            ),
        },
    ),
    *tries(
        "own-migration",
        {
            "pair-without-lines": ("a script without its lines breaks the reading", "SELECT 1;"),
            "pair-drops-users": (
                "our own reading breaks",
                "-- migrate:up\nDROP TABLE users;\n-- migrate:down\nCREATE TABLE users (id);",
            ),
            "pair-left-open": (
                "a transaction stays open",
                "-- migrate:up\nBEGIN;\nALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT 'active';\n-- migrate:down\nBEGIN;",
            ),
        },
    ),
]
