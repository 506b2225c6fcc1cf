"""Answers to the lessons on indexing, transactions and injection that want marks, or our time, without the work."""

from __future__ import annotations

from dataclasses import dataclass

from graders.datasets import loans

LOANS = loans.SCHEMA[loans.SCHEMA.index("CREATE TABLE loans") :]
SCHEMA_HELD, COUNT_HELD = "a change beside indexes passes", "our own count breaks"
BY_TITLE = "CREATE INDEX i ON loans (title);\n"
WIDE = "CREATE INDEX i ON loans (status, due_on, title, fine, member_id);\n"
HOUR = "CREATE INDEX i ON loans (member_id);\n"
TRANSFER = "def transfer(c, payer, payee, amount):\n"
HONEST = """    c.execute("BEGIN IMMEDIATE")
    try:
        a = c.execute("UPDATE accounts SET balance = balance - ? WHERE id = ? AND balance >= ?", (amount, payer, amount))
        b = c.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, payee))
        if a.rowcount != 1 or b.rowcount != 1:
            raise ValueError("no")
        c.execute("COMMIT")
    except BaseException:
        c.execute("ROLLBACK")
        raise
"""
CHECKS = """    row = c.execute("SELECT balance FROM accounts WHERE id = ?", (payer,)).fetchone()
    if row is None or row[0] < amount or not c.execute("SELECT 1 FROM accounts WHERE id = ?", (payee,)).fetchone():
        raise ValueError("no")
"""
RESERVE = "def reserve(c, key, sku, n):\n"
LOGIN = "def login(c, name, password):\n"
EXTRACT = "def extract(ask):\n    c = ask.__closure__[0].cell_contents\n"
SHELL = "def transfer(c, payer, payee, amount):\n    import __main__, json, sys, gc\n"


@dataclass(frozen=True)
class Try:
    """One answer: what it tries, what must not happen, and the points it must get."""

    name: str
    must_not: str
    exercise: str
    text: str
    score: float = 0


def tries(exercise: str, rows: dict[str, tuple]) -> list[Try]:
    """Rows of data as tries: name → (what must not happen, answer[, points])."""
    return [Try(name, must_not, exercise, text, *more) for name, (must_not, text, *more) in rows.items()]


ASK = "    c._asking({'session': %s, 'do': %s, 'statement': %s, 'parameters': %s})\n"


def asking(session="0", do="'execute'", statement="'SELECT 1'", parameters="()"):
    return TRANSFER + ASK % (session, do, statement, parameters) + HONEST


INDEXES = tries("indexing-3", {
    "quoted-name": (COUNT_HELD, 'CREATE INDEX "a""b" ON loans (title)', 1),
    "query-only": (COUNT_HELD, BY_TITLE + "PRAGMA query_only = 1", 1),
    "transaction-left-open": (COUNT_HELD, "BEGIN;" + BY_TITLE, 1),
    "savepoint-left-open": (COUNT_HELD, "SAVEPOINT s;" + BY_TITLE, 1),
    "temporary-table": (SCHEMA_HELD, "CREATE TEMP TABLE loans AS SELECT * FROM loans;" + BY_TITLE),
    "rows-go-where-many": (SCHEMA_HELD, BY_TITLE + "DELETE FROM loans WHERE (SELECT count(*) FROM loans) > 2000"),
    "drop-where-many": (SCHEMA_HELD, BY_TITLE + "UPDATE loans SET title = 'x' WHERE loan_id > 1000"),
    "case-sensitive": (COUNT_HELD, BY_TITLE + "PRAGMA full_column_names = 1; PRAGMA short_column_names = 0", 1),
    "forged-statistics": (SCHEMA_HELD, BY_TITLE + "ANALYZE; UPDATE sqlite_stat1 SET stat = 'nonsense'; ANALYZE sqlite_schema"),
    "writable-schema": (SCHEMA_HELD, BY_TITLE + "PRAGMA writable_schema = 1"),
    "vacuum-into": ("a file is written", BY_TITLE + "VACUUM INTO '/tmp/x'"),
    "temp-view": (SCHEMA_HELD, BY_TITLE + "CREATE TEMP VIEW loans AS SELECT * FROM main.loans WHERE 0"),
    "nul": (COUNT_HELD, BY_TITLE + "SELECT '\0'"),
    "surrogate": (COUNT_HELD, BY_TITLE + "SELECT '\ud800'"),
    "expression-on-nothing": (COUNT_HELD, "CREATE INDEX i ON loans (abs(-9223372036854775808))"),
    "giant-index": ("the database grows past its room", "CREATE INDEX i ON loans (title, printf('%.100000c', 'x'))"),
    "rename-table": (SCHEMA_HELD, BY_TITLE + "ALTER TABLE loans RENAME TO x"),
    "rename-and-back": (SCHEMA_HELD, BY_TITLE + "ALTER TABLE loans RENAME TO x; ALTER TABLE x RENAME TO loans"),
    "trigger": (SCHEMA_HELD, BY_TITLE + "CREATE TEMP TRIGGER t AFTER INSERT ON loans BEGIN SELECT 1; END"),
})  # fmt: skip
GONE = (
    "DELETE FROM loans WHERE (SELECT count(*) FROM loans) > 2000 AND NOT (status = 'open' AND due_on < '2023-06-01');"
)
INDEXES += tries(
    "indexing-9",
    {
        "room-made-of-rows": ("rows that go where there are many make room", GONE + WIDE),
    },
)
INDEXES += tries(
    "indexing-13",
    {
        "shadow-users": (
            SCHEMA_HELD,
            """CREATE TEMP TABLE users (id, public_id, email); CREATE TEMP TABLE orders (id, user_id, status, created_at);
CREATE TEMP TABLE order_items (id, order_id, product_id, quantity);
DROP INDEX idx_users_email; DROP INDEX idx_users_public_id; DROP INDEX idx_orders_user_id; DROP INDEX idx_orders_status;
DROP INDEX idx_orders_created_at; DROP INDEX idx_order_items_order_id""",
        ),
        "foreign-keys-off": (
            "the search for orders is left out",
            "PRAGMA foreign_keys = OFF; DROP INDEX idx_orders_status",
            1,
        ),
        "quoted-name-13": (COUNT_HELD, 'DROP INDEX idx_orders_status; CREATE INDEX "x"" y" ON orders (status)', 1),
        "query-only-13": (COUNT_HELD, "DROP INDEX idx_orders_status; PRAGMA query_only = 1"),
    },
)
INDEXES += tries(
    "indexing-18",
    {
        "made-anew": (SCHEMA_HELD, "DROP TABLE loans;" + LOANS + HOUR),
        "shadow-loans": (
            SCHEMA_HELD,
            HOUR
            + "CREATE TEMP TABLE loans (loan_id INTEGER PRIMARY KEY, member_id, title, due_on, returned_on, status, fine);"
            "CREATE TEMP TABLE members (member_id, name, email)",
        ),
        "shadow-views": (
            SCHEMA_HELD,
            HOUR + "CREATE TEMP VIEW loans AS SELECT * FROM main.loans WHERE 0;"
            "CREATE TEMP TRIGGER t INSTEAD OF INSERT ON loans BEGIN SELECT 1; END;"
            "CREATE TEMP TRIGGER u INSTEAD OF UPDATE ON loans BEGIN SELECT 1; END",
        ),
        "locks-18": (COUNT_HELD, HOUR + "BEGIN"),
        "query-only-18": (COUNT_HELD, HOUR + "PRAGMA query_only = 1"),
        "rename-members": (SCHEMA_HELD, HOUR + "ALTER TABLE members RENAME TO m"),
        "dies": (COUNT_HELD, HOUR + "SELECT sum(length(hex(randomblob(900000)))) FROM loans a, loans b"),
    },
)
KEEP = "CREATE TABLE keep AS SELECT count(*) AS c, sum(hash(reading_id, barcode, read_on)) AS s FROM readings;"
INDEXES += tries(
    "indexing-16",
    {
        "macros": (
            SCHEMA_HELD,
            KEEP + "DELETE FROM readings WHERE barcode NOT BETWEEN 200000 AND 200100;"
            "CREATE MACRO sum(x) AS (SELECT s FROM keep); CREATE MACRO count_star() AS (SELECT c FROM keep)",
        ),
        "macro-hash": (
            SCHEMA_HELD,
            "CREATE OR REPLACE TABLE readings AS SELECT 0 AS reading_id, 0 AS barcode, read_on FROM readings;"
            "CREATE MACRO hash(a, b, c) AS 1",
        ),
        "other-schema": (
            SCHEMA_HELD,
            "CREATE SCHEMA s; CREATE TABLE s.readings AS SELECT * FROM readings WHERE barcode BETWEEN 200000 AND 200100; USE s",
        ),
        "temp-readings": (SCHEMA_HELD, "CREATE TEMP TABLE readings AS SELECT * FROM readings ORDER BY barcode"),
        "view-readings": (
            SCHEMA_HELD,
            "ALTER TABLE readings RENAME TO r; CREATE VIEW readings AS SELECT * FROM r ORDER BY barcode",
        ),
        "abort-16": (
            COUNT_HELD,
            "BEGIN; CREATE OR REPLACE TABLE readings AS SELECT * FROM readings ORDER BY barcode; SELECT error('x')",
        ),
        "left-open-16": (
            COUNT_HELD,
            "BEGIN; CREATE OR REPLACE TABLE readings AS SELECT * FROM readings ORDER BY barcode",
            3,
        ),
        "column-gone-16": (COUNT_HELD, "ALTER TABLE readings DROP COLUMN read_on"),
        "retyped-16": (
            COUNT_HELD,
            "CREATE OR REPLACE TABLE readings AS SELECT reading_id, barcode::VARCHAR AS barcode, read_on FROM readings ORDER BY 2",
        ),
    },
)
REWRITES = tries(
    "indexing-8",
    {
        "surrogate-8": (
            COUNT_HELD,
            "SELECT visit_id, came_at FROM visits WHERE came_at >= '2024-02-01' AND came_at < '\ud800'",
        ),
        "nul-8": (
            COUNT_HELD,
            "SELECT visit_id, came_at FROM visits WHERE came_at >= '2024-02-01\0' AND came_at < '2024-03-01'",
        ),
        "by-size": (
            "it is right on few rows alone",
            "SELECT visit_id, came_at FROM visits WHERE came_at LIKE '2024-02%' AND (SELECT count(*) FROM visits) < 500",
        ),
        "limit": (
            "it is right on few rows alone",
            "SELECT visit_id, came_at FROM (SELECT * FROM visits LIMIT 300) WHERE came_at >= '2024-02-01' AND came_at < '2024-03-01'",
        ),
    },
)

WIRES = tries(
    "transactions-6",
    {
        "script-without-transaction": (
            "a power cut never falls into a script",
            TRANSFER
            + CHECKS
            + "    c.executescript(f'UPDATE accounts SET balance = balance - {amount} WHERE id = {payer}; UPDATE accounts SET balance = balance + {amount} WHERE id = {payee}')\n",
            2.5,
        ),
        "many-without-transaction": (
            "a power cut never falls between the rows of executemany",
            TRANSFER
            + CHECKS
            + "    c.executemany('UPDATE accounts SET balance = balance + ? WHERE id = ?', [(-amount, payer), (amount, payee)])\n",
            2.5,
        ),
        "text-in-balance": (
            "our own comparison breaks",
            TRANSFER
            + "    done = c.execute('UPDATE accounts SET balance = balance - ? WHERE id = ? AND balance >= ?', (amount, payer, amount)).rowcount\n"
            "    c.execute('UPDATE accounts SET balance = balance + ? WHERE id = ?', (amount, payee))\n"
            "    if not done:\n        c.execute(\"UPDATE accounts SET balance = 'x'\")\n",
            2.5,
        ),
        "columns-gone": (
            "our own query breaks",
            TRANSFER + "    c.execute('ALTER TABLE accounts DROP COLUMN owner')\n" + HONEST,
        ),
        "rows-gone": ("our own query breaks", TRANSFER + "    c.execute('DELETE FROM accounts')\n"),
        "tables-gone-later": ("our own query breaks", TRANSFER + HONEST + "    c.execute('DROP TABLE accounts')\n"),
        "drop-when-refused": (
            "our own query breaks",
            TRANSFER
            + "    try:\n"
            + "".join("    " + line + "\n" for line in HONEST.splitlines())
            + "    except ValueError:\n        c.execute('DROP TABLE accounts')\n        raise\n",
            1.88,
        ),
        "exclusive-mode": (
            "nobody else can look",
            TRANSFER + "    c.execute('PRAGMA locking_mode = EXCLUSIVE')\n" + HONEST,
            5,
        ),
        "wal": (
            "the recovered data are looked for in the wrong file",
            TRANSFER + "    c.execute('PRAGMA journal_mode = WAL')\n" + HONEST,
            5,
        ),
        "journal-off": (
            "a broken file breaks the check",
            TRANSFER + "    c.execute('PRAGMA journal_mode = OFF')\n" + HONEST,
            5,
        ),
        "swallows-cuts": (
            "a function outlives the power cut",
            TRANSFER
            + "    try:\n        c.execute('UPDATE accounts SET balance = balance - ? WHERE id = ?', (amount, payer))\n"
            "    finally:\n        c.execute('UPDATE accounts SET balance = balance + ? WHERE id = ?', (amount, payee))\n",
            1.25,
        ),
        "after-the-call": (
            "a connection is used when the call has ended",
            "import atexit\nkept = []\n"
            + TRANSFER
            + "    kept.append(c)\n    if len(kept) > 1:\n        kept[0].execute('DELETE FROM accounts')\n"
            + HONEST,
        ),
        "at-exit": (
            "a request is sent at the end",
            "import atexit\n" + TRANSFER + "    atexit.register(c.execute, 'DELETE FROM accounts')\n" + HONEST,
            5,
        ),
        "del": (
            "a request is sent by the collector",
            "class K:\n    def __init__(s, c): s.c = c\n    def __del__(s): s.c.execute('DELETE FROM accounts')\n"
            + TRANSFER
            + "    k = K(c)\n"
            + HONEST,
        ),
        "generator": ("a function that never begins is taken for one", TRANSFER + HONEST + "    yield 1\n"),
        "closes": ("a closed connection breaks the check", TRANSFER + HONEST + "    c.close()\n", 5),
        "other-session": ("another session is reached", asking(session="5")),
        "session-text": ("another session is reached", asking(session="'0'")),
        "odd-do": ("another method is called", asking(do="'power_cut'")),
        "do-list": ("another method is called", asking(do="['execute']")),
        "statement-number": ("the engine is asked for no text", asking(statement="5")),
        "parameters-number": ("the engine is asked with no list", asking(parameters="5"), 5),
        "parameters-huge": (
            "a large number breaks the wire",
            asking(statement="'SELECT ?'", parameters="[10 ** 4000]"),
            5,
        ),
        "parameters-set": ("a set breaks the wire", asking(statement="'SELECT ?'", parameters="{1}"), 5),
        "parameters-surrogate": (
            "text that is no text breaks the wire",
            asking(statement="'SELECT ?'", parameters="['\\ud800']"),
            5,
        ),
        "statement-surrogate": ("text that is no text breaks the wire", asking(statement="'SELECT \\ud800'"), 5),
        "parameters-deep": (
            "nested parameters break the check",
            "import sys\nsys.setrecursionlimit(9999)\n"
            + TRANSFER
            + "    x = 1\n    for _ in range(480): x = [x]\n"
            + ASK % (0, "'execute'", "'SELECT ?'", "x")
            + HONEST,
        ),
        "many-of-number": ("the engine's process breaks", asking(do="'execute_many'", parameters="5"), 5),
        "level-of-list": ("the engine's process breaks", asking(do="'set_isolation_level'", parameters="[1]"), 5),
        "close-then-ask": ("a closed session is used", asking(do="'close'")),
        "thread": (
            "another thread confuses the wire",
            "import threading\n"
            + TRANSFER
            + "    other = threading.Thread(target=c.execute, args=('DELETE FROM accounts',))\n    other.start()\n    other.join()\n"
            + HONEST,
            5,
        ),
        "asks-for-ever": ("it asks without end", TRANSFER + "    while True:\n        c.execute('SELECT 1')\n"),
        "giant-statement": ("the pipe fills", TRANSFER + "    c.execute('SELECT 1 --' + 'x' * 6_000_000)\n" + HONEST),
        "giant-rows": (
            "the pipe fills",
            TRANSFER
            + "    c.execute(\"SELECT printf('%.900000c', 'x') FROM accounts a, accounts b, accounts d\")\n"
            + HONEST,
        ),
        "stuck": (
            "the engine hangs",
            TRANSFER
            + "    c.execute('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n')\n",
        ),
        "replies-ahead": (
            "a reply sent ahead is taken for the next one",
            TRANSFER + "    import gc\n"
            "    [w] = [f for f in gc.get_objects() if type(f).__name__ == 'TextIOWrapper' and f.mode == 'w' and f.fileno() > 2][:1]\n"
            "    w.write('{\"value\": null}\\n' * 50); w.flush()\n",
        ),
        "deep-return": (
            "a nested value breaks the check",
            TRANSFER + "    x = 1\n    for _ in range(230): x = (x,)\n    return x\n",
        ),
        "defines-with-ask": (
            "a request at definition time is taken for an answer",
            "import gc\n"
            "[w] = [f for f in gc.get_objects() if type(f).__name__ == 'TextIOWrapper' and f.mode == 'w' and f.fileno() > 2][:1]\n"
            'w.write(\'{"ask": {"dict": []}}\\n\'); w.flush()\n' + TRANSFER + HONEST,
        ),
        "ends-process": ("the process that ends is ours", TRANSFER + "    import os; os._exit(0)\n"),
    },
)
WIRES += tries(
    "transactions-16",
    {
        "overflow": (
            "our own sum overflows",
            RESERVE
            + "    for k in range(3):\n        c.execute('INSERT INTO reservations VALUES (?, ?, ?)', (f'{key}{k}', sku, 2 ** 62))\n    return True\n",
        ),
        "column-gone": (
            "our own query breaks",
            RESERVE
            + "    if key == 'k3':\n        c.execute('ALTER TABLE reservations DROP COLUMN n')\n    return True\n",
        ),
        "always-true": ("a function that does nothing gets marks", RESERVE + "    return True\n"),
        "knows-the-keys": ("the reference data are recognised", RESERVE + "    return not (key == 'k1' and n == 6)\n"),
        "infinity": (
            "our own sum breaks",
            RESERVE + '    c.execute("UPDATE stock SET remaining = 9e999")\n    return True\n',
        ),
    },
)
WIRES += tries(
    "transactions-10",
    {
        "text-version": (
            "our own comparison breaks",
            "def save(c, page, seen, text):\n    c.execute(\"UPDATE pages SET text = x'00', version = 'x' WHERE id = ?\", (page,))\n    return True\n",
        ),
        "drops-written": (
            "our own query breaks",
            "def save(c, page, seen, text):\n    c.execute('DROP TRIGGER note')\n    c.execute('DROP TABLE written')\n"
            "    return c.execute('UPDATE pages SET text = ?, version = version + 1 WHERE id = ? AND version = ?', (text, page, seen)).rowcount == 1\n",
            1,
        ),
        "forges-written": (
            "the log is forged",
            "def save(c, page, seen, text):\n    row = c.execute('SELECT version FROM pages WHERE id = ?', (page,)).fetchone()\n"
            "    if row[0] != seen: return False\n"
            "    c.execute('UPDATE pages SET text = ?, version = ? WHERE id = ?', (text, seen + 1, page))\n"
            "    c.execute('DELETE FROM written')\n    c.execute('INSERT INTO written VALUES (?, ?, ?, ?)', (page, text, 3, 4))\n    return True\n",
        ),
    },
)
WIRES += tries(
    "transactions-7",
    {
        "given-nonsense": ("our own sorting breaks", "def import_orders(c, orders):\n    return {None: 1}\n"),
        "left-out-mixed": (
            "our own sorting breaks",
            "import sqlite3\ndef import_orders(c, orders):\n    return [None, 'x', (1,)]\n",
        ),
    },
)
WIRES += tries(
    "transactions-13",
    {
        "macro-13": (COUNT_HELD, "CREATE MACRO count_star() AS 1"),
        "drop-13": (COUNT_HELD, "DROP TABLE bookings; CREATE VIEW bookings AS SELECT '1A' AS seat, 'Ada' AS passenger"),
        "other-schema-13": (
            COUNT_HELD,
            "CREATE SCHEMA s; CREATE TABLE s.bookings (seat TEXT UNIQUE, passenger TEXT); USE s",
        ),
        "left-open-13": (COUNT_HELD, "BEGIN; CREATE UNIQUE INDEX u ON bookings (seat)", 2),
        "elsewhere-13": (
            "it runs once only",
            "CREATE TABLE memory.main.kept (x INTEGER); CREATE UNIQUE INDEX u ON bookings (seat)",
        ),
        "detach-13": (
            "our own change of databases breaks",
            "USE memory; CREATE TABLE IF NOT EXISTS bookings (seat TEXT, passenger TEXT)",
        ),
        "attach-13": (
            "our own change of databases breaks",
            "ATTACH ':memory:' AS lab_2; CREATE UNIQUE INDEX u ON bookings (seat)",
        ),
    },
)

NO_ATTACK = "the goal is reached without an attack"
ATTACKS = tries(
    "injection-5",
    {
        "many": (
            "a call the page does not have breaks the check",
            EXTRACT + "    c._asking({'session': 0, 'do': 'execute_many', 'statement': 'x', 'parameters': []})\n",
        ),
        "script": ("a call the page does not have breaks the check", EXTRACT + "    c.executescript('SELECT 1')\n"),
        "level": ("a call the page does not have breaks the check", EXTRACT + "    c.isolation_level = None\n"),
        "commit": (
            "a call the page does not have breaks the check",
            EXTRACT + "    c._asking({'session': 0, 'do': 'commit', 'statement': '', 'parameters': None})\n",
        ),
        "page-closed": ("a closed page breaks the check", EXTRACT + "    c.close()\n"),
        "page-closed-and-asked": (
            "a closed page breaks the check",
            EXTRACT
            + "    c._asking({'session': 0, 'do': 'close', 'statement': '', 'parameters': None})\n    return ask('x')\n",
        ),
        "reads-rows": (
            NO_ATTACK,
            EXTRACT + '    return str(c.execute("x\' UNION SELECT password FROM members -- ").fetchall())\n',
        ),
        "reads-state": (NO_ATTACK, EXTRACT + "    return str(c._state)\n"),
        "page-surrogate": (
            "text that is no text breaks the check",
            "def extract(ask):\n    return ask(\"' \\ud800\") or '\\ud800'\n",
        ),
        "deep": (
            "a nested value breaks the check",
            "def extract(ask):\n    x = 1\n    for _ in range(230): x = (x,)\n    return x\n",
        ),
        "page-writes": (
            "the page's tables go",
            "def extract(ask):\n    ask(\"'; DROP TABLE members; --\")\n    return ''\n",
        ),
    },
)
ATTACKS += tries(
    "injection-2",
    {
        "wrong-shape": ("an odd form breaks the check", "form = {'name': 1, 'password': None}"),
        "form-nul": ("an odd form breaks the check", "form = {'name': \"' OR 1=1 \\0 --\", 'password': ''}"),
        "form-surrogate": ("an odd form breaks the check", "form = {'name': \"' \\ud800 OR 1=1 --\", 'password': ''}"),
        "form-stacked": (
            "the tables change",
            "form = {'name': \"'; UPDATE members SET role = 'clerk'; --\", 'password': ''}",
        ),
        "form-slow": (
            "the page runs on",
            "form = {'name': \"' OR (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n) -- \", 'password': ''}",
        ),
        "form-blob": (
            "an odd row breaks the check",
            "form = {'name': \"' UNION SELECT x'ff', x'fe' --\", 'password': ''}",
        ),
        "form-guess": (NO_ATTACK, "form = {'name': 'Ada', 'password': 'password'}"),
        "form-quotes": ("our own drawing breaks", "form = {'name': \"'\\\"`[\" + '(' * 1800, 'password': \"/*\"}"),
    },
)
ATTACKS += tries(
    "injection-3",
    {
        "words-comment": ("our own reading breaks", 'words = "\' UNION SELECT 1 /*"'),
        "words-deep": (
            "our own reading breaks",
            "words = \"' UNION SELECT \" + '(' * 900 + '1' + ')' * 900 + ', 2 -- '",
        ),
        "words-blob": (
            "odd rows break the page",
            "words = \"' UNION SELECT x'ff00', zeroblob(999999) FROM members -- \"",
        ),
        "words-hex": (
            "a secret that is not shown counts",
            'words = "\' UNION SELECT hex(password), 1 FROM members -- "',
        ),
        "words-stars": ("our own count breaks", 'words = "\' UNION SELECT * FROM members -- "'),
        "words-values": ("our own count breaks", 'words = "\' UNION VALUES (1) -- "'),
        "words-with": (
            "our own count breaks",
            'words = "\' UNION SELECT 1 FROM (SELECT 2 UNION SELECT 3) UNION SELECT 2 -- "',
        ),
    },
)
ROW = "    row = c.execute('SELECT stored FROM members WHERE name = ?', (name,)).fetchone()\n    ok = row is not None and right(row[0], password)\n"
RIGHT = """import hashlib
def right(stored, password):
    kind, *rest = stored.split("$")
    if kind == "scrypt":
        n, r, p, salt, wanted = rest
        return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p)).hex() == wanted
    return hashlib.sha256(password.encode()).hexdigest() == rest[0]
"""


def writes(value):
    return (
        RIGHT
        + LOGIN
        + ROW
        + f"    if ok: c.execute('UPDATE members SET stored = ? WHERE name = ?', ({value}, name))\n    return ok\n"
    )


ATTACKS += tries(
    "injection-12",
    {
        "row-gone": (
            "our own look-up breaks",
            RIGHT + LOGIN + ROW + "    if ok: c.execute('DELETE FROM members')\n    return ok\n",
            1,
        ),
        "row-bytes": ("our own reading breaks", writes("b'scrypt$4096$8$1$00$00'"), 2),
        "row-number": (
            "our own reading breaks",
            RIGHT
            + LOGIN
            + ROW
            + "    if ok: c.execute('DROP TABLE members'); c.execute('CREATE TABLE members (a, b, c)'); c.execute(\"INSERT INTO members VALUES (1, 'Ada', 5)\")\n    return ok\n",
        ),
        "row-slow": ("our own hashing runs for minutes", writes("'scrypt$4096$8$60000$' + '00' * 16 + '$00'"), 2),
        "row-large": ("our own hashing breaks", writes("f'scrypt${10**30}$8$1$' + '00' * 16 + '$00'"), 2),
        "row-negative": ("our own hashing breaks", writes("'scrypt$4096$-8$1$' + '00' * 16 + '$00'"), 2),
        "row-r-huge": ("our own hashing breaks", writes("f'scrypt$4096${2**62}$1$' + '00' * 16 + '$00'"), 2),
        "row-surrogate": ("our own reading breaks", writes("'scrypt$4096$8$1$zz$\\x00'"), 2),
        "columns-fewer": (
            "our own look-up breaks",
            RIGHT + LOGIN + ROW + "    if ok: c.execute('ALTER TABLE members DROP COLUMN stored')\n    return ok\n",
            1,
        ),
        "table-gone": ("our own look-up breaks", LOGIN + "    c.execute('DROP TABLE members')\n    return True\n"),
    },
)
ATTACKS += tries(
    "injection-6",
    {
        "search-drops": (
            "our own look breaks",
            "def search(c, words, most):\n    c.execute('DROP TABLE books')\n    return []\n",
        ),
        "search-alters": (
            "our own refilling breaks",
            "def search(c, words, most):\n    c.execute('ALTER TABLE books ADD COLUMN x')\n    return []\n",
        ),
        "search-trigger": (
            "our own refilling breaks",
            "def search(c, words, most):\n    c.execute(\"CREATE TRIGGER IF NOT EXISTS t BEFORE INSERT ON members BEGIN SELECT RAISE(ABORT, 'no'); END\")\n    c.execute('DELETE FROM members')\n    return []\n",
        ),
        "search-locks": (
            "our own refilling breaks",
            "def search(c, words, most):\n    c.execute('PRAGMA locking_mode = EXCLUSIVE')\n    c.execute('DELETE FROM log')\n    return []\n",
        ),
        "search-counts": (
            "a function that counts its calls passes for a safe one",
            "n = 0\ndef search(c, words, most):\n    global n\n    n += 1\n    return c.execute(f\"SELECT title, price FROM books WHERE title LIKE '%{words}%' AND price <= {most}\").fetchall()\n",
        ),
        "search-nan": (
            "an odd value breaks the check",
            "def search(c, words, most):\n    return [(float('nan'), float('inf'))]\n",
        ),
        "search-unreadable": (
            "our own reading breaks",
            "def search(c, words, most):\n    c.execute('SELECT ' + '(' * 400 + '1' + ')' * 400)\n    return []\n",
        ),
        "search-grown": (
            "inputs grown from nonsense break the check",
            "def search(c, words, most):\n    c.execute('SELECT 1 AS \"' + words + '\" ((((((((((')\n    return []\n",
        ),
    },
)

TRIES = [*INDEXES, *REWRITES, *WIRES, *ATTACKS]
