"""What claims on indexing share: scripts that only make and drop indexes, and counts that leave no trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from graders import Mismatch
from graders.labs import EngineError, Lab

MADE_OF = (
    "SELECT type, name, sql FROM sqlite_schema WHERE type <> 'index' AND name NOT LIKE 'sqlite_stat%' ORDER BY 1, 2"
)


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
    before = _apart_from_indexes(lab)
    run_to_the_end(lab, script)
    with told(lab):
        after = _apart_from_indexes(lab)
    if after != before:
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
        lab.execute(f'DROP INDEX "{index}"')
        taken = [lab.count_steps(statement) for statement in statements]
        lab.execute("ROLLBACK")
        return taken
