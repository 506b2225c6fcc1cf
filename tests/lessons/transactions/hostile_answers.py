"""Answers to the lesson on transactions that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

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
ASK = "    c._send(%s, %s, %s, %s)\n"


def asking(session="0", do="'execute'", statement="'SELECT 1'", parameters="()"):
    return TRANSFER + ASK % (session, do, statement, parameters) + HONEST


WIRES = tries(
    "transfer-money",
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
    "import-the-orders",
    {
        "given-nonsense": ("our own sorting breaks", "def import_orders(c, orders):\n    return {None: 1}\n"),
        "left-out-mixed": (
            "our own sorting breaks",
            "import sqlite3\ndef import_orders(c, orders):\n    return [None, 'x', (1,)]\n",
        ),
    },
)

TRIES = WIRES
