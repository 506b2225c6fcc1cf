"""Functions that the attack judge must tell apart: vulnerable and safe ones, by what they are for.

None of them stands in a lesson. Each is the source of a function `page` of a connection and what a stranger sends.
"""

from __future__ import annotations

import re
import sqlite3

from course_data import bookshop
from graders.techniques.attacks import (
    REFUSED,
    Behaviour,
    CallTrace,
    InjectionPoint,
    InOrder,
    OrRefused,
    SentStatement,
    format_call,
)

SECRETS = (("members", "password"),)
COLUMNS = ("book_id", "title", "author", "shelf", "price", "note")
NAMES = ("Jane Austen", "Pia O'Neill", "Max % Power", "Rui Sá", "川端康成", "nobody", "", "🦊", None)


def books(data):
    return [dict(zip(COLUMNS, row, strict=True)) for row in data["books"]]


def ascii_lower(text):
    return "".join(chr(ord(sign) + 32) if "A" <= sign <= "Z" else sign for sign in text)


def by_author(data, author):
    return [(book["title"], book["price"]) for book in books(data) if book["author"] == author]


def containing(data, words):
    return [(b["title"], b["price"]) for b in books(data) if ascii_lower(words) in ascii_lower(b["title"])]


def on_shelf(data, shelf):
    try:
        rows = [(book["title"],) for book in books(data) if book["shelf"] == int(shelf)]
    except ValueError:
        return REFUSED
    return rows if re.fullmatch("[0-9]+", shelf) else OrRefused(rows)


def sorted_by(data, column):
    if column not in ("title", "author", "price"):
        return REFUSED
    return InOrder([(book["title"],) for book in sorted(books(data), key=lambda book: book[column])], 0)


def greeting(data, member_id):
    name = next(row[1] for row in data["members"] if row[0] == member_id)
    return [(row[1], row[3]) for row in data["members"] if row[1] == name]


def renamed(data, value):
    members = [(row[0], value, *row[2:]) if row[0] == 2 else row for row in data["members"]]
    return {**data, "members": members}


def shop(point, expects, **more):
    return Behaviour(bookshop.SCHEMA, bookshop.data, (point,), expects, secrets=SECRETS, **more)


PART = ("Emma", "e", "n's", "100%", "_No_", "\\", "&", "雪", "🦊", "zzz", "", "drop table")
BEHAVIOURS = {
    "text": shop(InjectionPoint("author", "text", NAMES), by_author),
    "pattern": shop(InjectionPoint("words", "pattern", PART), containing),
    "number": shop(InjectionPoint("shelf", "number", ("1", "2", "3", "99")), on_shelf),
    "identifier": shop(InjectionPoint("column", "identifier", ("title", "author", "price")), sorted_by),
    "stored": shop(InjectionPoint("name", "stored", ("Dara O'Brien", "100%", "川"), lambda _: (2,), renamed), greeting),
}
DUCK_POINT = InjectionPoint("author", "text", tuple(name for name in NAMES if name is not None))
BEHAVIOURS["duckdb text"] = shop(DUCK_POINT, by_author, engine="DuckDB")

ASK = "connection.execute(%s).fetchall()"


def page(body, *before):
    return "def page(connection, sent):\n" + "".join(f"    {line}\n" for line in (*before, f"return {body}"))


T, S = "SELECT title, price FROM books WHERE ", "SELECT title FROM books "
VULNERABLE = {
    "text": {
        "f-string": page(ASK % f"""f"{T}author = '{{sent}}'" """),
        "percent": page(ASK % f"""\"{T}author = '%s'\" % sent"""),
        "format": page(ASK % f"""\"{T}author = '{{}}'\".format(sent)"""),
        "plus": page(ASK % f"""\"{T}author = '\" + str(sent) + \"'\" """),
        "double quotes": page(ASK % f"""f'{T}author = "{{sent}}"'"""),
        "bracketed": page(ASK % f"""f"{T}(author = ('{{sent}}'))" """),
        "backslash": page(ASK % f"""\"{T}author = '\" + str(sent).replace("'", "\\\\'") + "'" """),
        "stripped": page(ASK % f"""\"{T}author = '\" + str(sent).replace("'", "") + "'" """),
        "stripped parameter": page(ASK % f"""\"{T}author = ?\", (str(sent).replace("'", ""),)"""),
        "blocklist": page(
            ASK % f"""f"{T}author = '{{sent}}'" """,
            "if any(word in str(sent).upper() for word in ('UNION', '--', ';', ' OR ')): return []",
        ),
        "blocklist removed once": page(
            ASK % f"""f"{T}author = '{{sent}}'" """,
            "for word in (' or ', ' OR ', '--', 'UNION'): sent = str(sent).replace(word, '')",
        ),
        "doubled": page(ASK % f"""\"{T}author = '\" + str(sent).replace("'", "''") + "'" """),
        "unicode folded": page(
            ASK % f"""f"{T}author = '{{sent}}'" """,
            "import unicodedata",
            'sent = str(sent).replace("\'", "\'\'")',
            "sent = unicodedata.normalize('NFKC', sent)",
        ),
        "script": page("[]", f"connection.executescript(f\"{T}author = '{{sent}}'\")"),
        "half a parameter": page(ASK % f"""f"{T}author = ? AND '{{sent}}' <> 'x'", (sent,)"""),
        "errors hidden": (
            "def page(connection, sent):\n    try:\n"
            f"        return connection.execute(f\"{T}author = '{{sent}}'\").fetchall()\n"
            "    except Exception:\n        return []\n"
        ),
        "after an honest statement": page(
            "rows",
            f'rows = connection.execute("{T}author = ?", (sent,)).fetchall()',
            "try: connection.execute(f\"SELECT '{sent}'\")",
            "except Exception: pass",
        ),
        "two statements": page(
            ASK % f"""\"{T}author = ?\", (sent,)""", "connection.execute(f\"SELECT '{sent}'\").fetchone()"
        ),
    },
    "pattern": {
        "like": page(ASK % f"""f"{T}title LIKE '%{{sent}}%'" """),
        "like wildcards": page(ASK % f"""\"{T}title LIKE ?\", (f"%{{sent}}%",)"""),
        "wrong escape": page(
            ASK % f"""\"{T}title LIKE ?\", (f"%{{sent}}%",)""",
            "sent = sent.replace('%', '\\\\%').replace('_', '\\\\_')",
        ),
        "escape not escaped": page(
            ASK % f"""\"{T}title LIKE ? ESCAPE '\\\\'\", (f"%{{sent}}%",)""",
            "sent = sent.replace('%', '\\\\%').replace('_', '\\\\_')",
        ),
        "glob": page(ASK % f"""\"{T}lower(title) GLOB lower(?)\", (f"*{{sent}}*",)"""),
    },
    "number": {
        "bare": page(ASK % f"""f"{S}WHERE shelf = {{sent}}" """),
        "doubled": page(ASK % f"""\"{S}WHERE shelf = \" + sent.replace("'", "''")"""),
        "cast elsewhere": page(ASK % f"""f"{S}WHERE shelf = {{sent}}" """, "int(sent.split()[0])"),
        "as text": page(ASK % f"""\"{S}WHERE shelf = ?\", (sent,)"""),
        "in brackets": page(ASK % f"""f"{S}WHERE shelf IN ({{sent}})" """),
    },
    "identifier": {
        "bare": page(ASK % f"""f"{S}ORDER BY {{sent}}" """),
        "parameter": page(ASK % f"""\"{S}ORDER BY ?\", (sent,)"""),
        "quoted": page(ASK % f"""\"{S}ORDER BY \\"\" + sent.replace('"', '""') + '"'"""),
        "begins with": page(
            ASK % f"""f"{S}ORDER BY {{sent}}" """,
            "if not sent.startswith(('title', 'author', 'price')): raise ValueError(sent)",
        ),
        "in the names": page(
            ASK % f"""f"{S}ORDER BY {{sent}}" """, "if sent not in 'title, author, price': raise ValueError(sent)"
        ),
        "default": page(
            ASK % f"""f"{S}ORDER BY {{sent}}" """, "sent = sent if sent in ('author', 'price') else 'title'"
        ),
    },
    "stored": {
        "second order": page(
            ASK % """f"SELECT name, role FROM members WHERE name = '{name}'" """,
            "name, = connection.execute('SELECT name FROM members WHERE member_id = ?', (sent,)).fetchone()",
        ),
        "second order, doubled twice": page(
            ASK % """f"SELECT name, role FROM members WHERE name = '{name}'" """,
            "name, = connection.execute('SELECT name FROM members WHERE member_id = ?', (sent,)).fetchone()",
            "name = name.replace(\"'\", \"''''\")",
        ),
    },
    "duckdb text": {
        "f-string": page(ASK % f"""f"{T}author = '{{sent}}'" """),
        "stacked": page(ASK % f"""f"{T}author = '{{sent}}' ORDER BY 1" """),
    },
}
NULLS = " IS ?"
SAFE = {
    "text": {
        "parameter": page(ASK % f"""\"{T}author = ?\", (sent,)"""),
        "list": page(ASK % f"""\"{T}author = ?\", [sent]"""),
        "numbered": page(ASK % f"""\"{T}author = ?1\", (sent,)"""),
        "named": page(ASK % f"""\"{T}author = :author\", {{'author': sent}}"""),
        "at": page(ASK % f"""\"{T}author = @a\", {{'a': sent}}"""),
        "in": page(ASK % f"""\"{T}author IN (?, ?)\", (sent, sent)"""),
        "in Python": page(
            "[(t, p) for t, p, a in rows if a == sent]",
            "rows = connection.execute('SELECT title, price, author FROM books').fetchall()",
        ),
        "two steps": page(
            "[connection.execute('SELECT title, price FROM books WHERE book_id = ?', one).fetchone() for one in ids]",
            "ids = connection.execute('SELECT book_id FROM books WHERE author = ?', (sent,)).fetchall()",
        ),
        "ids in a list": page(
            "connection.execute(f\"SELECT title, price FROM books WHERE book_id IN ({','.join('?' * len(ids))})\", ids)"
            ".fetchall() if ids else []",
            "ids = [i for i, in connection.execute('SELECT book_id FROM books WHERE author = ?', (sent,))]",
        ),
        "branch on nothing": page(
            ASK % f"""\"{T}author = ?\", (sent,)""",
            "if not sent: return connection.execute('SELECT title, price FROM books WHERE 0').fetchall()",
        ),
        "cursor": page(
            "cursor.fetchall()", "cursor = connection.cursor()", f'cursor.execute("{T}author = ?", (sent,))'
        ),
        "iterated": page(f'[row for row in connection.execute("{T}author = ?", (sent,))]'),
        "subquery": page(ASK % f"""\"{T}book_id IN (SELECT book_id FROM books WHERE author = ?)\", (sent,)"""),
        "commented": page(ASK % f"""\"{T}author = ? -- by author\", (sent,)"""),
        "in a transaction": page(
            "found", "with connection:", f'    found = connection.execute("{T}author = ?", (sent,)).fetchall()'
        ),
        "union of nothing": page(ASK % f"""\"{T}author = ? UNION ALL SELECT '', 0 WHERE 0\", (sent,)"""),
        "lists of lists": page(f'[list(row) for row in connection.execute("{T}author = ?", (sent,))]'),
    },
    "pattern": {
        "escaped": page(
            ASK % f"""\"{T}title LIKE ? ESCAPE '!'\", (f"%{{sent}}%",)""",
            "sent = sent.replace('!', '!!').replace('%', '!%').replace('_', '!_')",
        ),
        "escaped by a backslash": page(
            ASK % f"""\"{T}title LIKE '%' || ? || '%' ESCAPE '\\\\'\", (sent,)""",
            "import re",
            "sent = re.sub(r'([\\\\%_])', r'\\\\\\1', sent)",
        ),
        "instr": page(ASK % f"""\"{T}instr(lower(title), lower(?)) > 0\", (sent,)"""),
        "replace": page(
            ASK % f"""\"{T}? = '' OR replace(lower(title), lower(?), '') <> lower(title)\", (sent, sent)"""
        ),
    },
    "number": {
        "int": page(ASK % f"""f"{S}WHERE shelf = {{int(sent)}}" """),
        "int parameter": page(ASK % f"""\"{S}WHERE shelf = ?\", (int(sent),)"""),
        "digits": page(ASK % f"""f"{S}WHERE shelf = {{sent}}" """, "if not sent.isdecimal(): raise ValueError(sent)"),
        "padded": page(ASK % f"""f"{S}WHERE shelf = {{int(sent):+d}}" """),
    },
    "identifier": {
        "dictionary": page(ASK % f"""f"{S}ORDER BY {{dict(title='title', author='author', price='price')[sent]}}" """),
        "list": page(
            ASK % f"""f"{S}ORDER BY {{sent}}" """, "if sent not in ('title', 'author', 'price'): raise ValueError"
        ),
        "case": page(
            ASK
            % f"""\"{S}ORDER BY CASE ? WHEN 'title' THEN title WHEN 'author' THEN author ELSE price END\", (sent,)""",
            "assert sent in {'title', 'author', 'price'}",
        ),
        "in Python": page(
            "[(row[0],) for row in sorted(rows, key=lambda row: row[place])]",
            "place = ['title', 'author', 'price'].index(sent)",
            "rows = connection.execute('SELECT title, author, price FROM books').fetchall()",
        ),
    },
    "stored": {
        "both": page(
            ASK % """"SELECT name, role FROM members WHERE name = ?", name""",
            "name = connection.execute('SELECT name FROM members WHERE member_id = ?', (sent,)).fetchone()",
        ),
        "join": page(
            ASK
            % """"SELECT b.name, b.role FROM members a JOIN members b USING (name) WHERE a.member_id = ?", (sent,)"""
        ),
    },
    "duckdb text": {
        "parameter": page(ASK % f"""\"{T}author = ?\", [sent]"""),
        "dollar": page(ASK % f"""\"{T}author = $1\", [sent]"""),
        "named": page(ASK % f"""\"{T}author = $author\", {{'author': sent}}"""),
    },
}


class Recorded:
    """A connection that notes what is sent through it; as much of DB-API as the functions above use."""

    def __init__(self, connection, sent):
        self.connection, self.sent, self.last = connection, sent, None

    def _do(self, verb, statement, *parameters):
        try:
            self.last = getattr(self.connection, verb)(statement, *parameters)
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            self.sent.append(SentStatement(statement, parameters[0] if parameters else (), type(error).__name__))
            raise
        self.sent.append(SentStatement(statement, parameters[0] if parameters else ()))
        return self.last

    def execute(self, statement, *parameters):
        return self._do("execute", statement, *parameters)

    def executescript(self, script):
        return self._do("executescript", script)

    def cursor(self):
        return self

    def fetchall(self):
        return self.last.fetchall()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


class InProcess:
    """A function in this process as the subject of attacks, on a fresh SQLite database for each call."""

    def __init__(self, source, schema):
        namespace = {}
        exec(source, namespace)
        self.function, self.schema = namespace["page"], schema

    def __call__(self, data, arguments):
        opened, sent = sqlite3.connect(":memory:", isolation_level=None), []
        opened.executescript(self.schema)
        for table, rows in data.items():
            if rows:
                opened.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        try:
            value, raised = self.function(Recorded(opened, sent), *arguments), ""
        except Exception as error:
            value, raised = None, f"{type(error).__name__}: {error}"
        left = {name for (name,) in opened.execute("SELECT name FROM sqlite_schema")}
        after = {table: opened.execute(f"SELECT * FROM {table}").fetchall() for table in data if table in left}
        opened.close()
        return CallTrace(format_call("page", [], arguments), value, raised, tuple(sent), after)
