"""DuckDB's plan as a tree, read from the profile of a run, which is JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from graders.labs import Lab
from graders.techniques.plans.plan import DISTINCT, GROUP, JOIN, SCAN, SEARCH, SORT, STEP, Access, PlanNode

KINDS = {"ORDER_BY": SORT, "TOP_N": SORT, "DISTINCT": DISTINCT, "WINDOW": SORT}
FRAMES = {"RESULT_COLLECTOR", "EXPLAIN_ANALYZE"}
MEASURES = {
    "rows_scanned": "rows scanned",
    "row_groups_scanned": "row groups scanned",
    "total_row_groups_to_scan": "row groups in all",
}


def read_profile(lab: Lab, query: str) -> list[dict[str, Any]]:
    """Run `query` and give the operators at the top of its profile; raise `EngineError` if DuckDB refuses it.

    A plain EXPLAIN would not tell whether an index is used: that is decided when the query runs.
    Source: https://duckdb.org/docs/stable/dev/profiling
    """
    profile = json.loads(lab.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").rows[0][-1])
    return profile.get("operator") or profile.get("children") or []


def read_duckdb_plan(lab: Lab, query: str) -> PlanNode:
    """The plan of `query`, which is run for it; raise `EngineError` if DuckDB refuses it."""
    return PlanNode(STEP, children=tuple(_nodes(read_profile(lab, query))))


def count_scans(lab: Lab, query: str) -> dict[str, int]:
    """Run `query` and give what its scans of tables read: rows, row groups, and how many row groups there are."""
    operators = list(_walk(read_profile(lab, query)))
    return {words: sum(int(one.get(name) or 0) for one in operators) for name, words in MEASURES.items()}


def _walk(operators: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for operator in operators:
        yield operator
        yield from _walk(operator.get("children", []))


def _nodes(operators: list[dict[str, Any]]) -> Iterator[PlanNode]:
    for operator in operators:
        below = tuple(_nodes(operator.get("children", [])))
        if operator["type"] in FRAMES:
            yield from below
        else:
            yield _node(operator).above(*below)


def _node(operator: dict[str, Any]) -> PlanNode:
    facts = operator.get("extra_info", {})
    estimated = facts.get("Estimated Cardinality")
    access = _access(facts) if operator["type"] == "TABLE_SCAN" else None
    return PlanNode(
        _kind(operator["type"], access),
        operator["type"].replace("_", " ").lower(),
        access,
        operator.get("intermediate_rows"),
        int(estimated) if estimated is not None else None,
        operator.get("rows_scanned"),
    )


def _access(facts: dict[str, Any]) -> Access:
    table = facts.get("Table", "").rpartition(".")[2]
    return Access(table, SEARCH if facts.get("Type") == "Index Scan" else SCAN)


def _kind(operator: str, access: Access | None) -> str:
    if access:
        return access.how
    families = (kind for part, kind in (("_JOIN", JOIN), ("GROUP_BY", GROUP), ("AGGREGATE", GROUP)) if part in operator)
    return KINDS.get(operator) or next(families, STEP)
