"""Runs the steps of a rollout while two versions of an application read and write, and says who failed when."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Result, Session, SharedLab
from graders.labs.lab import Row
from graders.sql import has_code
from graders.techniques.migrations.timeline import App, AppStatus, Timeline

MARK = re.compile(r"^[ \t]*--[ \t]*(step|start|stop):[ \t]*(.*?)[ \t]*$", re.M | re.I)
MAX_STEPS, MAX_STATEMENTS = 20, 40
# DuckDB lets nobody wait: it refuses what conflicts with an open transaction, and an application tries again.
TRY_AGAIN = {"DuckDB": "TransactionException", "PostgreSQL": "55P03"}


@dataclass(frozen=True)
class PlanStep:
    """A step of a rollout: SQL to run, or an application to start or to stop."""

    name: str
    sql: str = ""
    """The statements to run."""
    starts: str = ""
    """The name of an application that runs from now on."""
    stops: str = ""
    """The name of an application that is stopped."""


def read_plan(text: str) -> list[PlanStep]:
    """Read a plan: SQL behind lines `-- step: words`, and lines `-- start: name` and `-- stop: name`.

    Raise `Mismatch` if it has no step, SQL before the first, or more than twenty.
    """
    before, *pieces = MARK.split(text)
    if has_code(before, "SQLite"):
        raise Mismatch("a line `-- step: words` before the first statement", "a statement")
    steps: list[PlanStep] = []
    for kind, words, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if kind.lower() == "step":
            steps.append(PlanStep(words or f"step {len(steps) + 1}", body))
        else:
            steps.append(PlanStep(f"{kind.lower()} {words}", body, **{f"{kind.lower()}s": words.lower()}))
    if not 0 < len(steps) <= MAX_STEPS:
        raise Mismatch(f"1 to {MAX_STEPS} steps", f"{len(steps)}")
    return steps


class RowCounter:
    """Counts the rows that each transaction of a SQLite session writes, those of triggers included."""

    def __init__(self, session: Any):
        self.max_rows = 0
        self._session, self._rows = session, 0
        self._total = session.total_changes()

    def count(self) -> None:
        """Take the statement into account that the session has just run, or has been refused."""
        total = self._session.total_changes()
        self._rows += total - self._total
        self._total = total
        self.max_rows = max(self.max_rows, self._rows)
        if not self._session.in_transaction():
            self._rows = 0


def run_timeline(
    lab: SharedLab, steps: Sequence[PlanStep], apps: Sequence[App], facts: Sequence[Row], running: Sequence[str]
) -> Timeline:
    """Run `steps` on `lab`, with the applications that are running reading, writing and reading after every statement.

    A request that meets a lock of an open transaction gives up at once; it is counted, and sent again when the
    transaction has ended. `facts` are what the lab holds at the start; what an application has written is kept in a
    ledger, which every other must see. Raise `Mismatch` if a step has more than forty statements.
    """
    with lab.connect() as migration, lab.connect() as requests:
        if lab.engine == "PostgreSQL":
            requests.execute("SET lock_timeout = 1")
        ledger = {row[0]: tuple(row) for row in facts}
        rng = random.Random(repr(facts))
        return _Rollout(lab, migration, requests, list(apps), ledger, set(running), rng).run(steps)


@dataclass(frozen=True)
class _Write:
    """A request of an application that writes a fact."""

    app: App
    fact: Row
    statement: str
    values: Row


@dataclass
class _Rollout:
    lab: SharedLab
    migration: Session
    requests: Session
    apps: list[App]
    ledger: dict[Any, Row]
    running: set[str]
    rng: random.Random
    failures: dict[str, AppStatus] = field(default_factory=dict)
    waits: Counter[str] = field(default_factory=Counter)
    waiting: list[_Write] = field(default_factory=list)

    def __post_init__(self) -> None:
        sessions = (self.migration, self.requests) if self.lab.engine == "SQLite" else ()
        self.counters = {id(session): RowCounter(session) for session in sessions}

    def run(self, steps: Sequence[PlanStep]) -> Timeline:
        statuses: dict[str, list[AppStatus]] = {app.name: [] for app in self.apps}
        names, stopped = [], ""
        for step in steps:
            self.failures, self.waits = {}, Counter()
            stopped = self._run_step(step)
            names.append(step.name)
            for app in self.apps:
                statuses[app.name].append(self._status(app))
            if stopped:
                break
        apps = {name: tuple(each) for name, each in statuses.items()}
        return Timeline(tuple(names), apps, stopped, self._max_rows(*self.counters), self._max_rows(id(self.requests)))

    def _max_rows(self, *sessions: int) -> int:
        return max((self.counters[one].max_rows for one in sessions if one in self.counters), default=0)

    def _status(self, app: App) -> AppStatus:
        status = self.failures.get(app.name) or AppStatus("works" if app.name in self.running else "not running")
        return replace(status, waits=self.waits[app.name])

    def _run_step(self, step: PlanStep) -> str:
        """Take one step; give the reason if it cannot be completed."""
        self.running = (self.running | {step.starts}) - {step.stops, ""}
        try:
            statements = self.lab.statements(step.sql)
        except EngineError as error:
            return f"in step `{step.name}` {self.lab.engine} says: {error}"
        if len(statements) > MAX_STATEMENTS:
            raise Mismatch(f"at most {MAX_STATEMENTS} statements in a step", f"{len(statements):,}")
        for statement in statements:
            try:
                self._execute(self.migration, statement)
            except EngineError as error:
                begins = " ".join(statement.split())[:60]
                return f"in step `{step.name}` {self.lab.engine} says: {error} (at `{begins}…`)"
            self._use_apps()
        if self.migration.in_transaction():
            return f"step `{step.name}` leaves a transaction open"
        self._use_apps()
        return ""

    def _execute(self, session: Session, statement: str, values: Row = ()) -> Result:
        try:
            return session.execute(statement, values)
        finally:
            if counter := self.counters.get(id(session)):
                counter.count()

    def _use_apps(self) -> None:
        """Have every application that is running send its writes and read, after those that still wait."""
        live = [app for app in self.apps if app.name in self.running]
        if not self.migration.in_transaction():
            # What is lost must be seen before the row is written again.
            self._read_all(live)
            late, self.waiting = self.waiting, []
            for write in late:
                self._send(write)
        for app in live:
            for write in self._writes(app):
                self._send(write)
        self._read_all(live)

    def _read_all(self, apps: Sequence[App]) -> None:
        for app in apps:
            self._read(app)

    def _writes(self, app: App) -> list[_Write]:
        key = max([*self.ledger, *(write.fact[0] for write in self.waiting)], default=0) + 1
        new = (key, f"Ada{key}", "van der Berg" if key % 2 else "Byron")
        # Each application changes rows of its own: what one does would hide what the other has missed.
        own = sorted(self.ledger)[self.apps.index(app) :: len(self.apps)] or [key]
        changed = (self.rng.choice(own), f"Eve{key}", "Prince")
        return [_Write(app, new, *app.insert(new)), _Write(app, changed, *app.update(changed))]

    def _send(self, write: _Write) -> None:
        try:
            self._execute(self.requests, write.statement, write.values)
        except EngineError as error:
            if self._must_wait(write.app, error):
                self.waiting.append(write)
            else:
                self._note_refusal(write.app, write.statement, error)
        else:
            self.ledger[write.fact[0]] = write.fact

    def _read(self, app: App) -> None:
        try:
            result = self._execute(self.requests, app.query)
        except EngineError as error:
            if not self._must_wait(app, error):
                self._note_refusal(app, app.query, error)
            return
        if status := app.check_read(list(self.ledger.values()), result):
            self.failures.setdefault(app.name, status)

    def _must_wait(self, app: App, error: EngineError) -> bool:
        """Whether a request met a lock of the migration's open transaction; it is counted."""
        if error.busy:
            # PostgreSQL may have it in its queue still, where it would be done behind our back.
            self.requests.rollback()
        locked = error.busy or error.code == TRY_AGAIN.get(self.lab.engine)
        if locked and self.migration.in_transaction():
            self.waits[app.name] += 1
            return True
        return False

    def _note_refusal(self, app: App, statement: str, error: EngineError) -> None:
        self.failures.setdefault(app.name, AppStatus("refused", f"`{statement}` is refused: {error}"))
