"""Runs the steps of a migration while two versions of an application read and write, and says who failed when."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from graders.labs import EngineError, Session, SharedLab
from graders.labs.lab import Row
from graders.report import Mismatch, Table
from graders.techniques.migrations.faults import Fault

Statement = tuple[str, Row]
MARK = re.compile(r"^[ \t]*--[ \t]*(step|start|stop):[ \t]*(.*?)[ \t]*$", re.M | re.I)
MOST_STEPS, MOST_STATEMENTS = 20, 40


@dataclass(frozen=True)
class App:
    """One version of an application: how it reads all facts, what it must see of one, and how it writes one.

    A fact is a row that begins with its key. `adds` and `changes` give a statement with its parameters.
    """

    name: str
    read: str
    sees: Callable[[Row], Row]
    adds: Callable[[Row], Statement]
    changes: Callable[[Row], Statement]


@dataclass(frozen=True)
class PlanStep:
    """A step of a plan: SQL to run, or an application to start or to stop."""

    name: str
    sql: str = ""
    starts: str = ""
    stops: str = ""


@dataclass(frozen=True)
class Tick:
    """How an application fared after a step, or during it: "works", "refused", "misled" or "not running", and why."""

    state: str
    words: str = ""
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """The states of each application, by its name, after each step; and the step that the engine refused, if any."""

    steps: tuple[str, ...]
    apps: Mapping[str, tuple[Tick, ...]]
    stopped: str = ""

    @property
    def fault(self) -> Fault | None:
        """The first step at which something is wrong."""
        for place, step in enumerate(self.steps):
            ticks = {name: states[place] for name, states in self.apps.items()}
            for name, tick in ticks.items():
                if tick.state in ("refused", "misled"):
                    found = f"after step {place + 1} ({step}): {tick.words}"
                    return Fault(f"app {tick.state}", f"the {name} application to go on working", found, tick.tables)
        if self.stopped:
            return Fault("refused", "every step to run", self.stopped)
        return None

    @property
    def words(self) -> str:
        """How each application fared, in sentences."""
        return " ".join(f"The {name} application {_fared(states, self.steps)}." for name, states in self.apps.items())


def _fared(states: Sequence[Tick], steps: Sequence[str]) -> str:
    bad = [
        f"step {place + 1} ({steps[place]})" for place, tick in enumerate(states) if tick.state in ("refused", "misled")
    ]
    runs = sum(tick.state != "not running" for tick in states)
    if bad:
        return f"fails after {', '.join(bad)}"
    return f"works after each of the {runs} steps during which it runs" if runs else "never runs"


def steps_of(text: str) -> list[PlanStep]:
    """Read a plan: SQL behind lines `-- step: words`, and lines `-- start: name` and `-- stop: name`.

    Raise `Mismatch` if there is none, or SQL before the first, or more than twenty.
    """
    before, *pieces = MARK.split(text)
    if any(line.strip() and not line.strip().startswith("--") for line in before.splitlines()):
        raise Mismatch("a line `-- step: words` before the first statement", "a statement")
    steps = []
    for kind, words, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if kind.lower() == "step":
            steps.append(PlanStep(words or f"step {len(steps) + 1}", body))
        else:
            steps.append(PlanStep(f"{kind.lower()} {words}", body, **{f"{kind.lower()}s": words.lower()}))
    if not 0 < len(steps) <= MOST_STEPS:
        raise Mismatch(f"1 to {MOST_STEPS} steps", f"{len(steps)}")
    return steps


def run_timeline(
    lab: SharedLab, steps: Sequence[PlanStep], apps: Sequence[App], facts: Sequence[Row], running: Sequence[str]
) -> Timeline:
    """Run `steps` on `lab`, with the applications that are running reading and writing after every statement.

    Applications write only outside the migration's transactions, where they would wait for its lock. `facts` are what
    the lab holds at the start; what an application writes is kept in a ledger, which every other must see.
    """
    return _Traffic(lab, list(apps), {row[0]: tuple(row) for row in facts}, set(running)).ran(steps)


@dataclass
class _Traffic:
    lab: SharedLab
    apps: list[App]
    ledger: dict
    running: set[str]
    bad: dict[str, Tick] = field(default_factory=dict)

    def ran(self, steps: Sequence[PlanStep]) -> Timeline:
        told: dict[str, list[Tick]] = {app.name: [] for app in self.apps}
        names, stopped = [], ""
        with self.lab.connect() as session:
            for step in steps:
                self.bad = {}
                stopped = self._step(session, step)
                names.append(step.name)
                for app in self.apps:
                    told[app.name].append(self._tick(app))
                if stopped:
                    break
        return Timeline(tuple(names), {name: tuple(ticks) for name, ticks in told.items()}, stopped)

    def _tick(self, app: App) -> Tick:
        return self.bad.get(app.name) or Tick("works" if app.name in self.running else "not running")

    def _step(self, session: Session, step: PlanStep) -> str:
        self.running = (self.running | {step.starts}) - {step.stops, ""}
        try:
            statements = self.lab.statements(step.sql)
        except EngineError as error:
            return f"in step `{step.name}` SQLite says: {error}"
        if len(statements) > MOST_STATEMENTS:
            raise Mismatch(f"at most {MOST_STATEMENTS} statements in a step", f"{len(statements):,}")
        for statement in statements:
            try:
                session.execute(statement)
            except EngineError as error:
                begins = " ".join(statement.split())[:60]
                return f"in step `{step.name}` SQLite says: {error} (at `{begins}…`)"
            if not session.in_transaction():
                self._probe()
        if session.in_transaction():
            return f"step `{step.name}` leaves a transaction open"
        self._probe()
        return ""

    def _probe(self) -> None:
        live = [app for app in self.apps if app.name in self.running]
        for app in live:
            self._writes(app)
        for app in live:
            self._reads(app)

    def _writes(self, app: App) -> None:
        key = max(self.ledger, default=0) + 1
        added = (key, f"Ada{key}", "van der Berg" if key % 2 else "Byron")
        # Each application changes a row of its own: what one does would hide what the other has missed.
        place = self.apps.index(app) % max(1, len(self.ledger))
        changed = (sorted(self.ledger)[place] if self.ledger else key, f"Eve{key}", "Prince")
        for fact, (statement, values) in ((added, app.adds(added)), (changed, app.changes(changed))):
            try:
                self.lab.execute(statement, values)
            except EngineError as error:
                self._note(app, Tick("refused", f"`{statement}` is refused: {error}"))
            else:
                self.ledger[fact[0]] = fact

    def _reads(self, app: App) -> None:
        try:
            found = self.lab.execute(app.read)
        except EngineError as error:
            self._note(app, Tick("refused", f"`{app.read}` is refused: {error}"))
            return
        right, there = _first_wrong([app.sees(fact) for fact in self.ledger.values()], found.rows)
        if right or there:
            rows = [row for row in (there, right) if row]
            mark = ("found; below it what was written" if right else "nobody wrote it") if there else "is missing"
            table = Table(f"what the {app.name} application reads", found.columns, rows, frozenset({0}), mark)
            words = f"where {right} was written" if right else "which nobody wrote"
            self._note(app, Tick("misled", f"it reads {there or 'nothing'} {words}", (table,)))

    def _note(self, app: App, tick: Tick) -> None:
        self.bad.setdefault(app.name, tick)


def _first_wrong(asked: Sequence[Row], found: Sequence[Row]) -> tuple[Row | None, Row | None]:
    """The first row that is not read as it was written, and what is read in its place; two None if all is well."""
    there = {row[0]: row for row in found if row}
    for row in asked:
        if there.get(row[0]) != row:
            return row, there.get(row[0])
    # What is left is of nobody, or comes a second time.
    left = list(found)
    for row in asked:
        left.remove(row)
    return None, next(iter(left), None)
