"""The indexes of a SQLite database, and which of them another one makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.labs import Lab
from graders.labs.lab import Row
from graders.sql import quote_identifier
from graders.techniques.plans.sqlite_program import EXPRESSION


@dataclass(frozen=True)
class Index:
    """An index: its columns in their order, an expression as "(expression)"; `own` if it was made by CREATE INDEX.

    The others stand for a UNIQUE or a PRIMARY KEY. `descending` are the columns that are stored downwards.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    descending: tuple[str, ...]
    unique: bool
    partial: bool
    own: bool

    def serves_as(self, other: Index) -> bool:
        """Whether whatever the index `other` is good for this one is good for too."""
        begins = self.columns[: len(other.columns)] == other.columns and EXPRESSION not in other.columns
        same = len(self.columns) == len(other.columns)
        rule_kept = not other.unique or (self.unique and same)
        down = tuple(name for name in self.descending if name in other.columns)
        return self.table == other.table and begins and rule_kept and not self.partial and down == other.descending


def read_indexes(lab: Lab) -> dict[str, Index]:
    """The indexes of every table of `lab` by their names, the earlier ones of a table first."""
    return {index.name: index for table in lab.tables() for index in _of(lab, table)}


def apart_from_indexes(lab: Lab) -> tuple[list[Row], list[int], int]:
    """What a script that makes and drops indexes leaves alone: all else that was made, row counts, rows changed so far.

    A temporary table or view counts, too: it would hide one of the same name.
    """
    made = "SELECT type, name, sql FROM {} WHERE type <> 'index' AND name NOT LIKE 'sqlite_stat%'"
    both = " UNION ALL ".join(map(made.format, ("sqlite_schema", "sqlite_temp_schema")))
    counts = [lab.execute(f"SELECT count(*) FROM main.{quote_identifier(table)}").rows[0][0] for table in lab.tables()]
    changed = lab.execute("SELECT total_changes()").rows[0][0]
    return lab.execute(f"{both} ORDER BY 1, 2").rows, counts, changed


def own_indexes(lab: Lab) -> list[Index]:
    """The indexes that were made by CREATE INDEX."""
    return [index for index in read_indexes(lab).values() if index.own]


def _of(lab: Lab, table: str) -> Iterator[Index]:
    listed = 'SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY seq DESC'
    for name, unique, origin, partial in lab.execute(listed, (table,)).rows:
        parts = 'SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE "key" ORDER BY seqno'
        columns = [(part or EXPRESSION, down) for part, down in lab.execute(parts, (name,)).rows]
        names, down = tuple(part for part, _ in columns), tuple(part for part, down in columns if down)
        yield Index(name, table, names, down, bool(unique), bool(partial), origin == "c")


def redundant(indexes: Sequence[Index]) -> tuple[Index, Index] | None:
    """The first index made by CREATE INDEX that another one makes superfluous, and that other one."""
    for place, index in enumerate(indexes):
        for other in indexes:
            twins = other.serves_as(index) and index.serves_as(other)
            # Of two that serve as each other, the later one is superfluous; what a UNIQUE has made is never.
            if index.own and other is not index and other.serves_as(index):
                if twins and other.own and indexes.index(other) > place:
                    continue
                return index, other
    return None


def key_index(lab: Lab, indexes: Sequence[Index]) -> tuple[Index, str] | None:
    """The first index that begins with what its table is ordered by anyway, and that column."""
    for index in indexes:
        keys = lab.execute("SELECT name, type FROM pragma_table_info(?) WHERE pk > 0", (index.table,)).rows
        by_rowid = len(keys) == 1 and keys[0][1].upper() == "INTEGER"
        if index.own and by_rowid and index.columns == (keys[0][0],):
            return index, keys[0][0]
    return None
