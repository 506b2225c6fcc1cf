"""Answers to the second lesson on migrations that are plans beside live applications, and want marks without the work."""

from __future__ import annotations

from tries import tries

UNEARNED, BROKEN = "a mark is given for what is not there", "our own look breaks"
PLAN = """-- step: expand
BEGIN;
ALTER TABLE products ADD COLUMN cents INTEGER;
UPDATE products SET cents = round(price * 100);
CREATE TRIGGER added AFTER INSERT ON products BEGIN
    UPDATE products SET cents = ifnull(cents, round(price * 100)), price = ifnull(price, cents / 100.0) WHERE product_id = new.product_id; END;
CREATE TRIGGER dearer AFTER UPDATE OF price ON products WHEN new.price IS NOT old.price BEGIN
    UPDATE products SET cents = round(new.price * 100) WHERE product_id = new.product_id; END;
CREATE TRIGGER newer AFTER UPDATE OF cents ON products WHEN new.cents IS NOT old.cents BEGIN
    UPDATE products SET price = new.cents / 100.0 WHERE product_id = new.product_id; END;
COMMIT;
-- start: new
-- stop: old
-- step: contract
BEGIN;
DROP TRIGGER added; DROP TRIGGER dearer; DROP TRIGGER newer;
ALTER TABLE products DROP COLUMN price;
COMMIT;
"""
TWICE = PLAN.replace(
    "-- start: new",
    """-- step: twice
BEGIN;
ALTER TABLE products RENAME TO goods;
CREATE VIEW products AS SELECT * FROM goods UNION ALL SELECT * FROM goods;
CREATE TRIGGER i INSTEAD OF INSERT ON products BEGIN INSERT INTO goods (product_id, name, price, cents) VALUES (new.product_id, new.name, new.price, new.cents); END;
CREATE TRIGGER u INSTEAD OF UPDATE ON products BEGIN UPDATE goods SET name = new.name, price = new.price, cents = new.cents WHERE product_id = new.product_id; END;
COMMIT;
-- step: once
BEGIN;
DROP VIEW products;
ALTER TABLE goods RENAME TO products;
COMMIT;
-- start: new""",
)

NAMES = """first_name = iif(instr(fullname, ' '), substr(fullname, 1, instr(fullname, ' ') - 1), fullname),
    last_name = iif(instr(fullname, ' '), substr(fullname, instr(fullname, ' ') + 1), NULL)"""
BOTH = f"""CREATE TRIGGER a AFTER INSERT ON customers WHEN new.fullname IS NOT NULL BEGIN
    UPDATE customers SET {NAMES} WHERE customer_id = new.customer_id; END;
CREATE TRIGGER b AFTER UPDATE OF fullname ON customers BEGIN
    UPDATE customers SET {NAMES} WHERE customer_id = new.customer_id; END;
CREATE TRIGGER c AFTER INSERT ON customers WHEN new.fullname IS NULL BEGIN
    UPDATE customers SET fullname = first_name || coalesce(' ' || last_name, '') WHERE customer_id = new.customer_id; END;
CREATE TRIGGER d AFTER UPDATE OF first_name, last_name ON customers BEGIN
    UPDATE customers SET fullname = first_name || coalesce(' ' || last_name, '') WHERE customer_id = new.customer_id; END;
"""
AGREEING = tries("sync-both-names", {
    "plain-8": ("a right answer loses its mark", BOTH, 3),
    "temp-8": ("triggers that go with the connection count", "CREATE TRIGGER dummy AFTER DELETE ON customers BEGIN SELECT 1; END;" + BOTH.replace("CREATE TRIGGER", "CREATE TEMP TRIGGER")),
    "no-text-8": (BROKEN, "CREATE TRIGGER t AFTER INSERT ON customers BEGIN UPDATE customers SET fullname = CAST(x'ff' AS TEXT); END;"),
    "raises-ignore": (UNEARNED, "CREATE TRIGGER t BEFORE INSERT ON customers BEGIN SELECT RAISE(IGNORE); END;"),
    "customers-gone": (BROKEN, "CREATE TABLE o (x); CREATE TRIGGER t AFTER INSERT ON o BEGIN SELECT 1; END; DROP TABLE customers"),
})  # fmt: skip
PLANS = tries("euros-to-cents", {
    "plain-14": ("a right answer loses its mark", PLAN, 4),
    "twice": ("an application that reads every row twice works", TWICE, 0),
    "plan-nul": (BROKEN, "-- step: x\nSELECT '\0';\n"),
    "plan-surrogate": (BROKEN, "-- step: x\nSELECT '\ud800';\n"),
    "plan-unfinished": (BROKEN, "-- step: x\nCREATE TRIGGER t AFTER INSERT ON products BEGIN\n"),
    "never-starts": (UNEARNED, PLAN.replace("-- start: new\n", "")),
    "never-stops": (UNEARNED, PLAN.replace("-- stop: old\n", "")),
    "stops-all": (UNEARNED, PLAN.replace("-- start: new\n-- stop: old\n", "-- stop: old\n-- start: new\n")),
    "starts-nobody": (UNEARNED, PLAN.replace("-- start: new\n", "-- start: somebody\n")),
    "marks-in-text": (BROKEN, PLAN.replace("COMMIT;", "SELECT '\n-- start: new\n';\nCOMMIT;", 1)),
    "locks-14": (BROKEN, "-- step: x\nPRAGMA locking_mode = EXCLUSIVE;\n" + PLAN),
    "temp-products": (UNEARNED, "-- step: x\nCREATE TEMP TABLE products (product_id INTEGER PRIMARY KEY, name TEXT NOT NULL, cents INTEGER);\n-- start: new\n-- stop: old\n"),
    "leaves-open-14": (UNEARNED, PLAN.replace("COMMIT;", "", 1)),
    "drops-all-14": (BROKEN, "-- step: x\nDROP TABLE products;\n"),
    "plan-empty": (BROKEN, "-- step: x\n"),
    "slow-plan": (BROKEN, "-- step: x\nCREATE TRIGGER t AFTER INSERT ON products BEGIN UPDATE products SET price = (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n); END;\n" + PLAN),
})  # fmt: skip
FORMS = tries("safe-or-safer", {
    "forms-nul": (BROKEN, "-- 1\nSELECT '\0';\n"),
    "forms-surrogate": (BROKEN, "-- 1\nSELECT '\ud800';\n"),
    "forms-drop-all": (BROKEN, "-- 1\nDROP TABLE customers;\n-- 3\nDROP TABLE orders;\n-- 12\nDROP TABLE coupons; DROP TABLE customers;\n"),
    "forms-left-open": (BROKEN, "-- 1\nBEGIN;\n-- 3\nSAVEPOINT s;\n-- 4\nPRAGMA locking_mode = EXCLUSIVE;\n"),
    "forms-view": (UNEARNED, "-- 4\nALTER TABLE customers RENAME TO c; CREATE VIEW customers AS SELECT *, name AS full_name FROM c;\n-- 11\nCREATE TEMP VIEW purchases AS SELECT * FROM orders;\n-- 12\nPRAGMA writable_schema = 1;\n"),
    "forms-for-ever": (BROKEN, "-- 10\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;\n"),
    "forms-no-text": (BROKEN, "-- 10\nUPDATE customers SET city = CAST(x'ff' AS TEXT);\n-- 3\nALTER TABLE customers ADD COLUMN joined TEXT DEFAULT (CAST(x'ff' AS TEXT));\n"),
    "forms-columns-gone": (BROKEN, "-- 10\nALTER TABLE customers DROP COLUMN city;\n-- 7\nALTER TABLE customers DROP COLUMN email;\n-- 3\nALTER TABLE customers ADD COLUMN joined TEXT AS (julianday('x'));\n"),
    "forms-twelve-times": (BROKEN, "-- 1\n-- 1\n"),
})  # fmt: skip
FORMS += tries("repair-the-swap", {
    "swap-nul": (BROKEN, "-- step: x\nSELECT '\0';\n"),
    "swap-nothing": ("a plan that changes nothing loses no write", "-- step: x\nSELECT 1;\n"),
    "swap-drops": (BROKEN, "-- step: x\nPRAGMA foreign_keys = 0;\nDROP TABLE customers;\n"),
    "swap-temp": (UNEARNED, "-- step: x\nCREATE TEMP TABLE customers (customer_id INTEGER PRIMARY KEY, fullname TEXT, vip INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'active');\n"),
    "swap-stops": (UNEARNED, "-- stop: old\n-- step: x\nALTER TABLE customers ADD COLUMN status TEXT NOT NULL DEFAULT 'active';\nUPDATE customers SET status = 'gold' WHERE vip = 1;\n"),
    "swap-no-text": (BROKEN, "-- step: x\nALTER TABLE customers ADD COLUMN status TEXT NOT NULL DEFAULT 'active';\nUPDATE customers SET status = CAST(x'ff' AS TEXT);\n", 2),
    "swap-collates": (UNEARNED, "-- step: x\nALTER TABLE customers ADD COLUMN status TEXT NOT NULL DEFAULT 'active' COLLATE NOCASE;\nUPDATE customers SET status = 'gold' WHERE vip = 1;\n", 2),
})  # fmt: skip

TRIES = [*AGREEING, *PLANS, *FORMS]
