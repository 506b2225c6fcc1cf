"""Runs the steps of a migration while two versions of an application read and write, and says who failed when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Session, SharedLab
from graders.labs.lab import Row
from graders.techniques.migrations.applications import App
from graders.techniques.migrations.plans import PlanStep
from graders.techniques.migrations.timeline import Tick, Timeline

MOST_STATEMENTS = 40
# DuckDB lets nobody wait: it refuses what conflicts with an open transaction, and an application tries again.
TRY_AGAIN = {"DuckDB": "TransactionException", "PostgreSQL": "55P03"}


def run_timeline(
    lab: SharedLab, steps: Sequence[PlanStep], apps: Sequence[App], facts: Sequence[Row], running: Sequence[str]
) -> Timeline:
    """Run `steps` on `lab`, with the applications that are running reading and writing after every statement.

    A request that meets a lock of an open transaction gives up at once; it is counted, and sent again when the
    transaction has ended. `facts` are what the lab holds at the start; what an application has written is kept in a
    ledger, which every other must see.
    """
    with lab.connect() as migration, lab.connect() as requests:
        if lab.engine == "PostgreSQL":
            requests.execute("SET lock_timeout = 1")
        ledger = {row[0]: tuple(row) for row in facts}
        return _Traffic(lab, migration, requests, list(apps), ledger, set(running)).ran(steps)


@dataclass(frozen=True)
class _Write:
    """A request of an application that writes a fact."""

    app: App
    fact: Row
    statement: str
    values: Row


@dataclass
class _Traffic:
    lab: SharedLab
    migration: Session
    requests: Session
    apps: list[App]
    ledger: dict
    running: set[str]
    bad: dict[str, Tick] = field(default_factory=dict)
    waits: Counter = field(default_factory=Counter)
    waiting: list[_Write] = field(default_factory=list)

    def ran(self, steps: Sequence[PlanStep]) -> Timeline:
        told: dict[str, list[Tick]] = {app.name: [] for app in self.apps}
        names, stopped = [], ""
        for step in steps:
            self.bad, self.waits = {}, Counter()
            stopped = self._step(step)
            names.append(step.name)
            for app in self.apps:
                told[app.name].append(self._tick(app))
            if stopped:
                break
        return Timeline(tuple(names), {name: tuple(ticks) for name, ticks in told.items()}, stopped)

    def _tick(self, app: App) -> Tick:
        tick = self.bad.get(app.name) or Tick("works" if app.name in self.running else "not running")
        return replace(tick, waits=self.waits[app.name])

    def _step(self, step: PlanStep) -> str:
        self.running = (self.running | {step.starts}) - {step.stops, ""}
        try:
            statements = self.lab.statements(step.sql)
        except EngineError as error:
            return f"in step `{step.name}` {self.lab.engine} says: {error}"
        if len(statements) > MOST_STATEMENTS:
            raise Mismatch(f"at most {MOST_STATEMENTS} statements in a step", f"{len(statements):,}")
        for statement in statements:
            try:
                self.migration.execute(statement)
            except EngineError as error:
                begins = " ".join(statement.split())[:60]
                return f"in step `{step.name}` {self.lab.engine} says: {error} (at `{begins}…`)"
            self._probe()
        if self.migration.in_transaction():
            return f"step `{step.name}` leaves a transaction open"
        self._probe()
        return ""

    def _probe(self) -> None:
        if not self.migration.in_transaction():
            waited, self.waiting = self.waiting, []
            for write in waited:
                self._sent(write)
        live = [app for app in self.apps if app.name in self.running]
        for app in live:
            for write in self._writes(app):
                self._sent(write)
        for app in live:
            self._reads(app)

    def _writes(self, app: App) -> list[_Write]:
        key = max([*self.ledger, *(write.fact[0] for write in self.waiting)], default=0) + 1
        added = (key, f"Ada{key}", "van der Berg" if key % 2 else "Byron")
        # Each application changes a row of its own: what one does would hide what the other has missed.
        place = self.apps.index(app) % max(1, len(self.ledger))
        changed = (sorted(self.ledger)[place] if self.ledger else key, f"Eve{key}", "Prince")
        return [_Write(app, added, *app.adds(added)), _Write(app, changed, *app.changes(changed))]

    def _sent(self, write: _Write) -> None:
        try:
            self.requests.execute(write.statement, write.values)
        except EngineError as error:
            if self._waits(write.app, error):
                self.waiting.append(write)
            else:
                self._refused(write.app, write.statement, error)
        else:
            self.ledger[write.fact[0]] = write.fact

    def _reads(self, app: App) -> None:
        try:
            found = self.requests.execute(app.read)
        except EngineError as error:
            if not self._waits(app, error):
                self._refused(app, app.read, error)
            return
        if misled := app.misled(list(self.ledger.values()), found):
            self.bad.setdefault(app.name, misled)

    def _waits(self, app: App, error: EngineError) -> bool:
        """Whether a request met a lock of the migration's open transaction; it is counted."""
        if error.busy:
            # PostgreSQL may have it in its queue still, where it would be done behind our back.
            self.requests.rollback()
        locked = error.busy or error.code == TRY_AGAIN.get(self.lab.engine)
        if locked and self.migration.in_transaction():
            self.waits[app.name] += 1
            return True
        return False

    def _refused(self, app: App, statement: str, error: EngineError) -> None:
        self.bad.setdefault(app.name, Tick("refused", f"`{statement}` is refused: {error}"))
