"""SQL answers that want out of their database, or all of the grader's time and room, or another truth."""

from case import RIGHT_QUERY, Case, sql, triggers

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
NOT_READ, NOT_DONE = "a file is read", "the statement is carried out"
TRIGGER = "CREATE TRIGGER t AFTER INSERT ON lines BEGIN SELECT 1; END;\n"

BEYOND = sql("SQL beyond its database", {
    "attach": (NOT_READ, "ATTACH '@out@/gradebook.db' AS g"),
    "attach-then-select": (NOT_READ, f"ATTACH '@out@/gradebook.db' AS g; {RIGHT_QUERY}"),
    "load-extension": ("a library is loaded", "SELECT load_extension('/tmp/x.so') AS name"),
    "readfile": (NOT_READ, "SELECT readfile('@secret@') AS name"),
    "writefile": ("a file is written", "SELECT writefile('@open@/hostile-file', 'x') AS name"),
    "read-csv": (NOT_READ, "SELECT * FROM read_csv('@secret@')"),
    "copy": ("a file is written", "COPY members TO '@open@/hostile-file'"),
    "install": (NOT_DONE, "INSTALL httpfs"),
    "dot-command": (NOT_READ, ".read @secret@\nSELECT name FROM members"),
    "dot-shell": ("a program is run", ".shell touch @open@/hostile-file"),
    "percent-sql": ("a connection of ipython-sql is opened", "%%sql sqlite:///@out@/gradebook.db\nSELECT * FROM grade"),
    "pragma-select": (NOT_DONE, "PRAGMA writable_schema = ON"),
    "second-statement": (NOT_DONE, f"{RIGHT_QUERY}; DROP TABLE members"),
    "cte-insert": ("the data change under the check", "WITH x AS (SELECT 1) INSERT INTO members SELECT 9, 'x', NULL FROM x"),
    "database-list": ("a path is told", "SELECT file AS name FROM pragma_database_list"),
})  # fmt: skip

BEYOND += triggers("SQL beyond its database", {
    "script-attach": (NOT_READ, TRIGGER + "ATTACH '@out@/gradebook.db' AS g;"),
    "script-vacuum-into": ("a file is written", TRIGGER + "VACUUM INTO '@open@/hostile-file';"),
    "script-heap-limit": ("the memory of later answers is taken", TRIGGER + "PRAGMA hard_heap_limit = 1000;"),
    "script-soft-heap": ("the memory of later answers is taken", TRIGGER + "PRAGMA soft_heap_limit = 1;"),
    "script-temp-directory": ("temporary files go where the answer says", TRIGGER + "PRAGMA temp_store_directory = '@open@';"),
    "script-writable-schema": ("the schema is broken under the engine", TRIGGER + "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'x';"),
    "script-page-count": ("the lab's bound is lifted", TRIGGER + "PRAGMA max_page_count = 4000000000;"),
})  # fmt: skip

END = sql("SQL without end", {
    "recursion": ("it runs on", f"{COUNT}) SELECT count(*) AS name FROM n"),
    "recursion-below": ("it costs its limit once for each data set", f"SELECT name FROM members WHERE ({COUNT} WHERE i < 3000000) SELECT count(*) FROM n) > 0"),
    "cross-join": ("its rows are kept", "SELECT a.name FROM members a, members b, members c, members d, members e, members f, members g"),
    "giant-text": ("its rows fill the memory", "SELECT printf('%9000000c', 'x') AS name FROM members"),
    "large-text": ("a large cell fills the report", "SELECT printf('%900000c', 'x') AS name FROM members"),
    "zeroblob": ("its rows fill the memory", "SELECT zeroblob(1000000000) AS name FROM members"),
    "blobs": ("its rows fill the memory", f"{COUNT}) SELECT randomblob(900000) AS name FROM n"),
    "wide": ("its columns fill the memory", "SELECT " + ", ".join(["printf('%900000c', 'x')"] * 1500)),
    "hex-hex": ("its text fills the memory", "SELECT " + "hex(" * 40 + "'x'" + ")" * 40 + " AS name"),
    "deep-parentheses": ("the parser gives up and breaks the check", "SELECT name FROM members WHERE " + "(" * 3000 + "1" + ")" * 3000),
    "long-sum": ("our own parser gives up and breaks the check", "SELECT name FROM members WHERE 1" + "+1" * 900),
    "many-statements": ("thousands of statements are run", "SELECT 1;" * 5000),
    "many-semicolons": ("splitting the script takes without end", "';" * 40_000),
    "group-concat": ("its text fills the memory", f"SELECT group_concat(i) AS name FROM ({COUNT} LIMIT 9000000) SELECT i FROM n)"),
    "distinct-blobs": ("its sorting fills memory or disk", f"SELECT DISTINCT randomblob(900000) AS name FROM ({COUNT}) SELECT i FROM n)"),
})  # fmt: skip

END += triggers("SQL without end", {
    "trigger-loop": ("it runs on", f"CREATE TRIGGER t AFTER INSERT ON lines BEGIN UPDATE orders SET total = ({COUNT}) SELECT count(*) FROM n); END;"),
    "trigger-slow": ("it costs its limit once for each change", f"CREATE TRIGGER t AFTER INSERT ON lines BEGIN UPDATE orders SET total = ({COUNT} LIMIT 3000000) SELECT count(*) FROM n); END;"),
    "trigger-recursion": ("it runs on", "PRAGMA recursive_triggers = ON; CREATE TRIGGER t AFTER INSERT ON lines BEGIN INSERT INTO lines VALUES (NULL, 1, 1, 1); END;"),
    "temp-blobs": ("memory or disk is filled", TRIGGER + f"CREATE TEMP TABLE b AS {COUNT} LIMIT 9999) SELECT randomblob(900000) FROM n;"),
    "main-blobs": ("memory or disk is filled", TRIGGER + f"CREATE TABLE b AS {COUNT} LIMIT 9999) SELECT randomblob(900000) FROM n;"),
})  # fmt: skip

TOTALS = "SELECT o.order_id, (SELECT coalesce(sum(unit_price * quantity), 0) FROM lines l WHERE l.order_id = o.order_id) AS total FROM"
SHADOW = triggers("shadow tables", {
    "temp-view": ("a view that computes the totals passes for stored ones", TRIGGER + f"CREATE TEMP VIEW orders AS {TOTALS} main.orders o;"),
    "view-for-table": ("a view that computes the totals passes for stored ones", "PRAGMA foreign_keys = OFF; ALTER TABLE orders RENAME TO o2;\n" + TRIGGER + f"CREATE VIEW orders AS {TOTALS} o2 o;"),
    "temp-table": ("a table of the same name passes for the one asked for", TRIGGER + "CREATE TEMP TABLE orders AS SELECT order_id, 0 AS total FROM main.orders;"),
    "temp-lines": ("changes go to another table", TRIGGER + "CREATE TEMP TABLE lines (line_id INTEGER PRIMARY KEY, order_id, unit_price, quantity);"),
    "refuse-all": ("changes that are refused cannot drift", "CREATE TRIGGER t BEFORE INSERT ON lines BEGIN SELECT RAISE(IGNORE); END;"),
})  # fmt: skip
SHADOW += sql("shadow tables", {
    "cte-shadow": ("a table of the same name passes for the data", "WITH members(member_id, name) AS (VALUES (1, 'x')) SELECT name FROM members"),
    "schema": ("the schema is taken for data", "SELECT sql AS name FROM sqlite_schema"),
    "own-data": ("rows of the open data count on others", "SELECT 'Ann' AS name UNION ALL SELECT 'Ben'"),
})  # fmt: skip

CASES: list[Case] = [*BEYOND, *END, *SHADOW]
