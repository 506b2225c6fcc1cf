"""Stands for a machine's database server: databases on SQLite, and what pg_dump, psql and createdb do with them."""

from __future__ import annotations

import getopt
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HEAD = "--\n-- PostgreSQL database dump\n--\n\n"
FOOT = "--\n-- PostgreSQL database dump complete\n--\n"
# Whoever reads the dump has then begun to, and has its own files open, when the power fails.
MORE_THAN_A_PIPE_HOLDS = "-- and many more rows\n" * 8_000
FAILED = 'connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed'
PSQL = (
    "XqaAtwe1d:f:c:v:U:h:p:P:o:",
    (
        *("no-psqlrc", "quiet", "no-align", "tuples-only", "single-transaction", "no-password", "echo-queries"),
        *("dbname=", "file=", "command=", "set=", "variable=", "username=", "host=", "port="),
    ),
)
DUMP = (
    "d:f:t:U:h:p:wvOxacC",
    (
        *("dbname=", "file=", "table=", "username=", "host=", "port=", "no-password", "verbose", "no-owner"),
        *("no-privileges", "inserts", "column-inserts", "clean", "if-exists", "create", "no-acl"),
    ),
)
LONG = {"--dbname": "-d", "--file": "-f", "--table": "-t", "--command": "-c", "--set": "-v", "--variable": "-v"}
BEGINS, ENDS = ("BEGIN", "START"), ("COMMIT", "END", "ROLLBACK", "ABORT")
FLAGS = {"--single-transaction": "-1", "--tuples-only": "-t"}
ON_ERROR_STOP = re.compile(r"ON_ERROR_STOP(=(1|on|true|yes))?", re.I)


@dataclass(frozen=True)
class Said:
    """What a program says: on its two outputs, and by its exit code."""

    out: str = ""
    err: str = ""
    code: int | str = 0


class Server:
    """The databases of one machine by name; `weather` is what happens to the server tonight."""

    def __init__(self) -> None:
        self.weather = "fine"
        self._databases: dict[str, sqlite3.Connection] = {}
        self.programs: dict[str, Callable[[list[str], str, Path], Said]] = {
            "pg_dump": self._pg_dump,
            "psql": self._psql,
            "createdb": self._createdb,
            "dropdb": self._dropdb,
            "pg_isready": self._pg_isready,
        }

    def load(self, name: str, script: str) -> None:
        """Make the database `name` anew of `script`."""
        self._drop(name)
        self._databases[name] = sqlite3.connect(":memory:", isolation_level=None)
        self._databases[name].executescript(script)

    def rows(self) -> dict[str, dict[str, list[tuple]]]:
        """The rows of every table of every database, sorted."""
        return {name: _rows(database) for name, database in self._databases.items()}

    def _drop(self, name: str) -> bool:
        found = self._databases.pop(name, None)
        if found:
            found.close()
        return found is not None

    def _missing(self, program: str, name: str) -> Said | None:
        if self.weather == "refused":
            return Said(err=f"{program}: error: {FAILED}: Connection refused\n", code=2 if program == "psql" else 1)
        if name in self._databases:
            return None
        words = f'{program}: error: {FAILED}: FATAL:  database "{name}" does not exist\n'
        return Said(err=words, code=2 if program == "psql" else 1)

    def _createdb(self, words: list[str], stdin: str, folder: Path) -> Said:
        name = next((word for word in words if not word.startswith("-")), "")
        if self.weather == "refused":
            return Said(err=f"createdb: error: {FAILED}: Connection refused\n", code=1)
        if name in self._databases:
            return Said(
                err=f'createdb: error: database creation failed: ERROR:  database "{name}" already exists\n', code=1
            )
        self.load(name, "")
        return Said()

    def _dropdb(self, words: list[str], stdin: str, folder: Path) -> Said:
        name = next((word for word in words if not word.startswith("-")), "")
        if self.weather == "refused":
            return Said(err=f"dropdb: error: {FAILED}: Connection refused\n", code=1)
        if self._drop(name) or "--if-exists" in words:
            return Said()
        return Said(err=f'dropdb: error: database removal failed: ERROR:  database "{name}" does not exist\n', code=1)

    def _pg_isready(self, words: list[str], stdin: str, folder: Path) -> Said:
        refused = self.weather == "refused"
        return Said(
            f"/run/postgresql:5432 - {'no response' if refused else 'accepting connections'}\n", code=2 * refused
        )

    def _pg_dump(self, words: list[str], stdin: str, folder: Path) -> Said:
        try:
            options, names = _read_options(words, DUMP)
        except getopt.GetoptError as error:
            return Said(
                err=f"pg_dump: error: {error.msg} (this machine writes plain SQL, and no other format)\n", code=1
            )
        if missing := self._missing("pg_dump", name := _option(options, "-d") or (names or ["postgres"])[0]):
            return missing
        text = dump(self._databases[name], _option(options, "-t"))
        return self._spoiled(text) if not (path := _option(options, "-f")) else self._write(text, folder / path)

    def _spoiled(self, text: str) -> Said:
        """What becomes of the dump `text` tonight."""
        half = text[: text.rfind(";\n", 0, len(text) * 2 // 3) + 2]
        lost = "pg_dump: error: Dumping the contents of a table failed: server closed the connection unexpectedly\n"
        return {
            "cut": Said(half, lost, 1),
            "power": Said(half + MORE_THAN_A_PIPE_HOLDS, "", "power"),
            "hollow": Said("".join(line for line in text.splitlines(True) if not line.startswith("INSERT"))),
        }.get(self.weather, Said(text))

    def _write(self, text: str, path: Path) -> Said:
        said = self._spoiled(text)
        if self.weather == "full":
            said = Said(text[:100], "pg_dump: error: could not write to file: No space left on device\n", 1)
        try:
            path.write_text(said.out, encoding="utf-8")
        except OSError as error:
            return Said(err=f'pg_dump: error: could not open output file "{path}": {error.strerror}\n', code=1)
        return Said("", said.err, said.code)

    def _psql(self, words: list[str], stdin: str, folder: Path) -> Said:
        try:
            options, names = _read_options(words, PSQL)
        except getopt.GetoptError as error:
            return Said(err=f"psql: {error.msg}\n", code=1)
        if missing := self._missing("psql", name := _option(options, "-d") or (names or ["postgres"])[0]):
            return missing
        session = _Session(self._databases[name], options)
        if commands := [value for option, value in options if option == "-c"]:
            return session.run([(command, "") for command in commands], code=1)
        path = _option(options, "-f")
        if path in ("", "-", "/dev/stdin"):
            return session.run([(stdin, "psql:<stdin>:")])
        try:
            return session.run([((folder / path).read_text(encoding="utf-8", errors="replace"), f"psql:{path}:")])
        except OSError as error:
            return Said(err=f"psql: error: {path}: {error.strerror}\n", code=1)


def _read_options(words: list[str], known: tuple[str, tuple[str, ...]]) -> tuple[list[tuple[str, str]], list[str]]:
    options, names = getopt.gnu_getopt(words, known[0], known[1])
    return [(LONG.get(name, FLAGS.get(name, name)), value) for name, value in options], names


def _option(options: list[tuple[str, str]], name: str) -> str:
    return next((value for option, value in reversed(options) if option == name), "")


class _Session:
    """One run of psql: the statements of a text, one after the other, whatever became of those before."""

    def __init__(self, database: sqlite3.Connection, options: list[tuple[str, str]]):
        self._database = database
        names = {name for name, _ in options}
        self._stops = any(name == "-v" and ON_ERROR_STOP.fullmatch(value) for name, value in options)
        self._single, self._tuples = "-1" in names, "-t" in names
        self._out: list[str] = []
        self._err: list[str] = []
        self._aborted = False

    def run(self, texts: list[tuple[str, str]], code: int = 3) -> Said:
        """Run every statement; `code` is what psql ends with when an error stops it."""
        failed = False
        if self._single:
            self._database.execute("BEGIN")
        for text, place in texts:
            for line, statement in split_lines(text):
                failed = not self._execute(statement, f"{place}{line}: " if place else "") or failed
                if failed and (self._stops or code == 1):
                    break
        self._end()
        stopped = failed and (self._stops or code == 1)
        return Said("".join(self._out), "".join(self._err), code if stopped else 0)

    def _end(self) -> None:
        """End the session; the server rolls back what nobody has committed."""
        if self._database.in_transaction:
            self._database.execute("COMMIT" if self._single and not self._aborted else "ROLLBACK")

    def _execute(self, statement: str, place: str) -> bool:
        word = statement.split(maxsplit=1)[0].upper().rstrip(";")
        if self._aborted and word not in ENDS:
            return self._fail(place, "current transaction is aborted, commands ignored until end of transaction block")
        if needless := self._needless(word):
            self._err.append(f"{place}WARNING:  {needless}\n")
            return True
        statement = "BEGIN" if word in BEGINS else "ROLLBACK" if word == "ABORT" else statement
        statement = re.sub(r"^TRUNCATE(\s+TABLE)?\b", "DELETE FROM", statement, flags=re.I)
        try:
            if self._aborted:
                self._aborted, statement = False, "ROLLBACK"
            self._print(self._database.execute(statement))
        except sqlite3.Error as error:
            self._aborted = self._database.in_transaction
            return self._fail(place, str(error))
        return True

    def _needless(self, word: str) -> str:
        """What PostgreSQL warns of where SQLite refuses: to begin a transaction twice, and to end none."""
        if word in BEGINS and self._database.in_transaction:
            return "there is already a transaction in progress"
        return "there is no transaction in progress" if word in ENDS and not self._database.in_transaction else ""

    def _fail(self, place: str, words: str) -> bool:
        self._err.append(f"{place}ERROR:  {words}\n")
        return False

    def _print(self, cursor: sqlite3.Cursor) -> None:
        if cursor.description is None:
            return
        rows = ["|".join("" if value is None else str(value) for value in row) for row in cursor.fetchmany(1_000)]
        head = [] if self._tuples else ["|".join(column[0] for column in cursor.description)]
        foot = [] if self._tuples else [f"({len(rows)} row{'s' * (len(rows) != 1)})"]
        self._out += [f"{line}\n" for line in [*head, *rows, *foot]]


def split_lines(text: str) -> list[tuple[int, str]]:
    """The statements of `text`, each with the number of the line that it ends in; what has no end is one too."""
    found: list[tuple[int, str]] = []
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not (not lines and line.lstrip().startswith("--")):
            lines.append(line)
        if lines and sqlite3.complete_statement("\n".join(lines)):
            found.append((number, "\n".join(lines)))
            lines = []
    return found + ([(number, "\n".join(lines))] if lines else [])


def dump(database: sqlite3.Connection, only: str = "") -> str:
    """The statements that make `database` again, or the table `only`, as pg_dump frames them."""
    made = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    tables = [(name, sql) for name, sql in made if only in ("", name)]
    parts = [f"{sql};\n\n" for _, sql in tables]
    for name, _ in tables:
        rows = database.execute(f'SELECT * FROM "{name}"').fetchall()
        parts += [f"INSERT INTO {name} VALUES ({', '.join(map(_literal, row))});\n" for row in rows]
        parts.append("\n")
    return HEAD + "".join(parts) + FOOT


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _rows(database: sqlite3.Connection) -> dict[str, list[tuple]]:
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchmany(10_000), key=repr) for name in names}
