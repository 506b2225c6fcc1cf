"""Sends one statement to PostgreSQL and reads the answer as it comes, row by row, without blocking."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, PGresult

from graders.labs.lab import MAX_NESTING, Row, TooDeep, size_of

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


def answer_of(
    connection: psycopg.Connection, statement: str, parameters: Sequence[Any], most_rows: int
) -> Generator[None, None, Answer]:
    """Run one statement; yield whenever the server has not answered yet, and give the `Answer` at the end.

    Raises `psycopg.Error`. Rows are read one at a time, so that no more than `most_rows` are ever held. Source:
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
            answer.cut_off = len(answer.rows) > most_rows
            if answer.cut_off:
                connection.cancel_safe(timeout=10)
    if refusal and not answer.cut_off:
        raise refusal
    return answer


def _send(pgconn, reader: Transformer, statement: str, parameters: Sequence[Any]) -> None:
    try:
        text = statement.encode()
        values = reader.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
    except (UnicodeError, ValueError) as error:
        raise psycopg.DataError(str(error)) from None
    if b"\0" in text:
        raise psycopg.DataError("PostgreSQL text cannot hold the character with number 0")
    pgconn.send_query_params(text, values, param_types=reader.types, param_formats=reader.formats)
    pgconn.set_single_row_mode()


def _next_result(pgconn) -> Generator[None, None, PGresult | None]:
    while pgconn.is_busy():
        yield
        pgconn.consume_input()
    return pgconn.get_result()


def _read(result: PGresult, reader: Transformer, answer: Answer) -> psycopg.Error | None:
    """Add the columns and rows of `result` to `answer`; give the error if Python cannot hold a value."""
    first = not answer.columns
    reader.set_pgresult(result, set_loaders=first)
    if first:
        answer.columns = tuple(result.fname(number).decode() for number in range(result.nfields))
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


def _changed(result: PGresult) -> int:
    """How many rows the statement changed, by its command tag; -1 if it is no change."""
    tag = (result.command_status or b"").split()
    return int(tag[-1]) if tag and tag[0] in CHANGES else -1
