"""The log of a shop: each change of a row as a statement, found by comparing the tables before and after."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from graders.labs.lab import Row

Change = tuple[str, str]
"""A time, and a statement that was committed then."""
Dump = Mapping[str, list[Row]]
SOURCE = "shop.db"
# The tables with their keys, each behind those that it refers to.
KEYS = {
    "customers": ("customer_id",),
    "products": ("product_id",),
    "orders": ("order_id",),
    "order_lines": ("order_id", "product_id"),
    "payments": ("payment_id",),
}


def find_changes(before: Dump, after: Dump, columns: Mapping[str, list[str]]) -> list[str]:
    """The statements that lead from the rows `before` to those `after`; of tables that are in both.

    An UPDATE names the values that it replaces, so that it changes nothing where it comes too early or too late.
    """
    tables = [table for table in KEYS if table in before and table in after]
    gone = [statement for table in reversed(tables) for statement in _deletions(table, before, after, columns[table])]
    return gone + [statement for table in tables for statement in _insertions(table, before, after, columns[table])]


def _by_key(table: str, rows: list[Row], columns: list[str]) -> dict[Row, Row]:
    places = [columns.index(name) for name in KEYS[table]]
    return {tuple(row[place] for place in places): tuple(row) for row in rows}


def _where(table: str, key: Row) -> str:
    return " AND ".join(f"{name} = {_literal(value)}" for name, value in zip(KEYS[table], key, strict=True))


def _deletions(table: str, before: Dump, after: Dump, columns: list[str]) -> list[str]:
    kept = _by_key(table, after[table], columns)
    gone = [key for key in _by_key(table, before[table], columns) if key not in kept]
    return [f"DELETE FROM {table} WHERE {_where(table, key)}" for key in gone]


def _insertions(table: str, before: Dump, after: Dump, columns: list[str]) -> list[str]:
    old, statements = _by_key(table, before[table], columns), []
    for key, row in _by_key(table, after[table], columns).items():
        if key not in old:
            statements.append(f"INSERT INTO {table} VALUES ({', '.join(map(_literal, row))})")
        elif old[key] != row:
            changed = [pair for pair in zip(columns, old[key], row, strict=True) if pair[1] != pair[2]]
            new = ", ".join(f"{name} = {_literal(value)}" for name, _, value in changed)
            was = "".join(f" AND {name} IS {_literal(value)}" for name, value, _ in changed)
            statements.append(f"UPDATE {table} SET {new} WHERE {_where(table, key)}{was}")
    return statements


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, (int, float)) else "'" + str(value).replace("'", "''") + "'"


def live_files(image: bytes, changes: list[Change]) -> dict[str, bytes]:
    """The files of a shop that is in use: `image` as it was at first, and the `changes` since in the log beside it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, SOURCE)
        path.write_bytes(image)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = wal")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute("BEGIN")
            for _, statement in changes:
                connection.execute(statement)
            connection.execute("COMMIT")
            return {one.name: one.read_bytes() for one in Path(folder).iterdir() if not one.name.endswith("-shm")}
