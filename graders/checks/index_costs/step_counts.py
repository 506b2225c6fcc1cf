"""Steps of statements on a SQLite lab, counted so that nothing is left behind."""

from __future__ import annotations

from collections.abc import Sequence

from graders import Mismatch
from graders.labs import EngineError, Lab
from graders.sql import quote_identifier


def read_index_names(lab: Lab) -> list[str]:
    """The names of the indexes made by CREATE INDEX, the earlier ones first."""
    made = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    return [name for (name,) in lab.execute(made).rows]


def count_steps(lab: Lab, statements: Sequence[str]) -> list[int]:
    """The steps that each of `statements` takes on a SQLite lab; each is rolled back."""
    return [_count_alone(lab, [statement])[0] for statement in statements]


def count_steps_without(lab: Lab, index: str, statements: Sequence[str]) -> list[int]:
    """The steps that `statements` would take, one after another, if `index` were not there."""
    return _count_alone(lab, statements, f"DROP INDEX {quote_identifier(index)}")


def _count_alone(lab: Lab, statements: Sequence[str], before: str = "") -> list[int]:
    """Count the steps of `statements` in a transaction that is rolled back; after a script, ours may be refused too."""
    try:
        lab.execute("BEGIN")
        if before:
            lab.execute(before)
        return [lab.count_steps(statement) for statement in statements]
    except EngineError as error:
        raise Mismatch(f"statements that {lab.engine} accepts", f"{lab.engine} says: {error.sentence}") from None
    finally:
        lab.outcomes(["ROLLBACK"])
