"""What a change of a table asks of PostgreSQL: its strongest lock, whether the table is rewritten, and who waits."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from graders.labs import Session, SharedLab, Waits

# From weak to strong; source: PostgreSQL's manual, "Explicit Locking".
MODES = (
    *("AccessShare", "RowShare", "RowExclusive", "ShareUpdateExclusive"),
    *("Share", "ShareRowExclusive", "Exclusive", "AccessExclusive"),
)
HELD = "SELECT mode FROM pg_locks WHERE relation = to_regclass($1) AND pid = $2"


@dataclass(frozen=True)
class Locking:
    """What a statement took: its lock ("AccessExclusive"), a rewritten table or not, and who had to wait for it."""

    statement: str
    lock: str
    rewritten: bool
    readers_wait: bool
    writers_wait: bool


def locking_of(lab: SharedLab, table: str, statement: str) -> Locking:
    """Run `statement`, which changes `table`, on a PostgreSQL lab and look at it before it is rolled back.

    A statement with CONCURRENTLY allows no transaction: it is held up by another writer, looked at, and completed.
    """
    if "CONCURRENTLY" in statement:
        return _held_up(lab, table, statement)
    with lab.connect() as change:
        change.execute("BEGIN")
        before = _file_of(change, table)
        change.execute(statement)
        return _looked_at(lab, table, statement, change, _file_of(change, table) != before)


def _held_up(lab: SharedLab, table: str, statement: str) -> Locking:
    with lab.connect() as writer, lab.connect() as change:
        writer.execute("BEGIN")
        writer.execute(f"DELETE FROM {table} WHERE false")
        before = _file_of(writer, table)
        with suppress(Waits):
            change.execute(statement)
        found = _looked_at(lab, table, statement, change, False)
        writer.execute("COMMIT")
        change.execute(statement)
        return replace(found, rewritten=_file_of(change, table) != before)


def _looked_at(lab: SharedLab, table: str, statement: str, change: Session, rewritten: bool) -> Locking:
    held = lab.execute(HELD, (table, change.connection.info.backend_pid)).rows
    modes = [mode.removesuffix("Lock") for (mode,) in held]
    with lab.connect() as other:
        waits = [_must_wait(other, asked.format(table)) for asked in ("SELECT * FROM {}", "DELETE FROM {}")]
    return Locking(statement, max(modes, key=MODES.index, default="none"), rewritten, *waits)


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
