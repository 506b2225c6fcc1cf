"""Calls of a function that fills a page from the web shop: what it gave, what it asked, and how much came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from course_data import webshop
from graders import Mismatch, Table
from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.schedules import CallRecord, LocalFunction, run_call

MAX_SHOWN = 4
Data = dict[str, list[Row]]


def open_shop(data: Data) -> SharedLab:
    """The web shop with these rows, for functions that are given a connection."""
    return open_shared_lab("SQLite", webshop.SCHEMA, data)


def run_page(page: Callable[..., Any], *arguments: Any, orders: int = webshop.ROWS) -> CallRecord[None]:
    """One call of `page(connection, *arguments)` on a web shop with so many orders; raise `ValueError` if it fails."""
    with open_shop(webshop.data(1, orders)) as lab:
        call = run_call(lab, LocalFunction(page), *arguments, read=lambda lab: None)
    if call.exception:
        raise ValueError(f"{call.words}: {call.exception}")
    return call


def describe_call(call: CallRecord[Any]) -> str:
    """How many statements a call sent, and how many rows and characters came back, as one line."""
    characters = sum(one.characters for one in call.fetched)
    return f"statements: {len(call.statements):>3,}   rows: {count_rows(call):>4,}   characters: {characters:>7,}"


def table_of_statements(call: CallRecord[Any]) -> Table:
    """The first statements of a call, each with the number of rows that it gave back."""
    shown = [(text, one.rows) for text, one in zip(call.statements, call.fetched, strict=False)]
    return Table("what it asked", ("statement", "rows"), shown[:MAX_SHOWN], more=len(shown[MAX_SHOWN:]))


def count_rows(call: CallRecord[Any]) -> int:
    """How many rows came back, in all statements of a call."""
    return sum(one.rows for one in call.fetched)


def require_few_statements(call: CallRecord[Any], limit: int, items: str, hint: str) -> None:
    """Raise `Mismatch` if a call for so many `items` sent more than `limit` statements.

    The `hint` is for those who repeat a statement: that of no more kinds than the limit allows.
    """
    sent = call.statements
    if len(sent) > limit:
        kinds = {text.partition(" with ")[0] for text in sent}
        expected = f"{limit} statements at most for {items}"
        raise Mismatch(expected, f"{len(sent)}", hint if len(kinds) <= limit else "", [table_of_statements(call)])


def require_few_rows(call: CallRecord[Any], limit: int, hint: str) -> None:
    """Raise `Mismatch` if more than `limit` rows came back in a call."""
    if count_rows(call) > limit:
        raise Mismatch(f"{limit} rows at most", f"{count_rows(call)}", hint, [table_of_statements(call)])


def require_value(call: CallRecord[Any]) -> None:
    """Raise `Mismatch` if the call ended with an exception."""
    if call.exception:
        raise Mismatch(f"{call.words} to run", call.exception)


def read_list(value: Any) -> Sequence[Any] | None:
    """`value` as a tuple, if it is a list or a tuple."""
    return tuple(value) if isinstance(value, (list, tuple)) else None


def read_page(value: Any, width: int) -> list[Sequence[Any]] | None:
    """`value` as a list of rows of `width` values; None if it is anything else."""
    rows = [row for row in map(read_list, read_list(value) or ()) if row is not None and len(row) == width]
    whole = read_list(value)
    return rows if whole is not None and len(rows) == len(whole) else None
