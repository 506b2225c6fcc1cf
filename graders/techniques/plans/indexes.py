"""The indexes of a SQLite database: scripts that make them, what they cost, and which of them is superfluous."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.sql import quote_identifier
from graders.techniques.plans.index_hints import ALTERED, REFUSED
from graders.techniques.plans.sqlite_plan import EXPRESSION
from graders.techniques.queries import BaseTable, Row


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


def own_indexes(indexes: Mapping[str, Index]) -> list[Index]:
    """The indexes that were made by CREATE INDEX."""
    return [index for index in indexes.values() if index.own]


def run_indexes(lab: Lab, script: str, rows: int = 0) -> tuple[dict[str, Index], dict[str, Index]]:
    """Run a script that changes indexes and nothing else; give the indexes before and after it.

    What it leaves open is committed. Raise `Mismatch` if it is refused (`rows`, if given, are told) or if it changes
    anything else.
    """
    before, rest = read_indexes(lab), apart_from_indexes(lab)
    try:
        lab.run(script)
        lab.outcomes(["COMMIT"])
        # A script may leave the database read-only, in which what is judged here could not be counted.
        lab.execute("PRAGMA query_only = OFF")
        unchanged = apart_from_indexes(lab) == rest
    except EngineError as error:
        says = f"{error.engine} says: {error.sentence}"
        if rows:
            expected = "statements that run, however many rows there are"
            raise Mismatch(expected, f"with {rows:,} rows {says}", REFUSED) from None
        raise Mismatch("statements that run", says) from None
    if not unchanged:
        raise Mismatch("the tables and rows as they were", "other ones", ALTERED)
    return before, read_indexes(lab)


def count_pages(lab: Lab) -> int:
    """How many pages the indexes made by CREATE INDEX take; they are dropped for it."""
    full = _pages(lab)
    for index in own_indexes(read_indexes(lab)):
        lab.execute(f"DROP INDEX {quote_identifier(index.name)}")
    return full - _pages(lab)


def _pages(lab: Lab) -> int:
    return lab.execute("PRAGMA page_count").rows[0][0] - lab.execute("PRAGMA freelist_count").rows[0][0]


def _of(lab: Lab, table: str) -> Iterator[Index]:
    listed = 'SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY seq DESC'
    for name, unique, origin, partial in lab.execute(listed, (table,)).rows:
        parts = 'SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE "key" ORDER BY seqno'
        columns = [(part or EXPRESSION, down) for part, down in lab.execute(parts, (name,)).rows]
        names, down = tuple(part for part, _ in columns), tuple(part for part, down in columns if down)
        yield Index(name, table, names, down, bool(unique), bool(partial), origin == "c")


def find_redundant(indexes: Sequence[Index], tables: Mapping[str, BaseTable]) -> tuple[Index, Index | None] | None:
    """The first superfluous index made by CREATE INDEX, and the one that makes it so (None: the key of its table)."""
    for place, index in enumerate(indexes):
        for other in indexes:
            twins = other.serves_as(index) and index.serves_as(other)
            # Of two that serve as each other, the later one is superfluous; what a UNIQUE has made is never.
            if index.own and other is not index and other.serves_as(index):
                if twins and other.own and indexes.index(other) > place:
                    continue
                return index, other
    by_key = (index for index in indexes if index.own and index.columns == (tables[index.table].rowid,))
    return next(((index, None) for index in by_key), None)
