"""Finds out by experiment whether a change is safe while applications run: on filled tables, with them writing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.migrations.rollout import PlanStep, run_timeline
from graders.techniques.migrations.timeline import App, Timeline

Name = TypeVar("Name", bound=Hashable)
Shortfall = Callable[[SharedLab], str]
"""Looks at a lab after a change, and says in words what it was for and did not reach; "" if it did."""


@dataclass(frozen=True)
class LiveChange:
    """A change of a live database."""

    sql: str
    """The statements to run."""
    purpose: str = ""
    """What it is for, in words."""
    shortfalls: tuple[Shortfall, ...] = ()
    """What it is for and may not reach; the first that finds something is heard."""


@dataclass(frozen=True)
class LiveDatabase:
    """A filled SQLite database that applications use."""

    schema: str
    """Its schema, in SQL."""
    data: Mapping[str, Sequence[Row]]
    """Its rows by table, in an order that foreign keys allow."""
    apps: Sequence[tuple[App, Sequence[Row]]]
    """The applications, each with the facts that it begins with."""
    rules: Sequence[str]
    """Statements that the tables refuse, and must refuse after every change."""
    max_rows: int
    """How many rows a transaction may write before it keeps the others waiting too long."""


@dataclass(frozen=True)
class Hazard:
    """What goes wrong with a change of a live database."""

    kind: str
    """A kind of fault ("app refused"), "waits" or "not reached"."""
    words: str
    tables: tuple[Table, ...] = ()
    """Rows to look at."""
    timeline: Timeline | None = None
    """How the application fared."""
    shortfall: str = ""
    """What the change was for and did not reach, "" if it did."""


def find_hazard(live: LiveDatabase, change: LiveChange) -> Hazard | None:
    """Run a change beside each application; give the first thing that goes wrong, or None if it is safe."""
    return find_hazards(live, {"": change}).get("")


def find_hazards(live: LiveDatabase, changes: Mapping[Name, LiveChange]) -> dict[Name, Hazard]:
    """The hazard of each change that is not safe, by its name; each of them begins with the same database."""
    with open_shared_lab("SQLite", live.schema, live.data) as lab:
        return {name: hazard for name, change in changes.items() if (hazard := _find_hazard(lab, live, change))}


def _find_hazard(lab: SharedLab, live: LiveDatabase, change: LiveChange) -> Hazard | None:
    hazards = [hazard for app, facts in live.apps if (hazard := _run_beside(lab, live, app, facts, change))]
    # What harms one application tells more than what another run did not reach because of it.
    return min(hazards, key=lambda hazard: hazard.kind == "not reached", default=None)


def _run_beside(
    lab: SharedLab, live: LiveDatabase, app: App, facts: Sequence[Row], change: LiveChange
) -> Hazard | None:
    lab.rewind()
    try:
        timeline = run_timeline(lab, [PlanStep("the change", change.sql)], [app], facts, [app.name])
    except Mismatch as mismatch:
        return Hazard("refused", f"expected {mismatch.expected}, found {mismatch.found}")
    shortfall = _find_shortfall(lab, live, change)
    if fault := timeline.fault:
        words = fault.found.removeprefix("after step 1 (the change): ").removeprefix("in step `the change` ")
        return Hazard(fault.kind, words, fault.tables, timeline, shortfall)
    if timeline.max_rows > live.max_rows:
        words = f"one transaction writes {timeline.max_rows} rows, and whoever else writes waits"
        return Hazard("waits", words, timeline=timeline, shortfall=shortfall)
    return Hazard("not reached", shortfall, timeline=timeline, shortfall=shortfall) if shortfall else None


def _find_shortfall(lab: SharedLab, live: LiveDatabase, change: LiveChange) -> str:
    try:
        words = next(filter(None, (find(lab) for find in change.shortfalls)), "")
        lost = next(filter(None, (require_refusal(rule)(lab) for rule in live.rules)), "")
        return words or (f"a rule is gone, for {lost}" if lost else "")
    except EngineError as error:
        return f"SQLite says: {error} (at `{' '.join(error.statement.split())[:60]}`)"


def require_refusal(*statements: str) -> Shortfall:
    """There is a shortfall if the last of `statements` goes through, or one of those before it does not."""

    def find(lab: SharedLab) -> str:
        *before, last = statements
        for statement in before:
            lab.execute(statement)
        (outcome,) = lab.outcomes([last])
        return "" if isinstance(outcome, EngineError) else f"`{last}` goes through"

    return find
