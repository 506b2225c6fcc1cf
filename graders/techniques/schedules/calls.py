"""Calls a student's function on a connection of a shared lab, and tells how it ended and what it left behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graders.kernel.report import Mismatch
from graders.labs import EngineError, SharedLab, in_order
from graders.labs.lab import Row
from graders.sandbox import BoxedFunction
from graders.sandbox.wires import Asked
from graders.techniques.queries import must_have_columns
from graders.techniques.schedules.looking import seen

__all__ = ["Asked", "Ended", "ended", "must_end_well", "nothing_refused", "rows_of", "table_rows"]

Refusing = Callable[[Asked], EngineError | None]


@dataclass(frozen=True)
class Ended:
    """How a call ended: the call in words, what it raised ("" for nothing) or gave, and what it left behind.

    `left_open` says whether its transaction was still open, `asked` what it had asked of its database, in order.
    A call that was cut short, because it went on asking after `most` refusals, has neither value nor exception.
    """

    said: str
    raised: str
    value: Any
    left_open: bool
    asked: tuple[str, ...]
    refused: int = 0


def nothing_refused(asked: Asked) -> EngineError | None:
    """Let everything happen."""


def ended(
    lab: SharedLab,
    function: BoxedFunction,
    *arguments: Any,
    refusing: Refusing = nothing_refused,
    most: int = 20,
    **options: Any,
) -> Ended:
    """Call `function` with a connection to `lab` before its `arguments`, to its end or to `most` refusals.

    `refusing` is shown each thing that the function asks, before it happens, and gives the error to hand back instead,
    or None. The connection is opened with `options`, and closed: what was not committed is undone.
    """
    with lab.connect(**options) as session:
        call, asked, refused = function.begin(session, *arguments), [], 0
        while (waiting := call.waiting()) and refused < most:
            asked.append(str(waiting))
            if error := refusing(waiting):
                refused += 1
                call.refuse(error)
            else:
                call.answer()
        open_still = session.in_transaction()
        if waiting:
            call.abandon()
            return Ended(call.said, "", None, open_still, tuple(asked), refused)
        value = None if call.raised() else call.value()
        return Ended(call.said, call.raised(), value, open_still, tuple(asked), refused)


def must_end_well(call: Ended) -> None:
    """Raise `Mismatch` if the call ended with an exception, or left a transaction open."""
    if call.raised:
        raise Mismatch(f"{call.said} to run", call.raised)
    if call.left_open:
        raise Mismatch(f"{call.said} to end its transaction", "a transaction that is still open")


def rows_of(lab: SharedLab, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows of our own query; raise `Mismatch` if the answer has left no tables on which it makes sense."""
    return seen(lab, lambda lab: lab.execute(query, parameters).rows)


def table_rows(lab: SharedLab, table: str, columns: Sequence[str]) -> list[Row]:
    """The rows of `table`, in the order of their values; raise `Mismatch` if it has other `columns`, or is gone."""
    found = seen(lab, lambda lab: lab.execute(f'SELECT * FROM "{table}"'))
    must_have_columns(found, columns, table)
    return in_order(found.rows)
