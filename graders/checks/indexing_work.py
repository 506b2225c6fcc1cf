"""What claims on indexing share: scripts that only make and drop indexes, and counts that leave no trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from graders import Mismatch
from graders.labs import EngineError, Lab
from graders.sql import quote_identifier
from graders.techniques.plans.indexes import apart_from_indexes


@contextmanager
def told(lab: Lab) -> Iterator[None]:
    """What the engine refuses is told to the student: after a script, even our own statements may be refused."""
    try:
        yield
    except EngineError as error:
        raise Mismatch(f"statements that {lab.engine} accepts", f"{lab.engine} says: {error.sentence}") from None


def run_to_the_end(lab: Lab, script: str) -> None:
    """Run `script`, and commit what it has left open; raise `Mismatch` if it is refused."""
    with told(lab):
        lab.run(script)
    with suppress(EngineError):
        lab.execute("COMMIT")


def run_indexes(lab: Lab, script: str) -> None:
    """Run `script` on a SQLite lab; raise `Mismatch` if it is refused, or changes more than indexes."""
    before = apart_from_indexes(lab)
    run_to_the_end(lab, script)
    with told(lab):
        after = apart_from_indexes(lab)
    if after != before:
        hint = "The tables and their rows stay as they are here. Which of your statements does more?"
        raise Mismatch("nothing changed but indexes", "tables or rows that are not as before", hint=hint)


def own_indexes(lab: Lab) -> list[str]:
    """The names of the indexes made by CREATE INDEX, the earlier ones first."""
    return [
        name for (name,) in lab.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").rows
    ]


def steps_of(lab: Lab, statements: Sequence[str]) -> list[int]:
    """The steps that each of `statements` takes on a SQLite lab; each is rolled back."""
    with told(lab):
        return [_steps(lab, statement) for statement in statements]


def _steps(lab: Lab, statement: str) -> int:
    lab.execute("BEGIN")
    try:
        return lab.count_steps(statement)
    finally:
        lab.execute("ROLLBACK")


def steps_without(lab: Lab, index: str, statements: Sequence[str]) -> list[int]:
    """The steps that `statements` would take, one after another, if `index` were not there."""
    with told(lab):
        lab.execute("BEGIN")
        lab.execute(f"DROP INDEX {quote_identifier(index)}")
        taken = [lab.count_steps(statement) for statement in statements]
        lab.execute("ROLLBACK")
        return taken
