"""Completes SQL with Tab in `%%sql` cells and in answers: keywords, and the tables and columns of the open lab."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from graders.kernel.exercise import find_exercise
from graders.labs import EngineError, Lab

FIRST_LINE = re.compile(r"\s*%%(sql|answer)\b\s*(\S*)")
WORD_BEFORE = re.compile(r"(?:(\w+)\.)?(\w*)$")
KEYWORDS = re.findall(
    r"\w+",
    """
    SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET DISTINCT AS JOIN LEFT ON USING UNION ALL EXCEPT INTERSECT WITH
    INSERT INTO VALUES UPDATE SET DELETE RETURNING CREATE TABLE INDEX UNIQUE VIEW TRIGGER ALTER DROP ADD COLUMN RENAME
    TO PRIMARY KEY FOREIGN REFERENCES CHECK DEFAULT NOT NULL AND OR IN IS LIKE BETWEEN EXISTS CASE WHEN THEN ELSE END
    BEGIN IMMEDIATE COMMIT ROLLBACK SAVEPOINT RELEASE COUNT SUM AVG MIN MAX COALESCE CAST EXPLAIN QUERY PLAN ASC DESC
    """,
)


def make_sql_matcher(current_lab: Callable[[], Lab | None]) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """A matcher for IPython that completes SQL by what `current_lab()` holds, and leaves all other cells alone."""

    @context_matcher(identifier="graders.sql")
    def match_sql(context: CompletionContext) -> SimpleMatcherResult:
        if not is_sql(context.full_text):
            return {"completions": []}
        before = context.line_with_cursor[: context.cursor_position]
        found = WORD_BEFORE.search(before)
        table, word = found.groups() if found else ("", "")
        words = [
            SimpleCompletion(text, type=kind) for text, kind in _words(current_lab(), table) if _begins(text, word)
        ]
        return {"completions": words, "matched_fragment": word, "suppress": True, "ordered": True}

    return match_sql


def is_sql(cell: str) -> bool:
    """Whether the cell is SQL: a `%%sql` cell, or an answer to an exercise that asks for SQL."""
    match = FIRST_LINE.match(cell)
    if match is None:
        return False
    return match[1] == "sql" or _asks_for_sql(match[2])


@cache
def _asks_for_sql(name: str) -> bool:
    exercise = find_exercise(name)
    return exercise is not None and exercise.kind == "sql"


def _begins(text: str, word: str) -> bool:
    return text.casefold().startswith(word.casefold())


def _words(lab: Lab | None, table: str | None) -> Iterator[tuple[str, str]]:
    """What may stand here, each with its kind: after `table.` its columns, else names before keywords."""
    tables = _columns_by_table(lab) if lab else {}
    if table:
        same = (columns for name, columns in tables.items() if name.casefold() == table.casefold())
        yield from ((column, "column") for columns in same for column in columns)
        return
    yield from ((name, "table") for name in tables)
    yield from ((column, "column") for column in dict.fromkeys(c for columns in tables.values() for c in columns))
    yield from ((keyword, "keyword") for keyword in KEYWORDS)


def _columns_by_table(lab: Lab) -> dict[str, list[str]]:
    try:
        return {table: lab.columns(table) for table in lab.tables()}
    except (EngineError, LookupError, ValueError):
        return {}
