"""The indexes of a SQLite database: scripts that make them, what they cost, and why one does not help a query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.sql import Unreadable, quote_identifier
from graders.techniques.plans.plan import Access
from graders.techniques.plans.query_shape import Shape, shape_of
from graders.techniques.plans.sqlite_plan import EXPRESSION
from graders.techniques.queries import BaseTable, Row

NO_INDEX = "An answer here is made of CREATE INDEX statements: on which table, by which columns?"
ALTERED = (
    "An index changes how rows are found, not which rows and tables there are. Which of your statements does more?"
)
WRONG_TABLE = "This query reads `{table}`. On which table is your index?"
NOT_IMPLIED = "Your index leaves rows out. Does the WHERE of this query say that it wants none of them?"
ONE_VALUE = "Your index serves this one value. Who looks for another one, and what will they look for tomorrow?"
WRAPPED = "The query compares what a function makes of `{column}`. Is that what your index is ordered by?"
EXPRESSION_UNUSED = "Your index is ordered by an expression. Does this query compare exactly that expression?"
ORDER = "Your index is ordered by `{first}` first. Which condition of the query is an equality?"
NOT_MENTIONED = "Your index is ordered by `{first}` first. Does this query say anything about `{first}`?"
NOT_SELECTIVE = (
    "By `{columns}` the index leads to {found} of {rows} rows. Which further condition leaves fewer of them?"
)
NOT_COVERING = (
    "The index has no `{column}`, so each row found is fetched from the table as well. Does the query need it?"
)
SORTS = (
    "The rows still have to be sorted. What must follow the columns compared by equality, so that they come in order?"
)
DIRECTION = (
    "An index is read forwards or backwards as a whole. Do its columns run in the directions that ORDER BY asks for?"
)
REDUNDANT = "`{index}` begins like `{other}`: is there a search that only `{index}` can serve?"
BESIDE_UNIQUE = "A UNIQUE or PRIMARY KEY on `{columns}` has an index already. What does `{index}` add?"
TOO_MANY = "Each index is written at every change. Which one does no query need, or could one serve two queries?"
TOO_WIDE = "Your indexes take more space than needed. Which column, or which rows, does no query look for there?"
DROPPED = "No index is left that this query can use. Which of those that are gone did it use?"
REFUSED = "Your index refuses a row that the table used to take. Is a rule asked for here?"


class Matches(NamedTuple):
    """The rows of a table, and those of them to which a search leads."""

    rows: int
    found: float


def _shape(query: str, table: BaseTable | None) -> Shape | None:
    """What `query` asks of `table`; None if it cannot be read."""
    try:
        return shape_of(query, table) if table else None
    except Unreadable:
        return None


def unused_hint(query: str, scan: Access, indexes: Sequence[Index], table: BaseTable | None) -> str:
    """Why `query` scans a table although `indexes` were made, or nothing if that is not recognised."""
    if not indexes:
        return DROPPED
    near = [index for index in indexes if index.table == scan.table]
    if not near:
        return WRONG_TABLE.format(table=scan.table)
    shape = _shape(query, table)
    return next(filter(None, (_unused(index, shape) for index in near)), "") if shape else ""


def _unused(index: Index, shape: Shape) -> str:
    first = index.columns[0]
    if first == EXPRESSION:
        return EXPRESSION_UNUSED
    if first in shape.wrapped:
        return WRAPPED.format(column=first)
    if first in shape.equal + shape.ranged:
        return NOT_IMPLIED if index.partial else ""
    return NOT_MENTIONED.format(first=first)


def work_hint(query: str, access: Access, index: Index | None, table: BaseTable | None, matches: Matches | None) -> str:
    """Why a search by `index` reads more than it must, or nothing if that is not recognised."""
    shape = _shape(query, table)
    if shape is None:
        return ""
    behind = [name for name in index.columns if name in shape.equal and name not in access.equal] if index else []
    if index and behind and not access.equal:
        return ORDER.format(first=index.columns[0])
    if matches is None:
        return ""
    columns, rows = ", ".join(access.columns), f"{matches.rows:,}"
    return NOT_SELECTIVE.format(columns=columns, found=f"{matches.found:,.0f}", rows=rows)


def selective_condition(query: str, access: Access, table: BaseTable | None) -> str:
    """The condition that a search uses, where its query has a further one on the table; else nothing."""
    shape = _shape(query, table)
    if shape is None or all(name in access.columns for name in shape.equal + shape.ranged):
        return ""
    tests = [shape.tests[name] for name in access.columns if name in shape.tests]
    return " AND ".join(tests) if len(tests) == len(access.columns) else ""


def covering_hint(query: str, index: Index | None, table: BaseTable | None) -> str:
    """Which column the index lacks for `query`, or nothing if that is not recognised."""
    shape = _shape(query, table)
    held = (*(index.columns if index else ()), table.rowid if table else "")
    missing = [name for name in shape.used if name not in held] if shape else []
    return NOT_COVERING.format(column=missing[0]) if missing else ""


def sort_hint(query: str, access: Access, index: Index | None, table: BaseTable | None) -> str:
    """Why the index does not give the order that `query` asks for, or nothing if that is not recognised."""
    shape = _shape(query, table)
    if shape is None:
        return ""
    wanted = [(name, down) for name, down in shape.ordered if name not in access.equal]
    columns = [name for name in index.columns if name not in access.equal] if index else []
    if not index or not wanted or columns[: len(wanted)] != [name for name, _ in wanted]:
        return SORTS
    turned = {(name in index.descending) != down for name, down in wanted}
    return DIRECTION if len(turned) > 1 else ""


@dataclass(frozen=True)
class Index:
    """An index: its columns in their order, an expression as "(expression)"; `created` if it was made by CREATE INDEX.

    The others stand for a UNIQUE or a PRIMARY KEY. `descending` are the columns that are stored downwards.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    descending: tuple[str, ...]
    unique: bool
    partial: bool
    created: bool

    def can_replace(self, other: Index) -> bool:
        """Whether whatever the index `other` is good for this one is good for too."""
        begins = self.columns[: len(other.columns)] == other.columns and EXPRESSION not in other.columns
        same = len(self.columns) == len(other.columns)
        rule_kept = not other.unique or (self.unique and same)
        down = tuple(name for name in self.descending if name in other.columns)
        return self.table == other.table and begins and rule_kept and not self.partial and down == other.descending


def read_indexes(lab: Lab) -> dict[str, Index]:
    """The indexes of every table of `lab` by their names, the earlier ones of a table first."""
    return {index.name: index for table in lab.tables() for index in _read_indexes_of(lab, table)}


def read_all_but_indexes(lab: Lab) -> tuple[list[Row], list[int], int]:
    """What a script that makes and drops indexes leaves alone: all else that was made, row counts, rows changed so far.

    A temporary table or view counts, too: it would hide one of the same name.
    """
    made = "SELECT type, name, sql FROM {} WHERE type <> 'index' AND name NOT LIKE 'sqlite_stat%'"
    both = " UNION ALL ".join(map(made.format, ("sqlite_schema", "sqlite_temp_schema")))
    counts = [lab.execute(f"SELECT count(*) FROM main.{quote_identifier(table)}").rows[0][0] for table in lab.tables()]
    changed = lab.execute("SELECT total_changes()").rows[0][0]
    return lab.execute(f"{both} ORDER BY 1, 2").rows, counts, changed


def created_indexes(indexes: Mapping[str, Index]) -> list[Index]:
    """The indexes that were made by CREATE INDEX."""
    return [index for index in indexes.values() if index.created]


def run_index_script(lab: Lab, script: str, rows: int = 0) -> tuple[dict[str, Index], dict[str, Index]]:
    """Run a script that changes indexes and nothing else; give the indexes before and after it.

    What it leaves open is committed. Raise `Mismatch` if it is refused (`rows`, if given, are told) or if it changes
    anything else.
    """
    before, rest = read_indexes(lab), read_all_but_indexes(lab)
    try:
        lab.run(script)
        lab.outcomes(["COMMIT"])
        # A script may leave the database read-only, in which what is judged here could not be counted.
        lab.execute("PRAGMA query_only = OFF")
        unchanged = read_all_but_indexes(lab) == rest
    except EngineError as error:
        says = error.says
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
    for index in created_indexes(read_indexes(lab)):
        lab.execute(f"DROP INDEX {quote_identifier(index.name)}")
    return full - _pages(lab)


def _pages(lab: Lab) -> int:
    return lab.execute("PRAGMA page_count").rows[0][0] - lab.execute("PRAGMA freelist_count").rows[0][0]


def _read_indexes_of(lab: Lab, table: str) -> Iterator[Index]:
    listed = 'SELECT name, "unique", origin, partial FROM pragma_index_list(?) ORDER BY seq DESC'
    for name, unique, origin, partial in lab.execute(listed, (table,)).rows:
        parts = 'SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE "key" ORDER BY seqno'
        columns = [(part or EXPRESSION, down) for part, down in lab.execute(parts, (name,)).rows]
        names, down = tuple(part for part, _ in columns), tuple(part for part, down in columns if down)
        yield Index(name, table, names, down, bool(unique), bool(partial), origin == "c")


def find_redundant(indexes: Sequence[Index], tables: Mapping[str, BaseTable]) -> tuple[Index, Index | None] | None:
    """The first superfluous index made by CREATE INDEX, and the one that makes it so (None: the key of its table)."""
    for position, index in enumerate(indexes):
        for other in indexes:
            twins = other.can_replace(index) and index.can_replace(other)
            # Of two that serve as each other, the later one is superfluous; what a UNIQUE has made is never.
            if index.created and other is not index and other.can_replace(index):
                if twins and other.created and indexes.index(other) > position:
                    continue
                return index, other
    by_key = (index for index in indexes if index.created and index.columns == (tables[index.table].rowid,))
    return next(((index, None) for index in by_key), None)
