"""Restores one file into a scratch engine, and says what of a moment's committed rows does not come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.labs import EngineError, Lab, open_image
from graders.labs.lab import Row

OBJECTS = "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1, 2"
MAX_TEXT = 24
# The two bytes of SQLite's header that say whether the file has a log: https://www.sqlite.org/fileformat2.html
VERSIONS, WITHOUT_LOG = slice(18, 20), b"\x01\x01"


@dataclass(frozen=True)
class Moment:
    """What a database held when one transaction had been committed and the next one had not."""

    words: str
    """Which moment it is: "after transfer 3"."""
    tables: dict[str, list[Row]]
    """The rows of each table, sorted."""
    objects: tuple[Row, ...] = ()
    """The kind and name of each table, index, trigger and view."""
    user_version: int = 0
    """The number that an application keeps in the file's header."""


@dataclass(frozen=True)
class Loss:
    """What could not be restored."""

    kind: str
    """"no file", "empty file", "unreadable", "damaged", "no table", "rows", "no moment", "objects", "user_version"."""
    words: str
    """The file, table, row or number that does not come back, as a phrase."""


def read_moment(lab: Lab, words: str) -> Moment:
    """What `lab`, a SQLite database, holds at this moment, which is called `words`."""
    objects = tuple(lab.execute(OBJECTS).rows)
    tables = {table: sorted(lab.execute(f'SELECT * FROM "{table}"').rows, key=repr) for table in lab.tables()}
    return Moment(words, tables, objects, lab.execute("PRAGMA user_version").rows[0][0])


def restore_file(content: bytes) -> Moment:
    """What comes back from the file with this `content` when it has been carried away alone.

    A log or a journal that lay beside it is not there. Raise `EngineError` if SQLite cannot read it all.
    """
    header = bytearray(content)
    header[VERSIONS] = WITHOUT_LOG
    with open_image(bytes(header)) as lab:
        faults = lab.execute("PRAGMA integrity_check").rows
        if faults != [("ok",)]:
            raise EngineError("SQLite", str(faults[0][0]), "PRAGMA integrity_check", "SQLITE_CORRUPT")
        return read_moment(lab, "the restored file")


def find_loss(content: bytes | None, moments: Sequence[Moment]) -> Loss | None:
    """What the file with this `content` does not bring back, or None if it is whole at one of `moments`.

    A file that matches no moment is compared with the one that it comes nearest to, the earliest of these.

        find_loss(b"", [committed])   # Loss("empty file", "a file of 0 bytes: nothing can be restored from it")
    """
    if content is None:
        return Loss("no file", "no file: nothing can be restored")
    if not content:
        return Loss("empty file", "a file of 0 bytes: nothing can be restored from it")
    try:
        found = restore_file(content)
    except EngineError as error:
        kind = "damaged" if error.code.startswith("SQLITE_CORRUPT") else "unreadable"
        return Loss(kind, f"a file of {len(content):,} bytes that cannot be restored: {error.says}")
    if any(same_rows(found, moment) for moment in moments):
        return _find_forgotten(found, moments[0])
    return _find_lost_rows(found, moments)


def same_rows(one: Moment, other: Moment) -> bool:
    """Whether two moments hold the same rows in the same tables."""
    return one.tables == other.tables


def _find_forgotten(found: Moment, moment: Moment) -> Loss | None:
    """What is missing beside the rows; no transaction of a live database changes it."""
    if missing := [row for row in moment.objects if row not in found.objects]:
        return Loss("objects", f"every row, and no {' '.join(map(str, missing[0]))}")
    if found.user_version != moment.user_version:
        return Loss("user_version", f"user_version {found.user_version} in place of {moment.user_version}")
    return None


def _find_lost_rows(found: Moment, moments: Sequence[Moment]) -> Loss:
    """What differs from the moment that comes nearest; "no moment" if each table alone is right at some moment."""
    nearest = min(moments, key=lambda moment: count_differences(found, moment))
    for table, rows in nearest.tables.items():
        if table not in found.tables:
            return Loss("no table", f"no table `{table}`")
        found_rows = found.tables[table]
        if found_rows != rows and not any(found_rows == moment.tables[table] for moment in moments):
            return Loss("rows", f"in `{table}` {_describe_difference(found_rows, rows)} ({nearest.words})")
    apart = [_find_moment(found, table, moments) for table in nearest.tables]
    told = "; ".join(f"`{table}` as {moment.words}" for table, moment in zip(nearest.tables, apart, strict=True))
    return Loss("no moment", f"tables that never stood together: {told}")


def count_differences(found: Moment, moment: Moment) -> int:
    """The number of rows that only one of the two holds; a table that is missing counts for all its rows and one."""
    return sum(
        len(set(map(repr, rows)) ^ set(map(repr, found.tables.get(table, [])))) + (table not in found.tables)
        for table, rows in moment.tables.items()
    )


def _find_moment(found: Moment, table: str, moments: Sequence[Moment]) -> Moment:
    return next(moment for moment in moments if moment.tables[table] == found.tables[table])


def _describe_difference(found: list[Row], rows: list[Row]) -> str:
    """The first row that is missing, else the first that should not be there."""
    missing = [row for row in rows if row not in found]
    strange = [row for row in found if row not in rows]
    if missing and strange:
        return f"row {format_row(strange[0])} in place of {format_row(missing[0])}"
    if missing:
        more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        return f"row {format_row(missing[0])} is missing{more}"
    return f"row {format_row(strange[0])}, which was never committed" if strange else "a row that comes twice"


def format_row(row: Row) -> str:
    """A row as it is told in a sentence, with long texts cut."""
    values = (value[:MAX_TEXT] + "…" if isinstance(value, str) and len(value) > MAX_TEXT else value for value in row)
    return f"({', '.join(map(repr, values))})"
