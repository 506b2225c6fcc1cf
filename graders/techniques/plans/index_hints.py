"""Why an index does not help a query, or costs more than it must: what is recognised, in words for the student."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graders.sql import Unreadable
from graders.techniques.plans.indexes import Index
from graders.techniques.plans.plan import Access
from graders.techniques.plans.query_shape import Shape, shape_of
from graders.techniques.plans.sqlite_plan import EXPRESSION
from graders.techniques.queries import BaseTable

NO_INDEX = "An answer here is made of CREATE INDEX statements: on which table, by which columns?"
WRONG_TABLE = "This query reads `{table}`. On which table is your index?"
NOT_IMPLIED = (
    "Your index holds only rows with `{condition}`. SQLite goes by it only for a query that says so in the same words:"
    " does this one?"
)
ONE_VALUE = "Your index serves this one value. Who looks for another one, and what will they look for tomorrow?"
WRAPPED = "The query compares what a function makes of `{column}`. Is that what your index is ordered by?"
EXPRESSION_UNUSED = "Your index is ordered by an expression. Does this query compare exactly that expression?"
COLLATED = "Your index compares texts by a COLLATE of its own. By which rule does the query compare them?"
ORDER = "Your index is ordered by `{first}` first. Which condition of the query is an equality?"
NOT_COMPARED = "Your index is ordered by `{first}` first. Which condition of this query compares `{first}`?"
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
UNNEEDED = "Does SQLite find or sort the rows of this query by `{column}`?"
TWICE = "`{column}` stands in `{index}` twice. What is the second one for?"
TOO_MANY_ROWS = "Your index holds rows that no query looks for. Which condition leaves them out?"
TOO_WIDE = "Your indexes take more space than needed. Which column, or which rows, does no query look for there?"
DROPPED = "No index is left that this query can use. Which of those that are gone did it use?"


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
    if first not in shape.equal + shape.ranged:
        return _first_not_compared(first, shape)
    if index.partial:
        return NOT_IMPLIED.format(condition=index.condition)
    return COLLATED if index.collated else ""


def _first_not_compared(first: str, shape: Shape) -> str:
    """Why no search can begin with the column `first`, which the query does not compare as it is."""
    if first == EXPRESSION:
        return EXPRESSION_UNUSED
    return WRAPPED.format(column=first) if first in shape.wrapped else NOT_COMPARED.format(first=first)


def work_hint(query: str, access: Access, index: Index | None, table: BaseTable | None, matches: Matches | None) -> str:
    """Why a search by `index` reads more than it must, or nothing if that is not recognised."""
    shape = _shape(query, table)
    if shape is None:
        return ""
    behind = [name for name in index.columns if name in shape.equal and name not in access.equal] if index else []
    if index and behind and not access.equal:
        return ORDER.format(first=index.columns[0])
    if index and not access.columns and index.columns[0] not in shape.equal + shape.ranged:
        return _first_not_compared(index.columns[0], shape)
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
    if index and index.collated:
        return COLLATED
    wanted = [(name, down) for name, down in shape.ordered if name not in access.equal]
    columns = [name for name in index.columns if name not in access.equal] if index else []
    if not index or not wanted or columns[: len(wanted)] != [name for name, _ in wanted]:
        return SORTS
    turned = {(name in index.descending) != down for name, down in wanted}
    return DIRECTION if len(turned) > 1 else ""


def unneeded_hint(column: str, index: Index) -> str:
    """What to ask about a column that helps no query."""
    return (TWICE if index.columns.count(column) > 1 else UNNEEDED).format(column=column, index=index.name)


def read_needed(query: str, access: Access, table: BaseTable | None, covering: bool, slow: bool) -> set[str] | None:
    """The columns by which `query` finds or sorts rows, with those that it reads where an index is to cover it.

    Where it is `slow`, a column that it compares is needed too: it may stand in the wrong place of its index. None if
    the query cannot be read.
    """
    shape = _shape(query, table)
    if shape is None:
        return None
    compared = shape.equal + shape.ranged if slow else ()
    return {*access.columns, *(name for name, _ in shape.ordered), *compared, *(shape.used if covering else ())}
