"""Runs a migration in SQL: up, down and up again on several snapshots, and with a power cut at every statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graders.kernel.answers import catch_mismatch
from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab, SharedLab, open_image
from graders.techniques.migrations.change import (
    Change,
    DatabaseState,
    Fault,
    compare_rows,
    compare_state_schemas,
    compare_states,
    read_state,
)
from graders.techniques.power_cuts import Crash, sweep_crashes
from graders.techniques.queries import serialize_database

PART = re.compile(r"^[ \t]*--[ \t]*migrate:[ \t]*(up|down)[ \t]*$", re.M | re.I)
NO_TRANSACTION = "25P01"
STOPS = ("refused", "refused after writes", "left open")
# DuckDB has no code of its own for it.
OUTSTANDING = "Cannot create index with outstanding updates"


@dataclass(frozen=True)
class Migration:
    """A change of a schema in SQL."""

    up: str
    """The script that makes the change."""
    down: str = ""
    """The script that takes it back; "" for a change that is never taken back."""


def read_migration(text: str) -> Migration:
    """Read the two parts behind the lines `-- migrate:up` and `-- migrate:down`; raise `Mismatch` if one is missing.

    Source: the format of dbmate's files, https://github.com/amacneil/dbmate#creating-migrations
    """
    pieces = PART.split(text)
    parts = {"up": "", "down": ""}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        parts[name.lower()] += body
    for name, body in parts.items():
        if not body.strip():
            raise Mismatch(f"statements behind a line `-- migrate:{name}`", "none")
    return Migration(parts["up"], parts["down"])


@dataclass(frozen=True)
class MigrationRun:
    """What is wrong with a migration, at each of its trials; None where nothing is, or where it was not tried."""

    up: Mismatch | None
    """After up: the first thing that is refused, or another than it must be, in schema or rows."""
    down: Mismatch | None = None
    """After down: the first difference from the start; or what stops up from running again."""
    cut_up: Mismatch | None = None
    """After a power cut during up; it is tried where up is right."""
    cut_down: Mismatch | None = None
    """After a power cut during down; it is tried where up and down are right, and down loses nothing."""

    @property
    def fault(self) -> Mismatch | None:
        """The first thing that is wrong."""
        return self.up or self.down or self.cut_down or self.cut_up


def run_migration(change: Change, migration: Migration) -> MigrationRun:
    """Run `migration` up, down and up again on each snapshot and, where that is right, with power cuts.

    The power is cut before every statement, on the last snapshot: the database must be at one version or the other.
    Where it is at the old one, the script runs once more and must reach the new one. On PostgreSQL a power cut ends
    every session of this process.
    """
    trips = [_make_round_trip(change, snapshot, migration) for snapshot in change.snapshots]
    if up := _first_up_fault([fault for fault, _ in trips]):
        return MigrationRun(up)
    down = next((fault for _, fault in trips if fault), None)
    cut_up = _cut_power(change, migration.up)
    if down or not migration.down or change.lossy:
        return MigrationRun(None, down, cut_up)
    return MigrationRun(None, None, cut_up, _cut_power(change, migration.down, up=migration.up))


def _first_up_fault(faults: list[Mismatch | None]) -> Mismatch | None:
    """What stops up on any snapshot, or else the first of its `faults`, of which each snapshot has one or None."""
    stops = [fault if isinstance(fault, Fault) and fault.kind in STOPS else None for fault in faults]
    stop = next(filter(None, stops), None)
    if stop and stop.kind == "refused" and None in stops:
        return stop.of_kind("refused on rows")
    return stop or next(filter(None, faults), None)


def _make_round_trip(change: Change, snapshot: str, migration: Migration) -> tuple[Mismatch | None, Mismatch | None]:
    """Go up, down and up again on one snapshot; give what is wrong after up and, if nothing is, after down."""
    where = f"after up, on the {snapshot} snapshot"
    with change.open(snapshot) as lab:
        if stop := _run(lab, migration.up):
            return stop, None
        try:
            with _reopen(lab) as kept:
                fault = compare_states(change.goal(snapshot), read_state(kept), where)
                if fault or not migration.down:
                    return fault, None
                down = _go_down(change, snapshot, kept, migration) if kept is not lab else None
        except Mismatch as unreadable:
            return unreadable, None
        down = down or _go_down(change, snapshot, lab, migration)
        return None, down or _run(lab, migration.up, "up again")


def _go_down(change: Change, snapshot: str, lab: Lab, migration: Migration) -> Mismatch | None:
    if stop := _run(lab, migration.down, "down refused"):
        return stop
    where, start = f"after down, on the {snapshot} snapshot", change.start(snapshot)
    state = catch_mismatch(lambda: read_state(lab))
    if isinstance(state, Mismatch):
        return state
    if fault := compare_state_schemas(start, state, where):
        return fault.of_kind("down schema")
    fault = None if change.lossy else compare_rows(start, state, where)
    return fault.of_kind("down rows") if fault else None


@contextmanager
def _reopen(lab: Lab) -> Iterator[Lab]:
    """The database of `lab` over a new connection, which temporary tables do not reach; only SQLite needs that."""
    if lab.engine != "SQLite":
        yield lab
        return
    with open_image(serialize_database(lab)) as kept:
        yield kept


def _run(lab: Lab, script: str, kind: str = "refused") -> Fault | None:
    """Run `script`; give a fault of this `kind` if a statement is refused, or another if a transaction is left open."""
    try:
        lab.run(script)
    except EngineError as error:
        begins = " ".join(error.statement.split())[:60]
        kind = "refused after writes" if OUTSTANDING in error.sentence else kind
        return Fault(kind, "every statement to run", f"{lab.engine} says: {error} (at `{begins}…`)")
    if _roll_back_open_transaction(lab):
        return Fault("left open", "a transaction that ends", "one that is still open after the last statement")
    return None


def _roll_back_open_transaction(lab: Lab) -> bool:
    """Whether a transaction is open; it is rolled back."""
    if lab.engine == "PostgreSQL":
        # BEGIN inside a transaction is no error there, but SAVEPOINT outside of one is.
        outcome = lab.outcomes(["SAVEPOINT looking", "ROLLBACK"])[0]
        return not isinstance(outcome, EngineError) or outcome.code != NO_TRANSACTION
    return isinstance(lab.outcomes(["BEGIN", "ROLLBACK"])[0], EngineError)


def _cut_power(change: Change, script: str, *, up: str = "") -> Mismatch | None:
    """Cut the power during `script`, which is the way down if `up` is given, and give what the first cut breaks."""
    snapshot = list(change.snapshots)[-1]
    versions = change.start(snapshot), change.goal(snapshot)
    recovery = _Recovery(*(reversed(versions) if up else versions))
    # Constraints have names elsewhere than on SQLite, and down must find those that up has given.
    begin = {"after": bool(up)} if change.engine == "SQLite" else {"up": up}
    with change.open_durable(snapshot, **begin) as lab:
        sweep = catch_mismatch(
            lambda: sweep_crashes(
                lab, script, recovery.find_mixture, rerun=recovery.find_shortfall, due=recovery.is_old
            )
        )
    if isinstance(sweep, Mismatch):
        return sweep
    return _describe_crash(sweep.first_violation) if sweep.first_violation else None


@dataclass
class _Recovery:
    """Looks at what a power cut leaves of a way from one version to another."""

    old: DatabaseState
    new: DatabaseState
    state: DatabaseState | None = None

    def find_mixture(self, lab: SharedLab) -> str:
        """An invariant: in what the database is at neither version."""
        self.state = read_state(lab)
        if self.state in (self.old, self.new):
            return ""
        return f"it is at neither version: {_describe_difference(self.old, self.state)}"

    def is_old(self, lab: SharedLab) -> bool:
        """Whether the power cut left the old version."""
        return self.state == self.old

    def find_shortfall(self, lab: SharedLab) -> str:
        """An invariant: in what a second run does not reach the new version."""
        state = read_state(lab)
        if state == self.new:
            return ""
        return f"it does not reach the new version: {_describe_difference(self.new, state)}"


def _describe_crash(cut: Crash) -> Fault:
    if cut.violation:
        return Fault("torn", "the old version or the new one after every power cut", cut.words)
    return Fault("no second run", "a second run to reach the new version after every power cut", cut.words)


def _describe_difference(expected: DatabaseState, actual: DatabaseState) -> str:
    fault = compare_states(expected, actual, "as asked")
    return fault.found if fault else "rows differ"
