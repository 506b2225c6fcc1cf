"""Judges a migration in SQL: up, down and up again on several snapshots, and a power cut before every statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graders.labs import EngineError, Lab, SharedLab, open_image
from graders.techniques.crashes import Cut, sweep_crashes
from graders.techniques.migrations.changes import Change, Standing, standing
from graders.techniques.migrations.faults import Fault, fault_between, rows_fault, schema_fault
from graders.techniques.migrations.texts import Migration
from graders.techniques.queries.serialized import left_by

NO_TRANSACTION = "25P01"
# DuckDB has no code of its own for it.
OUTSTANDING = "Cannot create index with outstanding updates"


def wrong_after_up(change: Change, up: str) -> Fault | None:
    """Run `up` on each snapshot; give the first thing that is wrong with schema or rows, or None."""
    refused, wrong = {}, []
    for name in change.snapshots:
        with change.opened(name) as lab:
            refused[name] = _refused(lab, up)
            wrong.append(refused[name] or _after_up(change, name, lab))
    stopped = next(filter(None, refused.values()), None)
    if stopped and stopped.kind == "refused" and None in refused.values():
        return _on_rows(stopped)
    return stopped or next(filter(None, wrong), None)


def _on_rows(fault: Fault) -> Fault:
    return Fault("refused on rows", fault.expected, fault.found, fault.tables)


def _refused(lab: Lab, script: str, kind: str = "refused") -> Fault | None:
    try:
        lab.run(script)
    except EngineError as error:
        begins = " ".join(error.statement.split())[:60]
        kind = "refused after writes" if OUTSTANDING in error.sentence else kind
        return Fault(kind, "every statement to run", f"{lab.engine} says: {error} (at `{begins}…`)")
    if _left_open(lab):
        return Fault("left open", "a transaction that ends", "one that is still open after the last statement")
    return None


def _left_open(lab: Lab) -> bool:
    """Whether a transaction is open; it is rolled back."""
    if lab.engine == "PostgreSQL":
        # BEGIN inside a transaction is no error there, but SAVEPOINT outside of one is.
        told = lab.outcomes(["SAVEPOINT looking", "ROLLBACK"])[0]
        return not isinstance(told, EngineError) or told.code != NO_TRANSACTION
    return isinstance(lab.outcomes(["BEGIN", "ROLLBACK"])[0], EngineError)


def _after_up(change: Change, name: str, lab: Lab) -> Fault | None:
    with _as_kept(lab) as there:
        return fault_between(change.goal[name], standing(there), f"after up, on the {name} snapshot")


@contextmanager
def _as_kept(lab: Lab) -> Iterator[Lab]:
    """The database of `lab` as another connection finds it; elsewhere than on SQLite, as it is."""
    if lab.engine != "SQLite":
        yield lab
        return
    with open_image(left_by(lab)) as there:
        yield there


def wrong_after_down(change: Change, migration: Migration) -> Fault | None:
    """Go up, down and up again on each snapshot; give the first difference from the start, or None.

    What `up` does is not judged here: see `wrong_after_up`.
    """
    return next((fault for name in change.snapshots if (fault := _round_trip(change, name, migration))), None)


def _round_trip(change: Change, name: str, migration: Migration) -> Fault | None:
    with change.opened(name) as lab:
        lab.run(migration.up)
        if fault := _on_another_day(change, name, lab, migration.down):
            return fault
        if refused := _refused(lab, migration.down, "down refused"):
            return refused
        return _not_back(change, name, standing(lab)) or _refused(lab, migration.up, "up again")


def _on_another_day(change: Change, name: str, lab: Lab, down: str) -> Fault | None:
    """What is wrong with down over another connection, which SQLite's temporary tables of up do not reach."""
    if lab.engine != "SQLite":
        return None
    with open_image(left_by(lab)) as there:
        return _refused(there, down, "down refused") or _not_back(change, name, standing(there))


def _not_back(change: Change, name: str, there: Standing) -> Fault | None:
    where = f"after down, on the {name} snapshot"
    if fault := schema_fault(change.start[name], there, where):
        return Fault("down schema", fault.expected, fault.found)
    fault = None if change.loses else rows_fault(change.start[name], there, where)
    return Fault("down rows", fault.expected, fault.found, fault.tables) if fault else None


def torn_by_a_cut(change: Change, script: str, *, down: bool = False, up: str = "") -> Fault | None:
    """Cut the power before every statement of `script`: the database must stand at one version or the other.

    Where it stands at the old one, the script is run once more and has to reach the new one. The richest snapshot,
    which is the last, is used. `down` starts from what `up` leaves or, without it, from what was asked of it. On
    PostgreSQL a power cut ends every session of this process.
    """
    name = list(change.snapshots)[-1]
    versions = [change.start[name], change.goal[name]]
    after = _AfterACut(*(reversed(versions) if down else versions))
    with change.shared(name, up=up, after=down and not up) as lab:
        sweep = sweep_crashes(lab, script, after.between, rerun=after.not_arrived, due=after.not_begun)
    cut = sweep.broken
    return _told(cut) if cut else None


@dataclass
class _AfterACut:
    """Looks at what a power cut leaves of a way from one version to another."""

    old: Standing
    new: Standing
    there: Standing | None = None

    def between(self, lab: SharedLab) -> str:
        self.there = standing(lab)
        if self.there in (self.old, self.new):
            return ""
        return f"it is at neither version: {_differs(self.old, self.there)}"

    def not_begun(self, lab: SharedLab) -> bool:
        return self.there == self.old

    def not_arrived(self, lab: SharedLab) -> str:
        there = standing(lab)
        return "" if there == self.new else f"it does not reach the new version: {_differs(self.new, there)}"


def _told(cut: Cut) -> Fault:
    if cut.broken:
        return Fault("torn", "the old version or the new one after every power cut", cut.words)
    return Fault("no second run", "a second run to reach the new version after every power cut", cut.words)


def _differs(asked: Standing, there: Standing) -> str:
    fault = fault_between(asked, there, "as asked")
    return fault.found if fault else "rows differ"


def faults(change: Change, migration: Migration) -> Iterator[Fault]:
    """Everything that is wrong with a migration, the first of each kind of trial, in the order in which it is tried."""
    if fault := wrong_after_up(change, migration.up):
        yield fault
        return
    back = wrong_after_down(change, migration)
    if not back and not change.loses:
        back = torn_by_a_cut(change, migration.down, down=True, up=migration.up)
    if back:
        yield back
    if torn := torn_by_a_cut(change, migration.up):
        yield torn
