"""Answers to the lesson on taking tables apart that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

UNEARNED, COUNT_HELD = "a mark is given for what is not there", "our own look breaks"
SHEET = """CREATE TABLE members (member_id INTEGER PRIMARY KEY, member_name TEXT NOT NULL);
CREATE TABLE shelves (shelf TEXT NOT NULL PRIMARY KEY, floor INTEGER NOT NULL);
CREATE TABLE books (book_id INTEGER PRIMARY KEY, title TEXT NOT NULL, shelf TEXT NOT NULL REFERENCES shelves);
CREATE TABLE loans (member_id INTEGER NOT NULL, book_id INTEGER NOT NULL, lent_on TEXT NOT NULL,
    PRIMARY KEY (member_id, book_id, lent_on));
"""
COPIED = """INSERT INTO members SELECT DISTINCT member_id, member_name FROM sheet;
INSERT INTO shelves SELECT DISTINCT shelf, floor FROM sheet;
INSERT INTO books SELECT DISTINCT book_id, title, shelf FROM sheet;
INSERT INTO loans SELECT member_id, book_id, lent_on FROM sheet;
"""
JOINED = """SELECT member_id, member_name, book_id, title, shelf, floor, lent_on
FROM loans JOIN members USING (member_id) JOIN books USING (book_id) JOIN shelves USING (shelf);
"""
MOVED = SHEET + COPIED + "CREATE VIEW sheet_again AS " + JOINED
GYM = """CREATE TABLE members (member_no INTEGER PRIMARY KEY, member_name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);
CREATE TABLE trainers (trainer_no INTEGER PRIMARY KEY, phone TEXT NOT NULL);
CREATE TABLE courses (course_code TEXT NOT NULL PRIMARY KEY, course_title TEXT NOT NULL,
    trainer_no INTEGER NOT NULL REFERENCES trainers);
"""
ENROLMENTS = """CREATE TABLE enrolments (member_no INTEGER NOT NULL REFERENCES members,
    course_code TEXT NOT NULL REFERENCES courses, fee INTEGER NOT NULL, PRIMARY KEY (member_no, course_code));
"""
LOOSE = """CREATE TABLE {q}members{q} (member_no, member_name, email); CREATE TABLE trainers (trainer_no, phone);
CREATE TABLE courses (course_code, course_title, trainer_no); CREATE TABLE enrolments (member_no, course_code, fee);
"""
CHECKED = """CREATE TABLE members (member_no INT NOT NULL, member_name, email NOT NULL,
    CHECK (member_no <> 1 OR member_name = 'Ada' AND email = 'a@example.org'),
    CHECK (member_no <> 2 OR email = 'b@example.org'));
CREATE TABLE trainers (trainer_no INT NOT NULL, phone, CHECK (trainer_no <> 7 OR phone = '555-0100'));
CREATE TABLE courses (course_code TEXT NOT NULL, course_title, trainer_no INT,
    CHECK (course_code <> 'C1' OR course_title = 'Bouldering' AND trainer_no = 7));
CREATE TABLE enrolments (member_no INT NOT NULL, course_code TEXT NOT NULL, fee,
    CHECK (member_no <> 1 OR course_code <> 'C1' OR fee = 10));
"""
ONE_ROW = "".join(
    f"CREATE TRIGGER {t}_full BEFORE INSERT ON {t} WHEN (SELECT count(*) FROM {t}) > 0 BEGIN SELECT RAISE(ABORT, 'full'); END;"
    for t in ("members", "trainers", "courses", "enrolments")
)
IF_EMPTY = "".join(
    f"CREATE TRIGGER {child}_{parent} BEFORE INSERT ON {child} WHEN NOT EXISTS (SELECT 1 FROM {parent})"
    " BEGIN SELECT RAISE(ABORT, 'nobody'); END;"
    for child, parent in (("courses", "trainers"), ("enrolments", "members"), ("enrolments", "courses"))
)
KEYS_ONLY = (
    (GYM + ENROLMENTS)
    .replace(" REFERENCES trainers", "")
    .replace(" REFERENCES members", "")
    .replace(" REFERENCES courses", "")
)
SPLIT_COURSES = """CREATE TABLE members (member_no INTEGER PRIMARY KEY, member_name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);
CREATE TABLE trainers (trainer_no INTEGER PRIMARY KEY, phone TEXT NOT NULL);
CREATE TABLE courses (course_code TEXT NOT NULL PRIMARY KEY, course_title TEXT NOT NULL);
CREATE TABLE gives (course_code TEXT NOT NULL PRIMARY KEY, trainer_no INTEGER NOT NULL REFERENCES trainers);
CREATE TABLE enrolments (member_no INTEGER NOT NULL REFERENCES members, course_code TEXT NOT NULL, fee INTEGER,
    PRIMARY KEY (member_no, course_code));
"""


TRIGGERS = """CREATE TRIGGER a AFTER INSERT ON lines BEGIN
    UPDATE orders SET total = total + NEW.unit_price * NEW.quantity WHERE order_id = NEW.order_id; END;
CREATE TRIGGER b AFTER DELETE ON lines BEGIN
    UPDATE orders SET total = total - OLD.unit_price * OLD.quantity WHERE order_id = OLD.order_id; END;
CREATE TRIGGER c AFTER UPDATE ON lines BEGIN
    UPDATE orders SET total = total - OLD.unit_price * OLD.quantity WHERE order_id = OLD.order_id;
    UPDATE orders SET total = total + NEW.unit_price * NEW.quantity WHERE order_id = NEW.order_id; END;
"""
BY_COLUMN = (
    TRIGGERS.split("CREATE TRIGGER c")[0]
    + """CREATE TRIGGER q AFTER UPDATE OF quantity ON lines BEGIN
    UPDATE orders SET total = total + OLD.unit_price * (NEW.quantity - OLD.quantity) WHERE order_id = OLD.order_id; END;
CREATE TRIGGER p AFTER UPDATE OF unit_price ON lines BEGIN
    UPDATE orders SET total = total + (NEW.unit_price - OLD.unit_price) * OLD.quantity WHERE order_id = OLD.order_id; END;
CREATE TRIGGER m AFTER UPDATE OF order_id ON lines BEGIN
    UPDATE orders SET total = total - OLD.unit_price * OLD.quantity WHERE order_id = OLD.order_id;
    UPDATE orders SET total = total + OLD.unit_price * OLD.quantity WHERE order_id = NEW.order_id; END;
"""
)

NAMED = tries("minimal-cover", {
    "many-rules": ("judging it takes for ever", "cover = ['order -> customer', 'customer -> email', 'customer -> city', 'email -> customer', 'order product -> price'] + ['order product -> quantity'] * 40_000"),
    "wide-rules": ("judging it takes for ever", "cover = [' '.join(f'a{i}' for i in range(3000)) + ' -> order'] * 100"),
    "wide-and-needed": ("judging it takes for ever", "cover = ['order -> customer', 'customer -> email', 'customer -> city', 'email -> customer', 'order product -> price', 'order product -> quantity'] + [' '.join(f'a{i}' for i in range(n, n + 500)) + f' -> b{n}' for n in range(900)]"),
    "many-in-one": ("judging it takes for ever", "cover = ['; '.join(['order -> customer', 'customer -> email city', 'email -> customer', 'order product -> price quantity'] * 30_000)]"),
    "doubled": (UNEARNED, "cover = ['order -> customer'] * 2 + ['customer -> email', 'customer -> city', 'email -> customer', 'order product -> price', 'order product -> quantity']", 1),
    "rule-surrogate": (COUNT_HELD, "cover = ['\\ud800 -> order']"),
    "rule-itself": (UNEARNED, "cover = ['order -> order']"),
})  # fmt: skip
NAMED += tries("decompose-order-lines", {
    "many-tables": ("judging it takes for ever", "tables = [{'order_id', 'product_id', 'customer_id', 'email', 'product', 'category'}] * 40_000"),
    "every-pair": ("judging it takes for ever", "from itertools import combinations\ntables = [set(p) for n in range(1, 5) for p in combinations(['order_id', 'ordered_on', 'customer_id', 'customer_name', 'email', 'product_id', 'product', 'category', 'vat_percent', 'unit_price', 'quantity'], n)]", 0.67),
    "empty-tables": (UNEARNED, "tables = [set()] * 9"),
})  # fmt: skip
NAMED += tries("split-to-bcnf", {
    "one-of-all": (UNEARNED, "design = {'tables': ['student subject tutor office'], 'lost': []}", 0),
    "many-lost": ("judging it takes for ever", "design = {'tables': ['student tutor', 'tutor subject office'], 'lost': ['student subject -> tutor'] * 50_000}"),
})  # fmt: skip
SHEETS = tries("split-the-loan-sheet", {
    "invented-when-empty": ("a sheet that is not the one that was copied counts", SHEET + "CREATE VIEW sheet_again AS SELECT * FROM sheet UNION ALL SELECT 1, 'x', 1, 'x', 'x', 1, 'x' WHERE NOT EXISTS (SELECT 1 FROM sheet) AND EXISTS (SELECT 1 FROM members); INSERT INTO members SELECT 1, 'x' FROM sheet LIMIT 1", 0),
    "sheet-in-temp": ("rows that go with the connection count", SHEET + "CREATE TEMP TABLE s AS SELECT * FROM sheet; CREATE TEMP VIEW sheet_again AS SELECT * FROM s"),
    "temporary-view": ("a view that goes with the connection counts", SHEET + COPIED + "CREATE TEMP VIEW sheet_again AS " + JOINED),
    "sheet-cannot-be-emptied": (COUNT_HELD, SHEET + "CREATE TRIGGER t BEFORE DELETE ON sheet BEGIN SELECT RAISE(ABORT, 'no'); END; CREATE VIEW sheet_again AS SELECT * FROM sheet", 0),
    "sheet-silently-kept": ("a sheet that is not emptied counts", SHEET + "CREATE TRIGGER t BEFORE DELETE ON sheet BEGIN SELECT RAISE(IGNORE); END; CREATE VIEW sheet_again AS SELECT * FROM sheet", 0),
    "sheet-query-only": (COUNT_HELD, MOVED + "PRAGMA query_only = 1", 4),
    "sheet-left-open": (COUNT_HELD, "BEGIN;" + MOVED, 4),
    "wide-beside": ("facts that are repeated beside empty tables count", SHEET + "CREATE TABLE wide AS SELECT * FROM sheet; CREATE VIEW sheet_again AS SELECT * FROM wide", 2),
    "table-in-capitals": ("a table is taken for a view", SHEET + COPIED + "CREATE TABLE SHEET_AGAIN AS SELECT * FROM sheet"),
    "renamed-sheet": ("the old table is the new one", SHEET + "ALTER TABLE sheet RENAME TO kept; CREATE VIEW sheet_again AS SELECT * FROM kept", 2),
    "replaces": ("a row that goes without a word counts as room", MOVED.replace("PRIMARY KEY (member_id, book_id, lent_on)", "PRIMARY KEY (member_id, book_id, lent_on), UNIQUE (member_id, book_id) ON CONFLICT REPLACE")),
    "quoted-names-13": ("our own statement breaks and counts as a refusal", 'CREATE TABLE "s""s" (member_id, member_name); CREATE TABLE b (book_id, title, shelf); CREATE TABLE f (shelf, floor); CREATE TABLE l (member_id, book_id, lent_on); INSERT INTO "s""s" SELECT DISTINCT 1, 2 FROM sheet WHERE 0; CREATE VIEW sheet_again AS SELECT * FROM sheet', 0),
    "utf-16": (COUNT_HELD, "DROP TABLE sheet; PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a)"),
    "generated": (COUNT_HELD, MOVED.replace("floor INTEGER NOT NULL", "floor INTEGER GENERATED ALWAYS AS (1)").replace("SELECT DISTINCT shelf, floor", "SELECT DISTINCT shelf")),
    "without-rowid": (COUNT_HELD, MOVED.replace("(member_id, book_id, lent_on))", "(member_id, book_id, lent_on)) WITHOUT ROWID"), 4),
    "virtual": (COUNT_HELD, "CREATE VIRTUAL TABLE f USING fts5(member_id, member_name, book_id, title, shelf, floor, lent_on); INSERT INTO f SELECT * FROM sheet; CREATE VIEW sheet_again AS SELECT * FROM f", 2),
    "deferred": (COUNT_HELD, MOVED.replace("REFERENCES shelves", "REFERENCES shelves DEFERRABLE INITIALLY DEFERRED"), 4),
    "legacy-alter": (COUNT_HELD, "PRAGMA legacy_alter_table = 1; PRAGMA foreign_keys = 0;" + MOVED, 4),
})  # fmt: skip
DRIFT = tries("keep-the-total", {
    "temp-triggers": ("triggers that go with the connection count", "CREATE TRIGGER dummy AFTER INSERT ON orders BEGIN SELECT 1; END;" + TRIGGERS.replace("CREATE TRIGGER", "CREATE TEMP TRIGGER")),
    "one-column-at-a-time": ("an UPDATE of several columns is not tried", BY_COLUMN),
    "called-orders": ("a trigger's name is taken for a table", TRIGGERS.replace("TRIGGER a ", "TRIGGER orders "), 3),
    "left-open-15": (COUNT_HELD, "BEGIN;" + TRIGGERS, 3),
    "three-orders": (UNEARNED, TRIGGERS.replace("WHERE order_id = NEW", "WHERE order_id < 3 AND order_id = NEW")),
    "orders-view": (UNEARNED, "ALTER TABLE orders RENAME TO o; CREATE VIEW orders AS SELECT order_id, (SELECT coalesce(sum(unit_price * quantity), 0) FROM lines l WHERE l.order_id = o.order_id) AS total FROM o; CREATE TRIGGER t AFTER INSERT ON lines BEGIN SELECT 1; END"),
    "temp-orders": (UNEARNED, TRIGGERS.split("CREATE TRIGGER b")[0] + "CREATE TEMP VIEW orders AS SELECT 1 AS order_id, 0 AS total"),
    "ignores-changes": (UNEARNED, "CREATE TRIGGER t BEFORE INSERT ON lines BEGIN SELECT RAISE(IGNORE); END"),
    "empties-lines": (UNEARNED, "CREATE TRIGGER t AFTER INSERT ON lines BEGIN DELETE FROM lines; END"),
    "no-text-15": (COUNT_HELD, "CREATE TRIGGER t AFTER INSERT ON lines BEGIN UPDATE orders SET total = CAST(x'ff' AS TEXT); END"),
    "for-ever-15": (COUNT_HELD, "PRAGMA recursive_triggers = 1; CREATE TRIGGER t AFTER UPDATE ON orders BEGIN UPDATE orders SET total = total + 1; END;" + TRIGGERS),
    "slow-triggers": (COUNT_HELD, "CREATE TRIGGER t AFTER INSERT ON lines BEGIN UPDATE orders SET total = (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT count(*) FROM n); END"),
    "query-only-15": (COUNT_HELD, TRIGGERS + "PRAGMA query_only = 1", 3),
    "orders-gone": (COUNT_HELD, TRIGGERS + "PRAGMA foreign_keys = 0; DROP TABLE orders"),
    "orders-more": (UNEARNED, TRIGGERS + "INSERT INTO orders VALUES (9, 9)"),
})  # fmt: skip
DISAGREE = tries("reconcile-totals", {
    "first-five": ("it is right on few rows alone", "SELECT o.id FROM orders o LEFT JOIN (SELECT * FROM order_items LIMIT 5) i ON i.order_id = o.id GROUP BY o.id HAVING o.total_amount <> coalesce(sum(i.quantity * i.unit_price), 0)"),
    "changes-17": (COUNT_HELD, "DELETE FROM orders RETURNING id"),
    "no-text-17": (COUNT_HELD, "SELECT CAST(x'ff' AS TEXT) AS id FROM orders"),
})  # fmt: skip
GYMS = tries("design-a-gym", {
    "quoted-names": ("our own statement breaks and counts as a refusal", LOOSE.format(q='"').replace('"members"', '"mem""bers"'), 0.89),
    "refuses-all": ("tables that take no row at all refuse bad rows", LOOSE.format(q="").replace("trainer_no, phone)", "trainer_no, phone, CHECK (0))"), 0.89),
    "one-row": ("tables that take one row alone refuse bad rows", LOOSE.format(q="") + ONE_ROW, 0.89),
    "knows-the-rows": ("the rows that are tried are known", CHECKED, 0.89),
    "if-empty": ("somebody else's row makes room for an orphan", (KEYS_ONLY + IF_EMPTY).replace("members", "a").replace("trainers", "b"), 3.11),
    "null-enrolment": ("a key of two columns may be NULL", GYM + ENROLMENTS.replace("INTEGER NOT NULL REFERENCES members", "INTEGER REFERENCES members"), 3.56),
    "split-courses": ("a table that is cut in two needs no reference", SPLIT_COURSES, 3.11),
    "replaces-19": ("a row that goes without a word counts as room", GYM + ENROLMENTS.replace("PRIMARY KEY (member_no, course_code)", "PRIMARY KEY (member_no, course_code), UNIQUE (member_no) ON CONFLICT REPLACE"), 3.33),
    "ignores-19": ("a row that goes without a word counts as room", GYM + ENROLMENTS + "CREATE TRIGGER t BEFORE INSERT ON enrolments WHEN EXISTS (SELECT 1 FROM enrolments WHERE fee = NEW.fee) BEGIN SELECT RAISE(IGNORE); END", 3.33),
    "swallows": ("a design of unusual form loses its mark", GYM.replace("email TEXT NOT NULL UNIQUE", "email TEXT NOT NULL UNIQUE ON CONFLICT IGNORE") + ENROLMENTS, 4),
    "foreign-keys-off-19": (COUNT_HELD, GYM + ENROLMENTS + "PRAGMA foreign_keys = 0", 4),
    "left-open-19": (COUNT_HELD, "BEGIN;" + GYM + ENROLMENTS, 4),
    "deferred-19": (COUNT_HELD, "BEGIN;" + (GYM + ENROLMENTS).replace("REFERENCES trainers", "REFERENCES trainers DEFERRABLE INITIALLY DEFERRED") + "COMMIT", 4),
    "temp-19": ("tables that go with the connection count", (GYM + ENROLMENTS).replace("CREATE TABLE", "CREATE TEMP TABLE")),
    "nocase": (COUNT_HELD, GYM.replace("email TEXT NOT NULL", "email TEXT NOT NULL COLLATE NOCASE") + ENROLMENTS, 4),
    "keyed-by-trigger": ("a design of unusual form loses its mark", GYM.replace("NOT NULL UNIQUE", "NOT NULL") + ENROLMENTS + "CREATE TRIGGER one_email BEFORE INSERT ON members WHEN EXISTS (SELECT 1 FROM members WHERE email = NEW.email) BEGIN SELECT RAISE(ABORT, 'taken'); END", 4),
    "many-columns": (COUNT_HELD, "CREATE TABLE t (" + ", ".join(f"c{i}" for i in range(199)) + ")"),
    "many-tables-19": (COUNT_HELD, "".join(f"CREATE TABLE t{i} (fee);" for i in range(40)) + GYM + ENROLMENTS, 4),
})  # fmt: skip
TRIES = [*NAMED, *SHEETS, *DRIFT, *DISAGREE, *GYMS]
