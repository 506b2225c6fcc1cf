"""Two versions of an application beside a rollout: what each reads and writes, and how it fared at every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Table
from graders.labs import Result
from graders.labs.lab import Row
from graders.techniques.migrations.change import Fault

FAILURES = ("refused", "misled")
Request = tuple[str, Row]
"""A statement with its parameters."""


@dataclass(frozen=True)
class AppStatus:
    """How an application fares after a step of a rollout, or during it."""

    state: str
    """"works", "refused", "misled" or "not running"."""
    words: str = ""
    """What went wrong."""
    tables: tuple[Table, ...] = ()
    """Rows to look at."""
    lost: bool = False
    """Whether it is misled by a row that was written and is gone."""
    waits: int = 0
    """How many of its requests met a lock of the step's transaction, and were sent again when that had ended."""


@dataclass(frozen=True)
class App:
    """One version of an application; a fact is a row that begins with its key, stored in the version's own way."""

    name: str
    query: str
    """The statement that reads all facts."""
    shows: Callable[[Row], Row]
    """The row in which `query` must give a fact."""
    insert: Callable[[Row], Request]
    """The request that writes a new fact."""
    update: Callable[[Row], Request]
    """The request that changes the fact of the same key."""

    @classmethod
    def of_table(cls, name: str, table: str, columns: Sequence[str], values: Callable[[Row], Row]) -> App:
        """A version that keeps each fact as a row of `table`: its `values` in `columns`, of which the first is the key.

        App.of_table("old", "customers", ("customer_id", "fullname"), lambda fact: (fact[0], " ".join(fact[1:])))
        """
        key, *others = columns
        marks, sets = ", ".join("?" * len(columns)), ", ".join(f"{column} = ?" for column in others)
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        update = f"UPDATE {table} SET {sets} WHERE {key} = ?"
        return cls(
            name,
            f"SELECT {', '.join(columns)} FROM {table}",
            shows=values,
            insert=lambda fact: (insert, values(fact)),
            update=lambda fact: (update, (*values(fact)[1:], values(fact)[0])),
        )

    def check_read(self, facts: Sequence[Row], result: Result) -> AppStatus | None:
        """What is wrong with what it has read of all `facts`, a NULL in place of a value included."""
        right, wrong = _find_wrong_row([self.shows(fact) for fact in facts], result.rows)
        if not (right or wrong):
            return None
        rows = [row for row in (wrong, right) if row]
        mark = ("found; below it what was written" if right else "nobody wrote it") if wrong else "is missing"
        table = Table(f"what the {self.name} application reads", result.columns, rows, frozenset({0}), mark)
        written = f"where {right} was written" if right else "which nobody wrote"
        return AppStatus("misled", f"it reads {wrong or 'nothing'} {written}", (table,), lost=wrong is None)


def _find_wrong_row(written: Sequence[Row], read: Sequence[Row]) -> tuple[Row | None, Row | None]:
    """A row that is not read as it was written, one that is lost before others, and what is read; or two None."""
    by_key = {row[0]: row for row in read if row}
    wrong = [row for row in written if by_key.get(row[0]) != row]
    if wrong:
        row = next((row for row in wrong if row[0] not in by_key), wrong[0])
        return row, by_key.get(row[0])
    # The rest was written by nobody, or comes a second time.
    rest = list(read)
    for row in written:
        rest.remove(row)
    return None, next(iter(rest), None)


@dataclass(frozen=True)
class Timeline:
    """How every application fared at each step of a rollout."""

    steps: tuple[str, ...]
    """The names of the steps, as far as they were run."""
    apps: Mapping[str, tuple[AppStatus, ...]]
    """The status of each application, by its name, after each step."""
    stopped: str = ""
    """Why the last step could not be completed, if it could not."""
    max_rows: int = 0
    """The most rows that one transaction wrote; only SQLite tells."""
    max_request_rows: int = 0
    """The most rows that one request of an application wrote, those of triggers included; only SQLite tells."""

    @property
    def fault(self) -> Fault | None:
        """The first step at which something is wrong; to wait is not."""
        for place, step in enumerate(self.steps):
            for name, statuses in self.apps.items():
                status = statuses[place]
                if status.state in FAILURES:
                    found = f"after step {place + 1} ({step}): {status.words}"
                    kind = "write lost" if status.lost else f"app {status.state}"
                    return Fault(kind, f"the {name} application to go on working", found, status.tables)
        if self.stopped:
            return Fault("refused", "every step to run", self.stopped)
        return None

    @property
    def waits(self) -> int:
        """How many requests of all applications had to wait for the migration."""
        return sum(status.waits for statuses in self.apps.values() for status in statuses)

    @property
    def words(self) -> str:
        """How each application fared, in sentences."""
        return " ".join(
            f"The {name} application {_describe(statuses, self.steps)}{_describe_waits(statuses, self.steps)}."
            for name, statuses in self.apps.items()
        )


def _describe(statuses: Sequence[AppStatus], steps: Sequence[str]) -> str:
    bad = [f"step {place + 1} ({steps[place]})" for place, one in enumerate(statuses) if one.state in FAILURES]
    runs = sum(status.state != "not running" for status in statuses)
    if bad:
        return f"fails after {', '.join(bad)}"
    return f"works after each of the {runs} steps during which it runs" if runs else "never runs"


def _describe_waits(statuses: Sequence[AppStatus], steps: Sequence[str]) -> str:
    waits = [f"{one.waits} during step {place + 1} ({steps[place]})" for place, one in enumerate(statuses) if one.waits]
    return f"; requests that had to wait: {', '.join(waits)}" if waits else ""
