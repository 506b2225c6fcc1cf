"""Judges a migration in SQL: up, down and up again on several snapshots, and a power cut before every statement."""

from __future__ import annotations

from collections.abc import Iterator

from graders.labs import EngineError, Lab, SharedLab, open_image, open_shared_lab
from graders.techniques.crashes import Sweep, sweep_crashes
from graders.techniques.left_behind import left_by
from graders.techniques.migrations.changes import Change, Standing, standing
from graders.techniques.migrations.faults import Fault, fault_between, rows_fault, schema_fault
from graders.techniques.migrations.texts import Migration


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
        return Fault(kind, "every statement to run", f"SQLite says: {error} (at `{begins}…`)")
    if isinstance(lab.outcomes(["BEGIN", "ROLLBACK"])[0], EngineError):
        return Fault("left open", "a transaction that ends", "one that is still open after the last statement")
    return None


def _after_up(change: Change, name: str, lab: Lab) -> Fault | None:
    return fault_between(change.goal[name], _left(lab), f"after up, on the {name} snapshot")


def _left(lab: Lab) -> Standing:
    """How the file of `lab` stands: what is temporary is not in it."""
    with open_image(left_by(lab)) as there:
        return standing(there)


def wrong_after_down(change: Change, migration: Migration) -> Fault | None:
    """Go up, down and up again on each snapshot; give the first difference from the start, or None.

    What `up` does is not judged here: see `wrong_after_up`.
    """
    return next((fault for name in change.snapshots if (fault := _round_trip(change, name, migration))), None)


def _round_trip(change: Change, name: str, migration: Migration) -> Fault | None:
    """Up, down and up again, each over a connection of its own, as on three days."""
    with change.opened(name) as lab:
        lab.run(migration.up)
        image = left_by(lab)
    with open_image(image) as lab:
        if refused := _refused(lab, migration.down, "down refused"):
            return refused
        image = left_by(lab)
    with open_image(image) as lab:
        return _not_back(change, name, standing(lab)) or _refused(lab, migration.up, "up again")


def _not_back(change: Change, name: str, there: Standing) -> Fault | None:
    where = f"after down, on the {name} snapshot"
    if fault := schema_fault(change.start[name], there, where):
        return Fault("down schema", fault.expected, fault.found)
    fault = None if change.loses else rows_fault(change.start[name], there, where)
    return Fault("down rows", fault.expected, fault.found, fault.tables) if fault else None


def torn_by_a_cut(change: Change, script: str, *, down: bool = False) -> Fault | None:
    """Cut the power before every statement of `script`: the database must stand at one version or the other.

    The richest snapshot, which is the last, is used; `down` starts from what was asked of up.
    """
    name = list(change.snapshots)[-1]
    versions = [change.start[name], change.goal[name]]
    schema, data = change.before, change.snapshots[name]
    if down:
        schema, data = change.after, change.moved(data)

    stood: list[Standing] = []

    def between(lab: SharedLab) -> str:
        there = standing(lab)
        stood.append(there)
        return "" if there in versions else f"it is at neither version: {_differs(versions[0], there)}"

    sweep = sweep_crashes(lambda: open_shared_lab("SQLite", schema, data), script, between)
    if sweep.broken:
        return Fault("torn", "the old version or the new one after every power cut", sweep.broken.words)
    return _unfinished(sweep, stood[-1] == versions[0 if down else 1], "down refused" if down else "refused")


def _unfinished(sweep: Sweep, arrived: bool, kind: str) -> Fault | None:
    """What does nothing cannot be torn: the whole script has to run, and to arrive, where the power is cut too."""
    if arrived and not sweep.whole.failed:
        return None
    said = next(iter(sweep.whole.failed.values()), "the database is not at the version asked for")
    return Fault(kind, "the script to run in a file as it does in memory", said)


def _differs(start: Standing, there: Standing) -> str:
    fault = fault_between(start, there, "as before")
    return fault.found if fault else "rows differ"


def faults(change: Change, migration: Migration) -> Iterator[Fault]:
    """Everything that is wrong with a migration, the first of each kind of trial, in the order in which it is tried."""
    if fault := wrong_after_up(change, migration.up):
        yield fault
        return
    back = wrong_after_down(change, migration)
    if not back and not change.loses:
        back = torn_by_a_cut(change, migration.down, down=True)
    yield from filter(None, [back, torn_by_a_cut(change, migration.up)])
