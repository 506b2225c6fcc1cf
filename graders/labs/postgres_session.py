"""One connection to PostgreSQL that never blocks its caller: a statement that waits for a lock says so.

PostgreSQL lets a statement wait until the other transaction ends. Every call is therefore a generator that runs as
far as the server has answered; while it has not, the server is asked whom the call waits for. `Waits` is raised
once the server's own search for deadlocks has passed over it; the statement goes on waiting, and the same call made
again gives its result as soon as there is one. Of the sessions in a deadlock, the one that closed the circle gets
the error, SQLSTATE 40P01. Any other call gives a waiting statement up; in autocommit it may have been done by then.

A statement that waited goes on by itself when its lock is free. After each call, the other sessions are therefore
given the time to come as far as they can, so that the same calls in the same order have the same outcome.
"""

from __future__ import annotations

import select
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq import abc as pq_abc
from psycopg.sql import SQL, Identifier

from graders.labs.lab import MAX_NESTING, EngineError, OutOfBounds, Result, Row, TooDeep, Waits, size_of
from graders.labs.postgres_server import CallBound, Server
from graders.labs.shared import Session
from graders.sql import first_keyword, split_statements

ENGINE = "PostgreSQL"
ISOLATION_LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
INSUFFICIENT_PRIVILEGE = "42501"
LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"
SECONDS_BETWEEN_LOOKS = 0.005

Call = Generator[None, None, Any]


class PostgresSession(Session):
    """A connection as an ordinary role; `seconds` bounds a call, `max_rows` its rows.

    With `autocommit`, BEGIN, COMMIT and ROLLBACK mean what they say; without, a transaction is opened before the
    first statement, as Python's DB-API has it. `isolation` is the level of new transactions; `company` are the
    sessions on the same database, which this one joins.
    """

    engine = ENGINE
    max_rows = 100_000

    def __init__(
        self,
        server: Server,
        access: dict[str, Any],
        *,
        isolation: str = "READ COMMITTED",
        autocommit: bool = True,
        seconds: float = 20,
        company: list[PostgresSession] | None = None,
    ):
        if isolation not in ISOLATION_LEVELS:
            raise ValueError(f"PostgreSQL's isolation levels are {', '.join(ISOLATION_LEVELS)}; not {isolation}")
        self.server = server
        self.autocommit = autocommit
        self.seconds = seconds
        self.connection = psycopg.connect(**access, autocommit=True)
        self._patience = 2 * server.deadlock_seconds()
        self._call: tuple[tuple, Call] | None = None
        self._company = [] if company is None else company
        self._company.append(self)
        self.execute("SELECT set_config('default_transaction_isolation', $1, false)", (isolation,))
        self.commit()

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Result:
        """Run one statement, its parameters called $1, $2 and so on; raise `EngineError`, or `Waits`."""
        parameters = tuple(parameters)
        return self._made(("execute", statement, parameters), self._all([statement], [parameters]), statement)

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> Result:
        """Run `statement` once for each of `rows`; give the result of the last."""
        given = [tuple(row) for row in rows]
        return self._made(("many", statement, given), self._all([statement] * len(given), given), statement)

    def run_script(self, script: str) -> Result:
        """Run the statements of `script` one after the other; the first that is refused ends it."""
        parts = split_statements(script, ENGINE)
        return self._made(("script", script), self._all(parts, [()] * len(parts)), script)

    def load(self, table: str, rows: Iterable[Row]) -> None:
        """Put all of `rows` into `table` with COPY, or none; a lock that is in the way is an error at once."""
        self._give_up()
        try:
            with self.connection.transaction(), self.connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 100")
                with cursor.copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
                    for row in rows:
                        copy.write_row(row)
        except psycopg.Error as error:
            raise _refusal(error, f"COPY {table}") from None

    def commit(self) -> None:
        """Commit; of a transaction in which a statement failed, PostgreSQL rolls back without an error."""
        self._made(("commit",), self._end("COMMIT"), "COMMIT")

    def rollback(self) -> None:
        """Roll back; a statement that still waits is given up."""
        self._made(("rollback",), self._end("ROLLBACK"), "ROLLBACK")

    def in_transaction(self) -> bool:
        """Whether a transaction is open, be it one in which a statement failed."""
        return self.connection.pgconn.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

    def close(self) -> None:
        """Close the connection; what still waits is given up and an open transaction rolled back."""
        with suppress(EngineError):
            self.rollback()
        self.connection.close()
        if self in self._company:
            self._company.remove(self)

    def _all(self, parts: list[str], parameters: list[tuple]) -> Call:
        result = Result()
        for part, values in zip(parts, parameters, strict=True):
            if first_keyword(part, ENGINE) == "COPY":
                raise EngineError(ENGINE, "COPY is kept out of labs", part, INSUFFICIENT_PRIVILEGE)
            if not self.autocommit and not self.in_transaction():
                yield from fetch_answer(self.connection, "BEGIN", (), 0)
            answer = yield from fetch_answer(self.connection, part, values, self.max_rows)
            result = self._result(answer, part)
        return result

    def _result(self, answer: Answer, statement: str) -> Result:
        if answer.cut_off:
            raise OutOfBounds(ENGINE, f"more than {self.max_rows:,} rows", statement, QUERY_CANCELED)
        return Result(answer.columns, answer.rows, answer.changed)

    def _end(self, how: str) -> Call:
        if self.in_transaction():
            yield from fetch_answer(self.connection, how, (), 0)

    def _made(self, what: tuple, call: Call, statement: str) -> Any:
        """Begin the call `what`, or go on with it if it has been waiting; another one that waits is given up."""
        if self._call and self._call[0] != what:
            self._give_up()
        self._call = self._call or (what, call)
        try:
            value = self._awaited(self._call[1], statement)
        except Waits:
            raise
        except psycopg.Error as error:
            self._call = None
            raise _refusal(error, statement) from None
        except BaseException:
            self._give_up()
            raise
        finally:
            for session in self._company:
                if session is not self:
                    session.settle()
        self._call = None
        return value

    def settle(self) -> None:
        """If a call waits for no lock any more, give the server the time to do it, or to come to the next lock."""
        if self._call and not self._is_blocked():
            with suppress(EngineError):
                self._wait_for_answer(self._bound(), "")

    def _awaited(self, call: Call, statement: str) -> Any:
        bound = self._bound()
        while True:
            try:
                next(call)
            except StopIteration as end:
                return end.value
            self._wait_for_answer(bound, statement)

    def _wait_for_answer(self, bound: CallBound, statement: str) -> None:
        blocked_since = None
        while not select.select([self.connection.fileno()], [], [], SECONDS_BETWEEN_LOOKS)[0]:
            now = time.monotonic()
            blocked_since = (blocked_since or now) if self._is_blocked() else None
            if blocked_since and now - blocked_since > self._patience:
                raise Waits(ENGINE, "it waits for a lock that another session holds", statement, LOCK_NOT_AVAILABLE)
            if bound.broken():
                words = f"cut off after {self.seconds:g} s of processor time or sleep"
                raise OutOfBounds(ENGINE, words, statement, QUERY_CANCELED)

    def _bound(self) -> CallBound:
        return CallBound(self.server, self.connection.info.backend_pid, self.seconds)

    def _is_blocked(self) -> bool:
        """Whether the call waits for another session, and not in a circle, which the server will break by itself."""
        me = self.connection.info.backend_pid
        known, new = set(), self.server.blockers(me)
        while new:
            known |= new
            new = set().union(*map(self.server.blockers, new)) - known
        return bool(known) and me not in known

    def _give_up(self) -> None:
        """Cancel the call that is under way and read what is left of its answer."""
        self._call = None
        pgconn = self.connection.pgconn
        if pgconn.transaction_status == TransactionStatus.ACTIVE:
            with suppress(psycopg.Error):
                self.connection.cancel_safe(timeout=10)
            while pgconn.get_result() is not None:
                pass


def _refusal(error: psycopg.Error, statement: str) -> EngineError:
    sentence = error.diag.message_primary or str(error).strip().split("\n")[0]
    return EngineError(ENGINE, sentence, statement, error.sqlstate or "")


ROWS = (ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_OK)
CHANGES = (b"INSERT", b"UPDATE", b"DELETE", b"MERGE")
REFUSED = (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE)


@dataclass
class Answer:
    """Column names and rows of a statement, and how many it changed; `cut_off` if there were too many rows."""

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    changed: int = -1
    cut_off: bool = False


def fetch_answer(
    connection: psycopg.Connection, statement: str, parameters: Sequence[Any], max_rows: int
) -> Generator[None, None, Answer]:
    """Run one statement; yield whenever the server has not answered yet, and give the `Answer` at the end.

    Raises `psycopg.Error`. Rows are read one at a time, so that no more than `max_rows` are ever held. Source:
    PostgreSQL manual, "Retrieving Query Results Row-by-Row" and "Asynchronous Command Processing" of libpq.
    """
    reader = Transformer.from_context(connection)
    _send(connection.pgconn, reader, statement, parameters)
    answer, refusal = Answer(), None
    while (result := (yield from _next_result(connection.pgconn))) is not None:
        if result.status in REFUSED:
            refusal = psycopg.errors.error_from_result(result)
            continue
        answer.changed = max(answer.changed, _changed(result))
        if result.status in ROWS and refusal is None and not answer.cut_off:
            refusal = _read(result, reader, answer)
            answer.cut_off = len(answer.rows) > max_rows
            if answer.cut_off:
                connection.cancel_safe(timeout=10)
    if refusal and not answer.cut_off:
        raise refusal
    return answer


def _send(pgconn, reader: abc.Transformer, statement: str, parameters: Sequence[Any]) -> None:
    try:
        text = statement.encode()
        values = reader.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
    except (UnicodeError, ValueError) as error:
        raise psycopg.DataError(str(error)) from None
    if b"\0" in text:
        raise psycopg.DataError("PostgreSQL text cannot hold the character with number 0")
    pgconn.send_query_params(text, values, param_types=reader.types, param_formats=reader.formats)
    pgconn.set_single_row_mode()


def _next_result(pgconn) -> Generator[None, None, pq_abc.PGresult | None]:
    while pgconn.is_busy():
        yield
        pgconn.consume_input()
    return pgconn.get_result()


def _read(result: pq_abc.PGresult, reader: abc.Transformer, answer: Answer) -> psycopg.Error | None:
    """Add the columns and rows of `result` to `answer`; give the error if Python cannot hold a value."""
    first = not answer.columns
    reader.set_pgresult(result, set_loaders=first)
    if first:
        answer.columns = tuple((result.fname(number) or b"").decode() for number in range(result.nfields))
    try:
        rows = reader.load_rows(0, result.ntuples, tuple)
        for row in rows:
            size_of(row, -1)
    except psycopg.Error as error:
        return error
    except (RecursionError, TooDeep):
        return psycopg.DataError(f"values nested more than {MAX_NESTING} deep")
    except (ArithmeticError, ValueError) as error:
        return psycopg.DataError(f"Python cannot hold a value of this result: {error}")
    answer.rows += rows
    return None


def _changed(result: pq_abc.PGresult) -> int:
    """How many rows the statement changed, by its command tag; -1 if it is no change."""
    tag = (result.command_status or b"").split()
    return int(tag[-1]) if tag and tag[0] in CHANGES else -1
