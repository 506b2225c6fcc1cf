"""PostgreSQL's plan as a tree, read from EXPLAIN in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlglot import exp

from graders.labs import Lab
from graders.sql.parsing import parse
from graders.techniques.plans.plan import (
    COVERING_SCAN,
    COVERING_SEARCH,
    DISTINCT,
    GROUP,
    JOIN,
    SCAN,
    SEARCH,
    SORT,
    STEP,
    Access,
    PlanNode,
)

KINDS = {
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
    return _node(document[0]["Plan"])


def count_pages(document: list[dict[str, Any]]) -> dict[str, int]:
    """How many pages the whole statement asked for, by where they were; the top step counts those below it too."""
    return {words: document[0]["Plan"].get(name, 0) for name, words in BLOCKS.items()}


def _node(step: dict[str, Any]) -> PlanNode:
    access = _access(step)
    below = [] if access else step.get("Plans", [])
    rows = step.get("Actual Rows")
    return PlanNode(
        access.how if access else KINDS.get(step["Node Type"], STEP),
        step["Node Type"],
        access,
        None if rows is None else round(rows * step.get("Actual Loops", 1)),
        step.get("Plan Rows"),
        children=tuple(map(_node, below)),
    )


def _access(step: dict[str, Any]) -> Access | None:
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


def _compared(parsed: exp.Expression, kinds: tuple[type, ...]) -> tuple[str, ...]:
    sides = (one.this for one in parsed.find_all(*kinds))
    columns = (side if isinstance(side, exp.Column) else side.find(exp.Column) for side in sides)
    return tuple(dict.fromkeys(column.name for column in columns if column is not None))
