"""Recognises why an index does not help a query, from the index's columns and what the query asks."""

from __future__ import annotations

from collections.abc import Sequence

from graders.labs import Lab
from graders.sql import quote_identifier
from graders.sql.parsing import Unreadable
from graders.techniques.plans.indexes import Index
from graders.techniques.plans.plan import Access
from graders.techniques.plans.query_shape import Shape, shape_of
from graders.techniques.plans.sqlite_program import EXPRESSION

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
NOT_ASKED = "Your index is ordered by `{first}` first. Does this query say anything about `{first}`?"
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
TOO_WIDE = "Your indexes take more room than needed. Which column, or which rows, does no query look for there?"
DROPPED = "No index is left that this query can use. Which of those that are gone did it use?"
REFUSED = "Your index refuses a row that the table used to take. Is a rule asked for here?"


def unused_hint(lab: Lab, query: str, scanned: Access, indexes: Sequence[Index]) -> str:
    """Why `query` scans a table although `indexes` were made, or nothing if that is not recognised."""
    if not indexes:
        return DROPPED
    near = [index for index in indexes if index.table == scanned.table]
    if not near:
        return WRONG_TABLE.format(table=scanned.table)
    try:
        shape = shape_of(lab, query, scanned.table)
    except Unreadable:
        return ""
    return next(filter(None, (_unused(index, shape) for index in near)), "")


def _unused(index: Index, shape: Shape) -> str:
    first = index.columns[0]
    if first == EXPRESSION:
        return EXPRESSION_UNUSED
    if first in shape.wrapped:
        return WRAPPED.format(column=first)
    if first in shape.equal + shape.ranged:
        return NOT_IMPLIED if index.partial else ""
    return NOT_ASKED.format(first=first)


def work_hint(lab: Lab, query: str, access: Access, index: Index | None) -> str:
    """Why a search by `index` reads more than it must, or nothing if that is not recognised."""
    try:
        shape = shape_of(lab, query, access.table)
    except Unreadable:
        return ""
    behind = [name for name in index.columns if name in shape.equal and name not in access.equal] if index else []
    if behind and not access.equal:
        return ORDER.format(first=index.columns[0])
    if any(name not in access.columns for name in shape.equal + shape.ranged):
        return _selectivity_hint(lab, access, shape)
    return ""


def _selectivity_hint(lab: Lab, access: Access, shape: Shape) -> str:
    """To how many rows a search leads whose query has a condition more than it uses."""
    tests = [shape.tests[name] for name in access.columns if name in shape.tests]
    if not tests or len(tests) < len(access.columns):
        return ""
    counts = f"SELECT count(*), total({' AND '.join(tests)}) FROM {quote_identifier(access.table)}"
    total, found = lab.execute(counts).rows[0]
    return NOT_SELECTIVE.format(columns=", ".join(access.columns), found=f"{found:,.0f}", rows=f"{total:,}")


def covering_hint(lab: Lab, query: str, access: Access, index: Index | None) -> str:
    """Which column the index lacks for `query`, or nothing if that is not recognised."""
    try:
        used = shape_of(lab, query, access.table).used
    except Unreadable:
        return ""
    keys = lab.execute("SELECT name FROM pragma_table_info(?) WHERE pk = 1", (access.table,)).rows
    held = (*(index.columns if index else ()), *(name for (name,) in keys))
    missing = [name for name in used if name not in held]
    return NOT_COVERING.format(column=missing[0]) if missing else ""


def sort_hint(lab: Lab, query: str, access: Access, index: Index | None) -> str:
    """Why the index does not give the order that `query` asks for, or nothing if that is not recognised."""
    try:
        shape = shape_of(lab, query, access.table)
    except Unreadable:
        return ""
    asked = [(name, down) for name, down in shape.ordered if name not in access.equal]
    columns = [name for name in index.columns if name not in access.equal] if index else []
    if not asked or columns[: len(asked)] != [name for name, _ in asked]:
        return SORTS
    turned = {(name in index.descending) != down for name, down in asked}
    return DIRECTION if len(turned) > 1 else ""
