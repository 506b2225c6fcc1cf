"""Answers to the lesson on isolation that want marks without the work, or break our own checks."""

from __future__ import annotations

from tries import tries

COUNT_HELD = "our own count breaks"
RESERVE = "def reserve(c, key, sku, n):\n"

TRIES = tries(
    "never-oversell",
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
TRIES += tries(
    "optimistic-lock",
    {
        "text-version": (
            "our own comparison breaks",
            "def save(c, page, seen, text):\n    c.execute(\"UPDATE pages SET text = x'00', version = 'x' WHERE id = ?\", (page,))\n    return True\n",
        ),
        "alters-pages": (
            "our own comparison breaks",
            "def save(c, page, seen, text):\n    c.execute('ALTER TABLE pages ADD COLUMN more')\n"
            "    return c.execute('UPDATE pages SET text = ?, version = version + 1 WHERE id = ? AND version = ?', (text, page, seen)).rowcount == 1\n",
            1,
        ),
        "drops-pages": (
            "our own query breaks",
            "def save(c, page, seen, text):\n    c.execute('DROP TABLE pages')\n    return True\n",
        ),
        "trigger-on-pages": (
            "another editor's text is kept out by a trigger",
            "def save(c, page, seen, text):\n    row = c.execute('SELECT version FROM pages WHERE id = ?', (page,)).fetchone()\n"
            "    if row[0] != seen: return False\n"
            "    c.execute('CREATE TRIGGER mine BEFORE UPDATE ON pages BEGIN SELECT RAISE(IGNORE); END')\n"
            "    c.execute('REPLACE INTO pages VALUES (?, ?, ?)', (page, text, seen + 1))\n    return True\n",
            1,
        ),
    },
)
TRIES += tries("one-seat-two-booths", {
    "macro-13": (COUNT_HELD, "CREATE MACRO count_star() AS 1"),
    "drop-13": (COUNT_HELD, "DROP TABLE bookings; CREATE VIEW bookings AS SELECT '1A' AS seat, 'Ada' AS passenger"),
    "other-schema-13": (COUNT_HELD, "CREATE SCHEMA s; CREATE TABLE s.bookings (seat TEXT UNIQUE, passenger TEXT); USE s"),
    "left-open-13": (COUNT_HELD, "BEGIN; CREATE UNIQUE INDEX u ON bookings (seat)", 2),
    "elsewhere-13": ("it runs once only", "CREATE TABLE memory.main.kept (x INTEGER); CREATE UNIQUE INDEX u ON bookings (seat)"),
    "detach-13": ("our own change of databases breaks", "USE memory; CREATE TABLE IF NOT EXISTS bookings (seat TEXT, passenger TEXT)"),
    "attach-13": ("our own change of databases breaks", "ATTACH ':memory:' AS lab_2; CREATE UNIQUE INDEX u ON bookings (seat)"),
})  # fmt: skip
