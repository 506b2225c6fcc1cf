"""A right money transfer and five wrong ones, as students write them."""

SCHEMA = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0))"
DATA = {"accounts": [(1, 100), (2, 70)]}
RIGHT = """import sqlite3
def transfer(c, a, b, amount):
    c.execute("BEGIN IMMEDIATE")
    try:
        taken = c.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, a))
        given = c.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, b))
        if taken.rowcount != 1 or given.rowcount != 1:
            raise LookupError("no such account")
        c.execute("COMMIT")
    except BaseException:
        if c.in_transaction:
            c.execute("ROLLBACK")
        raise
"""
COMMITS_TWICE = """def transfer(c, a, b, amount):
    with c:
        if c.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, a)).rowcount != 1:
            raise LookupError("no such account")
    with c:
        if c.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, b)).rowcount != 1:
            c.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, a))
            c.commit()
            raise LookupError("no such account")
"""
SWALLOWS = """def transfer(c, a, b, amount):
    try:
        c.execute("BEGIN IMMEDIATE")
        taken = c.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, a))
        given = c.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, b))
        if taken.rowcount != 1 or given.rowcount != 1:
            raise LookupError("no such account")
        c.execute("COMMIT")
    except:
        if c.in_transaction:
            c.execute("ROLLBACK")
"""
READS_THEN_WRITES = """def transfer(c, a, b, amount):
    source = c.execute("SELECT balance FROM accounts WHERE id = ?", (a,)).fetchone()
    target = c.execute("SELECT balance FROM accounts WHERE id = ?", (b,)).fetchone()
    if source is None or target is None:
        raise LookupError("no such account")
    with c:
        c.execute("UPDATE accounts SET balance = ? WHERE id = ?", (source[0] - amount, a))
        c.execute("UPDATE accounts SET balance = ? WHERE id = ?", (target[0] + amount, b))
"""
IGNORES_ROWCOUNT = """def transfer(c, a, b, amount):
    with c:
        c.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, a))
        c.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, b))
"""
NEVER_ROLLS_BACK = """def transfer(c, a, b, amount):
    c.execute("BEGIN IMMEDIATE")
    taken = c.execute("UPDATE accounts SET balance = balance - ? WHERE id = ?", (amount, a))
    given = c.execute("UPDATE accounts SET balance = balance + ? WHERE id = ?", (amount, b))
    if taken.rowcount != 1 or given.rowcount != 1:
        c.rollback()
        raise LookupError("no such account")
    c.execute("COMMIT")
"""
