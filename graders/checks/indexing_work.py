"""What claims on indexing share: scripts that only make and drop indexes, and counts that leave no trace."""

from __future__ import annotations

from collections.abc import Sequence

from graders import Mismatch
from graders.labs import EngineError, Lab

MADE_OF = (
    "SELECT type, name, sql FROM sqlite_schema WHERE type <> 'index' AND name NOT LIKE 'sqlite_stat%' ORDER BY 1, 2"
)


def run_indexes(lab: Lab, script: str) -> None:
    """Run `script` on a SQLite lab; raise `Mismatch` if it is refused, or changes more than indexes."""
    before = _apart_from_indexes(lab)
    try:
        lab.run(script)
    except EngineError as error:
        raise Mismatch("statements that SQLite accepts", f"SQLite says: {error.sentence}") from None
    if _apart_from_indexes(lab) != before:
        hint = "The tables and their rows stay as they are here. Which of your statements does more?"
        raise Mismatch("nothing changed but indexes", "tables or rows that are not as before", hint=hint)


def _apart_from_indexes(lab: Lab) -> tuple[list, int]:
    return lab.execute(MADE_OF).rows, lab.execute("SELECT total_changes()").rows[0][0]


def own_indexes(lab: Lab) -> list[str]:
    """The names of the indexes made by CREATE INDEX, the earlier ones first."""
    return [
        name for (name,) in lab.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").rows
    ]


def steps_of(lab: Lab, statements: Sequence[str]) -> list[int]:
    """The steps that each of `statements` takes on a SQLite lab; each is rolled back."""
    return [_steps(lab, statement) for statement in statements]


def _steps(lab: Lab, statement: str) -> int:
    lab.execute("BEGIN")
    try:
        return lab.count_steps(statement)
    finally:
        lab.execute("ROLLBACK")


def steps_without(lab: Lab, index: str, statements: Sequence[str]) -> list[int]:
    """The steps that `statements` would take, one after another, if `index` were not there."""
    lab.execute("BEGIN")
    try:
        lab.execute(f'DROP INDEX "{index}"')
        return [lab.count_steps(statement) for statement in statements]
    finally:
        lab.execute("ROLLBACK")
