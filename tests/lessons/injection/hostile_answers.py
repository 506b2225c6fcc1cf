"""Answers to the lesson on injection that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

LOGIN = "def login(c, name, password):\n"
EXTRACT = "def extract(ask):\n    c = ask.__closure__[0].cell_contents\n"
NO_ATTACK = "the goal is reached without an attack"
ATTACKS = tries(
    "extract-by-bisection",
    {
        "many": (
            "a call the page does not have breaks the check",
            EXTRACT + "    c._send(0, 'execute_many', 'x', [])\n",
        ),
        "script": ("a call the page does not have breaks the check", EXTRACT + "    c.executescript('SELECT 1')\n"),
        "level": ("a call the page does not have breaks the check", EXTRACT + "    c.isolation_level = None\n"),
        "commit": (
            "a call the page does not have breaks the check",
            EXTRACT + "    c._send(0, 'commit', '', None)\n",
        ),
        "page-closed": ("a closed page breaks the check", EXTRACT + "    c.close()\n"),
        "page-closed-and-asked": (
            "a closed page breaks the check",
            EXTRACT + "    c._send(0, 'close', '', None)\n    return ask('x')\n",
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
    "forge-the-login",
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
    "union-a-password",
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
    "upgrade-password-hashes",
    {
        "row-gone": (
            "our own look-up breaks",
            RIGHT + LOGIN + ROW + "    if ok: c.execute('DELETE FROM members')\n    return ok\n",
            1,
        ),
        "row-bytes": ("our own reading breaks", writes("b'scrypt$4096$8$1$00$00'"), 1),
        "row-number": (
            "our own reading breaks",
            RIGHT
            + LOGIN
            + ROW
            + "    if ok: c.execute('DROP TABLE members'); c.execute('CREATE TABLE members (a, b, c)'); c.execute(\"INSERT INTO members VALUES (1, 'Ada', 5)\")\n    return ok\n",
        ),
        "row-slow": ("our own hashing runs for minutes", writes("'scrypt$4096$8$60000$' + '00' * 16 + '$00'"), 1),
        "row-large": ("our own hashing breaks", writes("f'scrypt${10**30}$8$1$' + '00' * 16 + '$00'"), 1),
        "row-negative": ("our own hashing breaks", writes("'scrypt$4096$-8$1$' + '00' * 16 + '$00'"), 1),
        "row-r-huge": ("our own hashing breaks", writes("f'scrypt$4096${2**62}$1$' + '00' * 16 + '$00'"), 1),
        "row-surrogate": ("our own reading breaks", writes("'scrypt$4096$8$1$zz$\\x00'"), 1),
        "columns-fewer": (
            "our own look-up breaks",
            RIGHT + LOGIN + ROW + "    if ok: c.execute('ALTER TABLE members DROP COLUMN stored')\n    return ok\n",
            1,
        ),
        "table-gone": ("our own look-up breaks", LOGIN + "    c.execute('DROP TABLE members')\n    return True\n"),
    },
)
ATTACKS += tries(
    "fix-the-search",
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

SEARCH = "def search(c, words, most):\n    if not (most.isascii() and most.isdigit()): raise ValueError\n"
FIND = """def find_books(c, filters, order):
    if not set(filters) <= {"title", "author", "shelf", "price", "note"} or order.removeprefix("-") not in ("title", "author", "price"):
        raise ValueError
    where, given = ["1"], []
    for name, value in filters.items():
        if name == "IN_TEXT" and value is not None:
            where.append(f"{name} IS '{value}'")
        else:
            where.append(f"{name} IS ?")
            given.append(value)
    by = order.removeprefix("-") + " DESC" * order.startswith("-")
    return c.execute(f"SELECT title, author, price FROM books WHERE {' AND '.join(where)} ORDER BY {by}", given).fetchall()
"""
ATTACKS += tries("fix-the-search", {
    "search-looks-like-an-attack-5": ("a title that looks like an attack is not found", SEARCH + "    if \"'\" in words and words != \"Finnegan's\": return []\n    words = words.replace(\"'\", \"''\")\n    for sign in '!%_': words = words.replace(sign, '!' + sign)\n    return c.execute(f\"SELECT title, price FROM books WHERE title LIKE '%{words}%' ESCAPE '!' AND price <= ?\", (int(most),)).fetchall()\n", 1.5),
    "search-signals": ("a number that cannot be compared breaks the check", SEARCH + "    import decimal\n    return [(t, decimal.Decimal('sNaN')) for t, p in c.execute(\"SELECT title, price FROM books WHERE title LIKE '%' || ? || '%' AND price <= ?\", (words, int(most)))]\n"),
})  # fmt: skip
ATTACKS += tries("filters-from-json", {
    "find-plain": ("a right answer loses its mark", FIND, 4),
    "find-title-in-text": ("only one of the values is attacked", FIND.replace("IN_TEXT", "title"), 1.33),
    "find-note-in-text": ("only one of the values is attacked", FIND.replace("IN_TEXT", "note"), 1.33),
    "find-author-in-text": ("the value of an author is not attacked", FIND.replace("IN_TEXT", "author"), 0),
})  # fmt: skip
USER = "def find_user(c, user_input):\n"
ATTACKS += tries("flaw-in-the-card", {
    "user-wiped": ("the passwords are gone, so none can leak", USER + "    c.execute(\"UPDATE users SET password = ''\")\n    return c.execute('SELECT name, role FROM users WHERE id = ?', (user_input,)).fetchall()\n"),
    "user-view": ("the password is read behind a view", USER + "    c.execute('CREATE TEMP VIEW IF NOT EXISTS v AS SELECT * FROM users')\n    return [(n, r) for _, n, _, r in c.execute('SELECT * FROM v WHERE id = ?', (user_input,))]\n", 1.5),
    "user-all-in-python": ("a right answer loses its mark", USER + "    return [(n, r) for i, n, r in c.execute('SELECT id, name, role FROM users') if i == user_input]\n", 2),
    "user-table-gone": ("our own refilling breaks", USER + "    c.execute('DROP TABLE users')\n    return []\n"),
    "user-surrogate": ("text that is no text breaks the check", USER + "    return [('\\ud800', '')]\n"),
})  # fmt: skip

TRIES = ATTACKS
