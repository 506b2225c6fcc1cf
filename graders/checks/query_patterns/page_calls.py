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
    rows, characters = (sum(getattr(one, what) for one in call.fetched) for what in ("rows", "characters"))
    return f"statements: {len(call.statements):>3,}   rows: {rows:>4,}   characters: {characters:>7,}"


def table_of_statements(call: CallRecord[Any]) -> Table:
    """The first statements of a call, each with the number of rows that it gave back."""
    shown = [(text, one.rows) for text, one in zip(call.statements, call.fetched, strict=False)]
    return Table("what it asked", ("statement", "rows"), shown[:MAX_SHOWN], more=len(shown[MAX_SHOWN:]))


def require_value(call: CallRecord[Any]) -> None:
    """Raise `Mismatch` if the call ended with an exception."""
    if call.exception:
        raise Mismatch(f"{call.words} to run", call.exception)


def read_list(value: Any) -> Sequence[Any] | None:
    """`value` as a tuple, if it is a list or a tuple."""
    return tuple(value) if isinstance(value, (list, tuple)) else None
