"""SQLite's plan as a tree: its shape from EXPLAIN QUERY PLAN, how tables are reached from the program."""

from __future__ import annotations

from collections.abc import Sequence

from graders.labs import Lab
from graders.techniques.plans.plan import DISTINCT, GROUP, SORT, STEP, Access, PlanNode
from graders.techniques.plans.sqlite_program import Program, read_program, read_trees

# Words decide only where a step stands in the tree and how it is drawn: a version that words it otherwise gives "step".
LOOPS = {"SCAN", "SEARCH", "USING"}
KINDS = {"ORDER BY": SORT, "GROUP BY": GROUP, "DISTINCT": DISTINCT}


def read_sqlite_plan(lab: Lab, query: str) -> PlanNode:
    """The plan of `query`; raise `EngineError` if SQLite refuses it. Source: https://www.sqlite.org/eqp.html"""
    lines = lab.execute(f"EXPLAIN QUERY PLAN {query}").rows
    left = sqlite_accesses(lab, query)
    placed = {number: _taken(left, words) for number, _, _, words in sorted(lines)}
    return PlanNode(STEP, children=(*_below(0, lines, placed), *(PlanNode(one.how, access=one) for one in left)))


def sqlite_accesses(lab: Lab, query: str) -> list[Access]:
    """How `query` reaches its tables; raise `EngineError` if SQLite refuses it."""
    return Program(read_program(lab, query), read_trees(lab)).accesses()


def _taken(left: list[Access], words: str) -> Access | None:
    """Take out of `left` the access that a line is about, if any."""
    said = words.split()
    for access in left if said[0] in LOOPS else ():
        named = access.index in said if access.index else "INDEX" not in said or "KEY" in said or access.automatic
        if named and (access.table in said or access.index in said or len(left) == 1):
            left.remove(access)
            return access
    return None


def _below(parent: int, lines: Sequence[tuple], placed: dict[int, Access | None]) -> tuple[PlanNode, ...]:
    return tuple(
        PlanNode(_kind(words, placed[number]), words, placed[number], children=_below(number, lines, placed))
        for number, above, _, words in lines
        if above == parent
    )


def _kind(words: str, access: Access | None) -> str:
    if access:
        return access.how
    return next((kind for part, kind in KINDS.items() if words.endswith(part)), STEP)
