"""Plans in one vocabulary for all engines, and how those that DuckDB and PostgreSQL write in JSON are read into it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from graders.labs import Lab
from graders.sql.parsing import parse

SCAN, SEARCH, ROWID = "scan", "search", "rowid"
COVERING_SCAN, COVERING_SEARCH = "scan of a covering index", "search of a covering index"
SORT, JOIN, GROUP, DISTINCT, STEP = "sort", "join", "group", "distinct", "step"
DUCKDB_KINDS = {"ORDER_BY": SORT, "TOP_N": SORT, "DISTINCT": DISTINCT, "WINDOW": SORT}
FRAMES = {"RESULT_COLLECTOR", "EXPLAIN_ANALYZE"}
MEASURES = {
    "rows_scanned": "rows scanned",
    "row_groups_scanned": "row groups scanned",
    "total_row_groups_to_scan": "row groups in all",
}
POSTGRESQL_KINDS = {
    "Sort": SORT,
    "Incremental Sort": SORT,
    "Hash Join": JOIN,
    "Merge Join": JOIN,
    "Nested Loop": JOIN,
    "Aggregate": GROUP,
    "Group": GROUP,
    "Unique": DISTINCT,
}
BLOCKS = {"Shared Hit Blocks": "pages found in memory", "Shared Read Blocks": "pages read from disk"}
EQUAL = (exp.EQ, exp.In, exp.Is)
RANGED = (exp.GT, exp.GTE, exp.LT, exp.LTE)


@dataclass(frozen=True)
class Access:
    """How a statement reaches one table.

    `method` is "scan" (every row), "search" (only the entries that match, through an index), "rowid" (only the rows
    that match, in the table itself, which is ordered by its key), or "scan of a covering index" and "search of a
    covering index", which never touch the table. `equal` are the columns searched by equality, `ranged` those
    searched by a range after them; an expression stands as "(expression)". `index` is "" where there is none or its
    name is not known; a `partial` one has not all rows, an `automatic` one is made for this one statement.
    """

    table: str
    method: str
    index: str = ""
    equal: tuple[str, ...] = ()
    ranged: tuple[str, ...] = ()
    partial: bool = False
    automatic: bool = False

    @property
    def searches(self) -> bool:
        """Whether only a part of the rows is read, and through something that lasts."""
        return (self.partial or self.method in (SEARCH, COVERING_SEARCH, ROWID)) and not self.automatic

    @property
    def covering(self) -> bool:
        """Whether the index alone answers, without the table."""
        return self.method in (COVERING_SCAN, COVERING_SEARCH)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are searched, those by equality first."""
        return self.equal + self.ranged

    def __str__(self) -> str:
        way = f"{'scan' if self.method in (SCAN, COVERING_SCAN) else 'search'} of `{self.table}`"
        columns = [f"{name} =" for name in self.equal] + [f"{name} in a range" for name in self.ranged]
        return f"{way}{self._through()}{': ' if columns else ''}{', '.join(columns)}"

    def _through(self) -> str:
        if self.automatic:
            return " by an index made for this statement only"
        if self.method == ROWID:
            return " by its primary key"
        kind = "covering index" if self.covering else "partial index" if self.partial else "index"
        return f" by the {kind} `{self.index}`" if self.index else ""


@dataclass(frozen=True)
class PlanNode:
    """One step of a plan and the steps below it, which it reads from.

    `kind` is the `method` of an access, or "join", "group", "sort", "distinct", or "step" for everything else; a sort
    is one that had to be done, because no index gives the order. `rows` is what the step gave out, None where the
    engine does not say; `estimated` is what it expected. `words` are the engine's own, for people.
    """

    kind: str
    words: str = ""
    access: Access | None = None
    rows: int | None = None
    estimated: int | None = None
    scanned: int | None = None
    children: tuple[PlanNode, ...] = ()

    @property
    def table(self) -> str:
        """The table that this step reads, or ""."""
        return self.access.table if self.access else ""

    @property
    def index(self) -> str:
        """The index that this step reads, or ""."""
        return self.access.index if self.access else ""

    def walk(self) -> Iterator[PlanNode]:
        """This step and every step below it, each before those it reads from."""
        yield self
        for child in self.children:
            yield from child.walk()

    def kinds(self) -> list[str]:
        """The kinds of all steps, in the order of `walk`."""
        return [node.kind for node in self.walk()]

    def accesses(self) -> list[Access]:
        """How each table is reached, in the order of `walk`."""
        return [node.access for node in self.walk() if node.access]

    def with_children(self, *children: PlanNode) -> PlanNode:
        """This step with `children` below it."""
        return replace(self, children=children)


def read_profile(lab: Lab, query: str) -> list[dict[str, Any]]:
    """Run `query` and give the operators at the top of its profile; raise `EngineError` if DuckDB refuses it.

    A plain EXPLAIN would not tell whether an index is used: that is decided when the query runs.
    Source: https://duckdb.org/docs/stable/dev/profiling
    """
    profile = json.loads(lab.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").rows[0][-1])
    return profile.get("operator") or profile.get("children") or []


def read_duckdb_plan(lab: Lab, query: str) -> PlanNode:
    """The plan of `query`, which is run for it; raise `EngineError` if DuckDB refuses it."""
    return PlanNode(STEP, children=tuple(_duckdb_steps(read_profile(lab, query))))


def count_scans(lab: Lab, query: str) -> dict[str, int]:
    """Run `query` and give what its scans of tables read: rows, row groups, and how many row groups there are."""
    operators = list(_all_operators(read_profile(lab, query)))
    return {words: sum(int(one.get(name) or 0) for one in operators) for name, words in MEASURES.items()}


def _all_operators(operators: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for operator in operators:
        yield operator
        yield from _all_operators(operator.get("children", []))


def _duckdb_steps(operators: list[dict[str, Any]]) -> Iterator[PlanNode]:
    for operator in operators:
        below = tuple(_duckdb_steps(operator.get("children", [])))
        if operator["type"] in FRAMES:
            yield from below
        else:
            yield _duckdb_step(operator).with_children(*below)


def _duckdb_step(operator: dict[str, Any]) -> PlanNode:
    facts = operator.get("extra_info", {})
    estimated = facts.get("Estimated Cardinality")
    access = _duckdb_access(facts) if operator["type"] == "TABLE_SCAN" else None
    return PlanNode(
        _duckdb_kind(operator["type"], access),
        operator["type"].replace("_", " ").lower(),
        access,
        operator.get("intermediate_rows"),
        int(estimated) if estimated is not None else None,
        operator.get("rows_scanned"),
    )


def _duckdb_access(facts: dict[str, Any]) -> Access:
    table = facts.get("Table", "").rpartition(".")[2]
    return Access(table, SEARCH if facts.get("Type") == "Index Scan" else SCAN)


def _duckdb_kind(operator: str, access: Access | None) -> str:
    if access:
        return access.method
    families = (kind for part, kind in (("_JOIN", JOIN), ("GROUP_BY", GROUP), ("AGGREGATE", GROUP)) if part in operator)
    return DUCKDB_KINDS.get(operator) or next(families, STEP)


def read_postgresql_plan(lab: Lab, query: str) -> PlanNode:
    """The plan of `query`, which is run for it; raise `EngineError` if PostgreSQL refuses it."""
    return plan_from_json(read_document(lab, query))


def read_document(lab: Lab, query: str) -> list[dict[str, Any]]:
    """Run `query` and give its plan as PostgreSQL writes it, with the rows and pages of each step.

    Source: https://www.postgresql.org/docs/current/sql-explain.html
    """
    document = lab.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}").rows[0][0]
    return json.loads(document) if isinstance(document, str) else document


def plan_from_json(document: list[dict[str, Any]]) -> PlanNode:
    """The plan in a JSON document of PostgreSQL's EXPLAIN."""
    return _postgresql_step(document[0]["Plan"])


def count_pages(document: list[dict[str, Any]]) -> dict[str, int]:
    """How many pages the whole statement asked for, by where they were; the top step counts those below it too."""
    return {words: document[0]["Plan"].get(name, 0) for name, words in BLOCKS.items()}


def _postgresql_step(step: dict[str, Any]) -> PlanNode:
    access = _postgresql_access(step)
    below = [] if access else step.get("Plans", [])
    rows = step.get("Actual Rows")
    return PlanNode(
        access.method if access else POSTGRESQL_KINDS.get(step["Node Type"], STEP),
        step["Node Type"],
        access,
        None if rows is None else round(rows * step.get("Actual Loops", 1)),
        step.get("Plan Rows"),
        children=tuple(map(_postgresql_step, below)),
    )


def _postgresql_access(step: dict[str, Any]) -> Access | None:
    table = step.get("Relation Name")
    if table is None:
        return None
    kind = step["Node Type"]
    if kind == "Bitmap Heap Scan":
        inner = next(_bitmap_indexes(step["Plans"]))
        return Access(table, SEARCH, inner["Index Name"], *_searched(inner.get("Index Cond", "")))
    if kind not in ("Index Scan", "Index Only Scan"):
        return Access(table, SCAN)
    equal, ranged = _searched(step.get("Index Cond", ""))
    hows = (SCAN, SEARCH) if kind == "Index Scan" else (COVERING_SCAN, COVERING_SEARCH)
    return Access(table, hows[bool(equal + ranged)], step["Index Name"], equal, ranged)


def _bitmap_indexes(steps: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        if "Index Name" in step:
            yield step
        yield from _bitmap_indexes(step.get("Plans", []))


def _searched(condition: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that an index condition, an expression in SQL, compares by equality and by a range."""
    if not condition:
        return (), ()
    parsed = parse(condition, "PostgreSQL")
    equal = _compared(parsed, EQUAL)
    return equal, tuple(name for name in _compared(parsed, RANGED) if name not in equal)


def _compared(parsed: exp.Expr, kinds: tuple[type[exp.Expr], ...]) -> tuple[str, ...]:
    sides = (one.this for one in parsed.find_all(*kinds))
    columns = (side if isinstance(side, exp.Column) else side.find(exp.Column) for side in sides)
    return tuple(dict.fromkeys(column.name for column in columns if column is not None))
