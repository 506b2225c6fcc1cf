"""Shows what a change of a table takes on PostgreSQL: its strongest lock, a rewrite of the table, and who waits."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from graders.labs import Session, SharedLab, Waits

# From weak to strong; source: PostgreSQL's manual, "Explicit Locking".
LOCK_MODES = (
    *("AccessShare", "RowShare", "RowExclusive", "ShareUpdateExclusive"),
    *("Share", "ShareRowExclusive", "Exclusive", "AccessExclusive"),
)
HELD_LOCKS = "SELECT mode FROM pg_locks WHERE relation = to_regclass($1) AND pid = $2"


@dataclass(frozen=True)
class Locking:
    """What a statement took of a table."""

    statement: str
    lock: str
    """The strongest lock, such as "AccessExclusive", or "none"."""
    rewritten: bool
    """Whether the whole table was written anew."""
    readers_wait: bool
    """Whether a SELECT of another session had to wait."""
    writers_wait: bool
    """Whether a DELETE of another session had to wait."""


def measure_locking(lab: SharedLab, table: str, statement: str) -> Locking:
    """Run `statement`, which changes `table`, on a PostgreSQL lab and look at its locks before it is rolled back.

    A statement with CONCURRENTLY allows no transaction: it is held up by another writer, looked at, and completed.
    """
    if "CONCURRENTLY" in statement:
        return _measure_held_up(lab, table, statement)
    with lab.connect() as change:
        change.execute("BEGIN")
        before = _file_of(change, table)
        change.execute(statement)
        return _observe_locks(lab, table, statement, change, _file_of(change, table) != before)


def _measure_held_up(lab: SharedLab, table: str, statement: str) -> Locking:
    with lab.connect() as writer, lab.connect() as change:
        writer.execute("BEGIN")
        writer.execute(f"DELETE FROM {table} WHERE false")
        before = _file_of(writer, table)
        with suppress(Waits):
            change.execute(statement)
        locking = _observe_locks(lab, table, statement, change, False)
        writer.execute("COMMIT")
        change.execute(statement)
        return replace(locking, rewritten=_file_of(change, table) != before)


def _observe_locks(lab: SharedLab, table: str, statement: str, change: Any, rewritten: bool) -> Locking:
    held = lab.execute(HELD_LOCKS, (table, change.connection.info.backend_pid)).rows
    modes = [mode.removesuffix("Lock") for (mode,) in held]
    strongest = max(modes, key=LOCK_MODES.index, default="none")
    with lab.connect() as other:
        reader_waits, writer_waits = (_must_wait(other, f"{verb} FROM {table}") for verb in ("SELECT *", "DELETE"))
    return Locking(statement, strongest, rewritten, reader_waits, writer_waits)


def _file_of(session: Session, table: str) -> int:
    return session.execute("SELECT pg_relation_filenode(to_regclass($1))", (table,)).rows[0][0]


def _must_wait(session: Session, statement: str) -> bool:
    session.execute("BEGIN")
    try:
        session.execute(statement)
        return False
    except Waits:
        return True
    finally:
        session.rollback()
