"""Claims on a change of a table that has to wait: it gives up soon, so that nobody waits behind it, and comes again."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.postgresql.shop import ON_POSTGRESQL, open_shop, read_statements, shorten
from graders.labs import EngineError, Session, SharedLab, Waits

COLUMN = """SELECT format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = to_regclass('public.orders') AND attname = 'shipped_at'"""
LIMITS = "SELECT setting::int FROM pg_settings WHERE name IN ('lock_timeout', 'statement_timeout') AND setting <> '0'"
MAX_MILLISECONDS = 2_000
# For a statement that sets its own limit inside, such as DO; whoever gives up in time is never waited for so long.
SECONDS_TO_GIVE_UP = 4
GAVE_UP = ("55P03", "57014")


@dataclass(frozen=True)
class Try:
    """What became of one run of the script."""

    waits: str = ""
    """The statement that would wait longer than the task allows, "" if none does."""
    limit: int = 0
    """After how many milliseconds that statement would give up; 0 for never."""
    refusal: EngineError | None = None
    """What ended the run."""
    unheeded: bool = False
    """Whether it has a SET LOCAL outside a transaction, which holds for nothing."""

    @property
    def gave_up(self) -> bool:
        """Whether it met the lock and left the queue by itself."""
        return self.refusal is not None and self.refusal.code in GAVE_UP


@dataclass(frozen=True)
class Change:
    """The script run beside a report, and once more when the report has ended."""

    beside: Try
    later: Try
    report_ended: bool
    """Whether somebody has ended the session of the report."""
    kind: str
    """The type of the new column as another session sees it afterwards; "" if it is not there."""


@experiment("give-up-soon", condition="your script holds a statement", description=ON_POSTGRESQL)
def change_beside_report(attempt: Attempt) -> Change:
    """Run the script while a report reads `orders`, and again when it has committed, each time in a new session."""
    statements = read_statements(attempt.answer)
    with open_shop(attempt.seed, users=20, orders=40) as lab:
        report = lab.connect()
        report.execute("BEGIN")
        report.execute("SELECT sum(total_amount) FROM orders")
        beside = _try(lab, statements)
        ended = not _commits(report)
        later = _try(lab, statements)
        kinds = lab.execute(COLUMN).rows
        return Change(beside, later, ended, kinds[0][0] if kinds else "")


def _commits(report: Session) -> bool:
    with suppress(EngineError):
        report.execute("SELECT 1 FROM orders LIMIT 1")
        report.execute("COMMIT")
        return True
    return False


def _try(lab: SharedLab, statements: list[str]) -> Try:
    """Run the statements as psql does that stops at the first error, and then leave."""
    unheeded = False
    with lab.connect() as session:
        for statement in statements:
            limit = _read_limit(session)
            unheeded = unheeded or (is_local(statement) and not session.in_transaction())
            try:
                _execute(session, statement, limit)
            except Waits:
                return Try(waits=statement, limit=limit, unheeded=unheeded)
            except EngineError as refusal:
                return Try(refusal=refusal)
    return Try()


def is_local(statement: str) -> bool:
    """Whether it is a SET LOCAL."""
    return statement.upper().split()[:2] == ["SET", "LOCAL"]


def _read_limit(session: Session) -> int:
    """After how many milliseconds a statement gives up, 0 if it never does."""
    with suppress(EngineError):
        return min((limit for (limit,) in session.execute(LIMITS).rows), default=0)
    return 0


def _execute(session: Session, statement: str, limit: int) -> None:
    """Run a statement, and wait for it to give up where it says that it soon will; else raise `Waits`."""
    until = time.monotonic() + SECONDS_TO_GIVE_UP
    is_block = statement.lstrip()[:2].upper() == "DO"
    while True:
        try:
            session.execute(statement)
            return
        except Waits:
            if not (0 < limit <= MAX_MILLISECONDS or (is_block and time.monotonic() < until)):
                raise


@claim(change_beside_report)
def adds_the_column_later(change: Change) -> None:
    """when the report has ended, your script adds `shipped_at` with the type timestamptz, for all to see"""
    if change.later.refusal:
        raise Mismatch("a script that runs", change.later.refusal.says)
    if change.kind != "timestamp with time zone":
        hint = (
            "The script has run to its end and its session is gone. What becomes of a transaction that nobody commits?"
        )
        opened = change.beside.gave_up or bool(change.beside.waits)
        found = f"a column of the type {change.kind}" if change.kind else "no such column"
        raise Mismatch("the column `shipped_at timestamptz`", found, hint if opened and not change.kind else "")


@claim(change_beside_report, weight=2)
def gives_up_beside_report(change: Change) -> None:
    """while the report runs, your script gives up within two seconds"""
    if change.report_ended:
        hint = "The report is somebody's work, and it is lost. What can your own session do without?"
        raise Mismatch("a report that goes on", "its session was ended", hint)
    if change.beside.waits:
        limit = change.beside.limit
        found = f"`{shorten(change.beside.waits)}` waits" + (
            f" for {limit / 1000:g} s" if limit else ", without an end"
        )
        raise Mismatch("a script that leaves the queue within two seconds", found, _hint(change.beside))
    if not change.beside.gave_up:
        raise Mismatch("a script that meets the lock and gives up", str(change.beside.refusal or "it went through"))


def _hint(beside: Try) -> str:
    if beside.limit:
        return "All who come while it waits, wait behind it. How long may the shop stand still?"
    if beside.unheeded:
        return "SET LOCAL holds until the transaction ends. In which transaction of your script is the ALTER?"
    return "It stands in the queue, and all who come later stand behind it. Which setting makes it leave in time?"
