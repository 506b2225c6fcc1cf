"""Dumps as text: the statements that make a database, and what comes back from a file of such statements."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Any

from graders.labs import EngineError, open_lab
from graders.labs.lab import Row
from graders.sql import quote_identifier

Tables = dict[str, list[Row]]
COLUMNS = ("id", "name", "cents")
MAX_TEXT = 1_000_000
GZIP = 31
HEAD = "--\n-- PostgreSQL database dump\n--\n\n"
FOOT = "\n--\n-- PostgreSQL database dump complete\n--\n"


def write_script(tables: Tables) -> str:
    """The statements that make `tables`, whose columns are `id`, `name` and `cents`: whole numbers and text."""
    return "".join(_write_table(table, rows) for table, rows in tables.items())


def write_dump(tables: Tables) -> str:
    """The same as pg_dump frames it."""
    return HEAD + write_script(tables) + FOOT


def _write_table(table: str, rows: list[Row]) -> str:
    kinds = ["integer" if isinstance(value, int) else "text" for value in (rows or [(0,)])[0]]
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, kinds, strict=False))
    lines = [f"INSERT INTO {table} VALUES ({', '.join(map(_literal, row))});\n" for row in rows]
    return f"CREATE TABLE {table} ({columns}, PRIMARY KEY (id));\n" + "".join(lines)


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def sort_tables(tables: Tables) -> Tables:
    """The same rows in an order that depends on nothing but them."""
    return {table: sorted(rows, key=repr) for table, rows in tables.items()}


def restore_dump(content: bytes) -> Tables | str:
    """The rows of each table, sorted, that a file of statements brings back, or in a phrase why it does not.

    A file may have been compressed by gzip, bzip2 or xz.

        restore_dump(b"")   # 'empty'
    """
    if not content:
        return "empty"
    text = _decompress(content)
    if text is None:
        return "compressed, and damaged"
    if not text.strip():
        return "nothing in it"
    if "PostgreSQL database dump" not in text[:200]:
        return "no dump"
    if "PostgreSQL database dump complete" not in text[-200:]:
        return "a dump without its end"
    return _run_dump(text)


def _decompress(content: bytes) -> str | None:
    """The text in `content`; None if it is compressed and damaged, or too long."""
    openers: dict[bytes, Any] = {
        b"\x1f\x8b": lambda: zlib.decompressobj(GZIP),
        b"BZh": bz2.BZ2Decompressor,
        b"\xfd7zXZ": lzma.LZMADecompressor,
    }
    opener = next((opener for head, opener in openers.items() if content.startswith(head)), None)
    if opener is None:
        return content[:MAX_TEXT].decode("utf-8", "replace")
    try:
        reader = opener()
        text = bytes(reader.decompress(content, MAX_TEXT))
    except (zlib.error, OSError, lzma.LZMAError, EOFError):
        return None
    return text.decode("utf-8", "replace") if reader.eof else None


def _run_dump(text: str) -> Tables | str:
    with open_lab("SQLite", "", {}) as lab:
        try:
            lab.run(text)
            return sort_tables(
                {table: lab.execute(f"SELECT * FROM {quote_identifier(table)}").rows for table in lab.tables()}
            )
        except EngineError as error:
            return f"restoring stops: {error.sentence[:100]}"
