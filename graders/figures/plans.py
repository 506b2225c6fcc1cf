"""The plan that EXPLAIN gives back, as a tree in plain text and in HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graders.figures.tables import HIDDEN_FROM_MATH, escape, table_text
from graders.kernel.report import Table

SQLITE_PLAN = ("id", "parent", "notused", "detail")
SQLITE_PROGRAM = ("addr", "opcode", "p1", "p2", "p3", "p4", "p5", "comment")
DUCKDB_PLAN = ("explain_key", "explain_value")
POSTGRESQL_PLAN = ("QUERY PLAN",)


def plan_text(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str | None:
    """Write the rows of an EXPLAIN as text, a tree where the engine gives one; None if they are no plan.

    Which engine made them is told by the column names: SQLite's EXPLAIN QUERY PLAN and EXPLAIN, DuckDB's and
    PostgreSQL's EXPLAIN and EXPLAIN ANALYZE.
    """
    columns = tuple(columns)
    if columns == SQLITE_PLAN:
        return "\n".join(_branches(rows))
    if columns == SQLITE_PROGRAM:
        return table_text(Table("", columns, list(rows)), most_rows=len(rows))
    if columns in (DUCKDB_PLAN, POSTGRESQL_PLAN):
        return "\n".join(str(row[-1]).rstrip() for row in rows)
    return None


def plan_html(text: str) -> str:
    """Draw a plan in a fixed-width font, wide plans with a scroll bar."""
    style = "line-height: 1.25; overflow-x: auto; white-space: pre; color: inherit; background: transparent;"
    return f'<pre {HIDDEN_FROM_MATH} style="{style}">{escape(text)}</pre>'


def _branches(rows, parent=0, indent="") -> list[str]:
    """The lines of the steps below `parent`, drawn as SQLite's own shell draws them."""
    steps = [(row[0], row[3]) for row in rows if row[1] == parent]
    lines = []
    for place, (step, detail) in enumerate(steps, start=1):
        is_last = place == len(steps)
        lines.append(f"{indent}{'└─ ' if is_last else '├─ '}{detail}")
        lines += _branches(rows, step, indent + ("   " if is_last else "│  "))
    return lines
