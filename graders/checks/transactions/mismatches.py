"""What a report says of a call, a table, a schedule and a power cut after which something is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graders import Mismatch, Table
from graders.figures.schedules import draw_schedule
from graders.labs import SharedLab, in_order
from graders.labs.lab import Row
from graders.techniques.power_cuts import Crash
from graders.techniques.queries import require_columns
from graders.techniques.schedules import CallRecord, Schedule


def require_clean_end(call: CallRecord) -> None:
    """Raise `Mismatch` if the call ended with an exception, or left a transaction open."""
    if call.exception:
        raise Mismatch(f"{call.words} to run", call.exception)
    if call.left_open:
        raise Mismatch(f"{call.words} to end its transaction", "a transaction that is still open")


def read_table(lab: SharedLab, table: str, columns: tuple[str, ...]) -> list[Row]:
    """The rows of `table`, in their order; raise `Mismatch` if an answer has changed its columns."""
    result = lab.execute(f"SELECT * FROM {table}")
    require_columns(result, columns, table)
    return in_order(result.rows)


def schedule_mismatch(expected: str, broken: Schedule, *, found: str = "", hint: str = "") -> Mismatch:
    """The mismatch of a schedule that breaks a rule; `found` stands in for what the rule says."""
    return Mismatch(
        expected, f"{found or broken.violation}, in the order below", hint, picture=str(draw_schedule(broken))
    )


def cut_mismatch(expected: str, cut: Crash, *, hint: str = "", tables: Iterable[Table] = ()) -> Mismatch:
    """The mismatch of a power cut after which a rule is broken."""
    wrong = cut.violation or f"{cut.rerun_violation}, when it is called once more"
    when = f"after statement {len(cut.steps)}, before `{cut.next}`" if cut.next else "after the last statement"
    lane = tuple(replace(step, session="yours") for step in cut.steps)
    picture = draw_schedule(Schedule(lane, cut.state, violation=f"the power is cut here: {wrong}")) if lane else ""
    return Mismatch(f"{expected}, after every power cut", f"{wrong}, after a cut {when}", hint, tables, str(picture))
