"""Finds out by experiment whether a change is safe while applications live: run on filled tables, with them writing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Mismatch, Table
from graders.labs import EngineError, Session, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.sql import has_code
from graders.techniques.migrations import App, PlanStep, Timeline, run_timeline

Reached = Callable[[SharedLab], str]
MARK = re.compile(r"^[ \t]*--[ \t]*(\d+)[ \t]*[.:]?[ \t]*(safe|safer)?[ \t]*$", re.M | re.I)
NUMBERED = re.compile(r"^[ \t]*--[ \t]*\d.*$", re.M)


@dataclass(frozen=True)
class Live:
    """A filled SQLite database in use: its schema and rows, and of each application the facts that it begins with.

    A transaction that writes more than `most_rows` rows keeps the others waiting too long.
    """

    schema: str
    data: Mapping[str, Sequence[Row]]
    apps: Sequence[tuple[App, Sequence[Row]]]
    most_rows: int

    def opened(self) -> SharedLab:
        """A fresh lab with all rows."""
        return open_shared_lab("SQLite", self.schema, self.data)


@dataclass(frozen=True)
class Danger:
    """What goes wrong with a change, and the words: a fault of a timeline ("app refused"), "waits" or "not reached".

    `line` is what became of the application; `missed` says what the change was for and did not reach, "" if it did.
    """

    kind: str
    words: str
    tables: tuple[Table, ...] = ()
    line: Timeline | None = None
    missed: str = ""


def danger_of(live: Live, sql: str, reached: Reached = lambda lab: "") -> Danger | None:
    """Run `sql` once beside each application; give the first thing that goes wrong, or None if it is safe.

    `reached` looks at the lab afterwards and says in words what the change was for and did not reach.
    """
    found = [danger for app, facts in live.apps if (danger := _beside(live, app, facts, sql, reached))]
    # What harms one application tells more than what another run did not reach because of it.
    return min(found, key=lambda danger: danger.kind == "not reached", default=None)


def _beside(live: Live, app: App, facts: Sequence[Row], sql: str, reached: Reached) -> Danger | None:
    with live.opened() as lab:
        counted = _CountingLab(lab)
        line = run_timeline(counted, [PlanStep("the change", sql)], [app], facts, [app.name])
        missed = _looked(lab, reached)
        if fault := line.fault:
            words = fault.found.removeprefix("after step 1 (the change): ").removeprefix("in step `the change` ")
            return Danger(fault.kind, words, fault.tables, line, missed)
        if (most := counted.most) > live.most_rows:
            words = f"one transaction writes {most} rows, and whoever else writes waits"
            return Danger("waits", words, line=line, missed=missed)
        return Danger("not reached", missed, line=line, missed=missed) if missed else None


def _looked(lab: SharedLab, reached: Reached) -> str:
    try:
        return reached(lab)
    except EngineError as error:
        return f"SQLite says: {error} (at `{' '.join(error.statement.split())[:60]}`)"


class _CountingLab:
    """A lab that counts the rows which each transaction of the sessions opened through it writes."""

    def __init__(self, lab: SharedLab):
        self.lab, self.sessions = lab, []

    def __getattr__(self, name: str):
        return getattr(self.lab, name)

    def connect(self) -> _CountingSession:
        """Open a session whose rows are counted."""
        self.sessions.append(_CountingSession(self.lab.connect()))
        return self.sessions[-1]

    @property
    def most(self) -> int:
        """The largest number of rows that one transaction has written."""
        return max((session.most for session in self.sessions), default=0)


class _CountingSession:
    def __init__(self, session: Session):
        self.session, self.most, self._written = session, 0, 0

    def __getattr__(self, name: str):
        return getattr(self.session, name)

    def execute(self, statement: str, parameters: Sequence = ()):
        """Run one statement and count the rows that it writes, be it refused or not."""
        before = self.session.total_changes()
        try:
            return self.session.execute(statement, parameters)
        finally:
            self._written += self.session.total_changes() - before
            self.most = max(self.most, self._written)
            if not self.session.in_transaction():
                self._written = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()


def read_safer_forms(text: str, numbers: Sequence[int]) -> dict[int, str]:
    """Read the statements behind lines `-- 4`, one for each statement that is not safe; raise `Mismatch` on its form.

    A line `-- 2: safe` has nothing behind it, and says the same as no line at all.
    """
    unclear = next((line.strip() for line in NUMBERED.findall(text) if not MARK.fullmatch(line)), "")
    if unclear:
        raise Mismatch("a number alone in its line, or `-- 2: safe`", f"`{unclear}`")
    before, *pieces = MARK.split(text)
    if has_code(before, "SQLite"):
        raise Mismatch("a line such as `-- 4` above the first statement", "a statement")
    found: dict[int, str] = {}
    told: set[int] = set()
    for number, word, body in zip(map(int, pieces[::3]), pieces[1::3], pieces[2::3], strict=True):
        _must_fit(number, told, numbers, (word or "").lower() == "safe", body)
        told.add(number)
        if has_code(body, "SQLite"):
            found[number] = body
    return found


def _must_fit(number: int, told: set[int], numbers: Sequence[int], safe: bool, body: str) -> None:
    if number not in numbers:
        raise Mismatch(f"numbers from {numbers[0]} to {numbers[-1]}", f"a line `-- {number}`")
    if number in told:
        raise Mismatch(f"one line `-- {number}`", "two; write all its statements behind one of them")
    if safe and has_code(body, "SQLite"):
        raise Mismatch(f"nothing behind `-- {number}: safe`, for it is run as it stands", "a statement")
    if not safe and not has_code(body, "SQLite"):
        raise Mismatch(f"the safer form behind `-- {number}` (a safe statement needs no line)", "nothing")
