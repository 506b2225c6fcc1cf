"""Golden submissions of the second lesson on migrations: answers, and the marks that differ from full marks."""

from __future__ import annotations

from student import Student

LESSON = "13-live-migrations"
RENAMED_IN_PLACE = "c e b"
ATTACHES = "ATTACH '/etc/passwd' AS other;"
FOUR_FORMS = """-- 1
ALTER TABLE customers ADD COLUMN phone TEXT NOT NULL DEFAULT '';
-- 4
ALTER TABLE customers ADD COLUMN full_name TEXT AS (name);
-- 6: safe
-- 11
CREATE VIEW purchases AS SELECT * FROM orders;
-- 12
ALTER TABLE orders DROP COLUMN coupon;
DROP TABLE coupons;"""
EVERYTHING_ANEW = "".join(f"-- {number}\nDROP TABLE orders;\n" for number in range(1, 13))
SWAPS_AT_ONCE = """-- step: all in one transaction
BEGIN IMMEDIATE;
CREATE TABLE fresh (customer_id INTEGER PRIMARY KEY, fullname TEXT, vip INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'active');
INSERT INTO fresh SELECT customer_id, fullname, vip, iif(vip, 'gold', 'active') FROM customers;
ALTER TABLE customers RENAME TO customers_old;
ALTER TABLE fresh RENAME TO customers;
COMMIT;"""
CLOSES_THE_SHOP = """-- stop: old
-- step: at night
ALTER TABLE customers ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
UPDATE customers SET status = 'gold' WHERE vip;"""
DROPS_THE_TABLE = "-- step: nothing to split any more\nDROP TABLE products;\n-- start: new\n-- stop: old"

STUDENTS = {
    "all-right": Student({}),
    "renames-in-place": Student({"expand-and-contract": RENAMED_IN_PLACE}, {"expand-and-contract": "0"}),
    "half-way": Student(
        {"safe-or-safer": FOUR_FORMS, "repair-the-swap": SWAPS_AT_ONCE},
        {"safe-or-safer": "2", "repair-the-swap": "2"},
    ),
    "mischief": Student(
        {"safe-or-safer": f"-- 1\n{ATTACHES}", "repair-the-swap": f"-- step: elsewhere\n{ATTACHES}"},
        {"safe-or-safer": "0", "repair-the-swap": "0"},
    ),
    "hollow": Student(
        {
            "euros-to-cents": DROPS_THE_TABLE,
            "safe-or-safer": EVERYTHING_ANEW,
            "repair-the-swap": CLOSES_THE_SHOP,
        },
        {"euros-to-cents": "0", "safe-or-safer": "1", "repair-the-swap": "0"},
    ),
}
