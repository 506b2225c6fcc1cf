"""Crafted answers to the lesson on relations: what each tries, what must not happen, and the points it must get."""

from __future__ import annotations

from tries import tries

COUNT_HELD = "what the script leaves breaks our own statements"
UNEARNED = "points are earned that nothing was done for"
SHOP = """CREATE TABLE price_lists (list_no INTEGER PRIMARY KEY);
CREATE TABLE sellers (seller_no INTEGER PRIMARY KEY);
CREATE TABLE customers (customer_no INTEGER PRIMARY KEY, list_no INTEGER NOT NULL DEFAULT 1 REFERENCES price_lists
    ON DELETE SET DEFAULT);
CREATE TABLE orders (order_no INTEGER PRIMARY KEY, customer_no INTEGER NOT NULL REFERENCES customers,
    seller_no INTEGER REFERENCES sellers ON DELETE SET NULL);
CREATE TABLE order_lines (order_no INTEGER NOT NULL REFERENCES orders ON DELETE CASCADE, product TEXT, pieces INTEGER);
"""
PAIRS = """CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE user_roles (user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    role_id INTEGER NOT NULL REFERENCES roles ON DELETE CASCADE, PRIMARY KEY (user_id, role_id));
CREATE INDEX b ON user_roles (role_id, user_id);
"""
DEFAULTS = "CREATE UNIQUE INDEX u ON addresses (customer_id) WHERE is_default = 1;"
IGNORES = "CREATE TRIGGER t BEFORE {1} ON {0} BEGIN SELECT RAISE(IGNORE); END;"

DELETES = tries("choose-on-delete", {
    "key-off": ("a setting of the script's connection counts", "PRAGMA foreign_keys = OFF;" + SHOP, 3),
    "shop-left-open": (COUNT_HELD, "BEGIN;" + SHOP, 3),
    "shop-query-only": (COUNT_HELD, SHOP + "PRAGMA query_only = ON", 3),
    "shop-in-temp": (UNEARNED, SHOP.replace("CREATE TABLE", "CREATE TEMP TABLE")),
    "deletes-all": (UNEARNED, SHOP + "CREATE TRIGGER t AFTER DELETE ON orders BEGIN DELETE FROM order_lines; END", 1.8),
    "ignores-deletes": ("a DELETE that does nothing counts as refused", SHOP + IGNORES.format("customers", "DELETE"), 2.4),
    "rows-there": (UNEARNED, SHOP + "INSERT INTO sellers VALUES (0)", 0.6),
})  # fmt: skip
ROLES = tries("repair-the-roles", {
    "pairs-left-open": (COUNT_HELD, "BEGIN;" + PAIRS, 3),
    "one-role-for-all": (COUNT_HELD, PAIRS.replace("users (id INTEGER PRIMARY KEY", "users (id INTEGER DEFAULT 1")),
    "roles-of-one": (COUNT_HELD, PAIRS + "CREATE TRIGGER t BEFORE INSERT ON users WHEN (SELECT count(*) FROM users) BEGIN SELECT RAISE(ABORT, ''); END", 0.46),
    "pairs-ignored": (UNEARNED, PAIRS + IGNORES.format("user_roles", "INSERT"), 0.46),
    "blob-ids": (COUNT_HELD, PAIRS.replace("users (id INTEGER PRIMARY KEY", "users (id BLOB PRIMARY KEY DEFAULT (randomblob(8))"), 0.46),
})  # fmt: skip
ADDRESSES = tries("one-default-address", {
    "address-left-open": (COUNT_HELD, "BEGIN;" + DEFAULTS, 1),
    "address-query-only": (COUNT_HELD, DEFAULTS + "PRAGMA query_only = ON", 1),
    "address-replaces": ("a row that goes without a word counts as refused", DEFAULTS.replace(";", "") + "; CREATE TRIGGER t BEFORE INSERT ON addresses WHEN NEW.is_default BEGIN DELETE FROM addresses WHERE customer_id = NEW.customer_id AND is_default; END"),
    "address-ignores": (UNEARNED, IGNORES.format("addresses", "UPDATE")),
    "address-view": (COUNT_HELD, "ALTER TABLE addresses RENAME TO a; CREATE VIEW addresses AS SELECT * FROM a"),
    "address-gone": (COUNT_HELD, "DROP TABLE addresses"),
})  # fmt: skip
TRIES = [*DELETES, *ROLES, *ADDRESSES]
