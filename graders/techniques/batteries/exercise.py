"""An exercise whose answer makes tables: judged by the rows that they take, refuse and keep, rule by rule."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from graders.kernel.claims import Attempt, claim, experiment, lab_for
from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab, open_lab
from graders.labs.tables import TableDefinition, read_tables
from graders.techniques.batteries.probes import Probe
from graders.techniques.batteries.relation_probes import grow_deletions, grow_keys, grow_references, grow_transitions
from graders.techniques.batteries.row_probes import (
    grow_computed,
    grow_defaults,
    grow_missing,
    grow_rows,
    grow_values,
    ordinary_row,
)
from graders.techniques.batteries.rules import NOTHING, Table
from graders.techniques.batteries.trials import Finding, explain, open_tables, try_probe
from graders.techniques.batteries.world import World

Grow = Callable[[World, Table], Iterator[Probe]]
GROWTH: Mapping[str, tuple[str, Grow]] = {
    "values": ("each column takes the values that the rules allow, and no others", grow_values),
    "missing": ("nothing is missing that must be there, and what may be missing may", grow_missing),
    "defaults": ("what is left out is filled in", grow_defaults),
    "keys": ("rows that must differ do, and no other rows are kept out", grow_keys),
    "rows": ("the values of one row fit together", grow_rows),
    "computed": ("what follows from other columns always does", grow_computed),
    "references": ("every child has a parent that it may have", grow_references),
    "deletions": (
        "when a parent is deleted, the rules say what becomes of its children",
        grow_deletions,
    ),
    "transitions": ("a change is taken if it is an allowed step, and only then", grow_transitions),
}
"""The claims, each with its sentence and with what grows its probes."""


@dataclass(frozen=True)
class BatteryExercise:
    """What is asked of the tables that an answer makes."""

    tables: tuple[Table, ...]
    """The rules, parents before their children."""
    engine: str = "SQLite"
    before: str = ""
    """What is there before the answer runs, in SQL."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """The share of the points of a claim, by its name in `GROWTH`; 1 unless it is said, and 0 makes it a condition."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """Hints that go before the common ones, by rule, or by rule and kind: "products.price below"."""
    probes: Callable[[World], Sequence[Probe]] | None = None
    """Gives further probes, under any claims of `GROWTH`; what they may do and must not only this exercise knows."""
    draw: Callable[[Sequence[Finding], Sequence[TableDefinition]], object] | None = None
    """Makes a picture of what became of the probes of a claim, and of the tables."""

    def claims(self) -> list[str]:
        """The claims that the rules give rise to, in their order."""
        return [name for name in GROWTH if self._asks(name)]

    def _asks(self, name: str) -> bool:
        present = {
            "values": lambda table: any(column.domain and column.given for column in table.columns),
            "missing": lambda table: any(column.required for column in table.columns if column.computed is None),
            "defaults": lambda table: any(column.default != NOTHING for column in table.columns),
            "keys": lambda table: True,
            "rows": lambda table: bool(table.rows),
            "computed": lambda table: any(column.computed for column in table.columns),
            "references": lambda table: bool(table.references),
            "deletions": lambda table: any(reference.on_delete for reference in table.references),
            "transitions": lambda table: bool(table.transitions),
        }
        return any(map(present[name], self.tables))


def grow_probes(exercise: BatteryExercise, world: World) -> list[Probe]:
    """All that is tried: for each claim and table first a row in which everything is in order."""
    further = list(exercise.probes(world)) if exercise.probes else []
    found = []
    for name in exercise.claims():
        grow = GROWTH[name][1]
        for table in exercise.tables:
            if grown := list(grow(world, table)):
                found += [ordinary_row(world, table, name), *grown]
        found += [probe for probe in further if probe.claim == name]
    return found


@dataclass(frozen=True)
class TriedTables:
    """The tables that an answer made, as the catalogue has them, and what became of every probe on them."""

    definitions: Sequence[TableDefinition]
    findings: Sequence[Finding]


def try_tables(lab: Lab, exercise: BatteryExercise, seed: int) -> list[Finding]:
    """Fill the tables of a lab with ordinary rows, then try every probe; raise `Mismatch` if not even those enter."""
    world = World(lab, exercise.tables, random.Random(seed))
    return [try_probe(world, probe) for probe in grow_probes(exercise, world)]


def observe_tables(exercise: BatteryExercise, script: str, seed: int) -> TriedTables:
    """The tables that `script` makes, and what becomes of every probe; raise `Mismatch` if there is nothing to try."""
    names = {table.name for table in exercise.tables}
    with open_tables(exercise.engine, exercise.before, script, exercise.tables) as lab:
        try:
            definitions = [one for one in read_tables(lab) if one.name.lower() in names]
            return TriedTables(definitions, try_tables(lab, exercise, seed))
        except EngineError as error:
            raise Mismatch("tables that can be read and written", error.says) from None


def battery_exercise(name: str, description: BatteryExercise) -> None:
    """Declare that the answer to the exercise `name` makes tables, which must enforce the rules of `description`.

    NOTES = Table("notes", (Column("note_id", default=FILLED), Column("stars", Whole(1, 5)), Column("body", Text())))
    battery_exercise("keep-notes", BatteryExercise((NOTES,)))
    """
    names = ", ".join(f"`{table.name}`" for table in description.tables)
    condition = f"your script runs, and leaves {names} ready to take rows in which everything is in order"

    @experiment(name, condition=condition, description=description)
    def try_rows(attempt: Attempt) -> TriedTables:
        return observe_tables(description, attempt.answer, attempt.seed)

    for kind in description.claims():
        judge = partial(_judge, description, kind)
        judge.__name__ = kind  # type: ignore[attr-defined]
        claim(try_rows, weight=description.weights.get(kind, 1), sentence=GROWTH[kind][0])(judge)
    lab_for(name)(lambda seed: open_lab(description.engine, description.before))


def _judge(exercise: BatteryExercise, kind: str, tried: TriedTables) -> None:
    own = [finding for finding in tried.findings if finding.probe.claim == kind]
    picture = str(exercise.draw(own, tried.definitions)) if exercise.draw else ""
    if mismatch := explain(own, exercise.hints, picture):
        raise mismatch
