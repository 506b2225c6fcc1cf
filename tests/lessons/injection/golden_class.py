"""Golden submissions of the lesson on injection: what students hand in, and the marks that differ from full marks."""

from __future__ import annotations

from student import Student

LESSON = "10-injection"
ASKS_FOR_EVER = "def extract(ask):\n    while True:\n        ask('Emma')"
READS_PAST_THE_PAGE = (
    "def extract(ask):\n"
    "    connection = ask.__closure__[0].cell_contents\n"
    "    return connection.execute(\"SELECT password FROM members WHERE role = 'clerk'\").fetchone()[0]"
)
ATTACHES = (
    "def search(connection, words, most):\n"
    "    connection.execute(\"ATTACH '/etc/passwd' AS other\")\n"
    "    return connection.execute('SELECT title, price FROM books').fetchall()"
)
SCRIPTED = (
    "def change_password(connection, member_id, new):\n"
    "    connection.executescript(f\"UPDATE members SET password = '{new}' WHERE member_id = {member_id}\")"
)
PATCHES = (
    "import sqlite3, sys\n"
    "sys.modules['graders'] = sqlite3\n"
    "def login(connection, name, password):\n"
    "    connection.execute = lambda *_: None\n"
    "    return True"
)
FORGED = "form = {'name': 'Ines Costa', 'password': 'bN+BpEcqFK'}"

STUDENTS = {
    "all-right": Student({}),
    "asks-for-ever": Student({"extract-by-bisection": ASKS_FOR_EVER}, {"extract-by-bisection": "0"}),
    "past-the-page": Student({"extract-by-bisection": READS_PAST_THE_PAGE}, {"extract-by-bisection": "0"}),
    "mischief": Student(
        {"fix-the-search": ATTACHES, "fix-both-ends": SCRIPTED, "upgrade-password-hashes": PATCHES},
        {"fix-the-search": "0", "fix-both-ends": "0", "upgrade-password-hashes": "0"},
    ),
    "knows-the-open-password": Student({"forge-the-login": FORGED}, {"forge-the-login": "0"}),
}
