"""Claims on a query that finds the session for whose sake VACUUM keeps dead rows: when it ends, they can go."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.postgresql.shop import ENGINE, ON_POSTGRESQL, blame_answer, run_statement
from graders.labs import Session, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.queries import read_query

SCHEMA = "CREATE TABLE carts (id int PRIMARY KEY, item text NOT NULL)"
CARTS, KEPT = 2_000, 10
DEAD = "SELECT pg_stat_get_dead_tuples('carts'::regclass)"
SESSIONS = """SELECT pid, state, xact_start IS NOT NULL, age(backend_xmin) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY backend_start"""
COLUMNS = ("pid", "state", "in a transaction", "age(backend_xmin)")
READ = "SELECT count(*) FROM carts"
GUILTY, FORGOTTEN, IDLE, YOUNG, OWN = "guilty", "forgotten", "idle", "young", "own"


@dataclass(frozen=True)
class HorizonTrial:
    """Whom the query named, and how many dead rows VACUUM left when that session had ended."""

    found: list[Row]
    named: Any
    """The first value of the first row, None if there is none."""
    who: str
    """Which kind of session was named first; "" if none of the shop's."""
    dead_before: int
    dead_after: int
    sessions: list[Row]


@contextmanager
def open_busy_lab(seed: int) -> Iterator[tuple[SharedLab, dict[int, tuple[str, Session]]]]:
    """A table most of whose rows have been deleted, and sessions: one looks at the old rows; each by its process."""
    rng = random.Random(seed)
    rows = {"carts": [(number, f"item {number}") for number in range(1, CARTS + 1)]}
    with open_shared_lab(ENGINE, SCHEMA, rows) as lab, ExitStack() as stack:
        kinds = [IDLE, FORGOTTEN, GUILTY, FORGOTTEN, IDLE]
        if rng.random() < 0.5:
            kinds.insert(0, FORGOTTEN)
        # One that looks late is connected first, so that no list begins with the guilty one by chance.
        early = lab.connect(isolation="REPEATABLE READ")
        opened = [(kind, _open(lab, kind)) for kind in kinds]
        lab.execute("DELETE FROM carts WHERE id > $1", (KEPT,))
        for number in range(rng.randint(3, 6)):
            lab.execute("INSERT INTO carts VALUES ($1, 'late')", (-number,))
        opened += [(YOUNG, _look(early)), (YOUNG, _open(lab, YOUNG))]
        lab.execute("INSERT INTO carts VALUES (-100, 'last')")
        for _, session in opened:
            stack.callback(session.close)
        yield lab, {_pid(session): (kind, session) for kind, session in opened}


def _open(lab: SharedLab, kind: str) -> Session:
    """A session that does nothing now: idle, in a transaction without a snapshot, or in one with a snapshot."""
    session = lab.connect(isolation="REPEATABLE READ" if kind in (GUILTY, YOUNG) else "READ COMMITTED")
    return _look(session, begin=kind != IDLE)


def _look(session: Session, begin: bool = True) -> Session:
    if begin:
        session.execute("BEGIN")
    session.execute(READ)
    # A driver may keep the last SELECT open, and with it what that looked at, until the next statement.
    session.execute("SHOW timezone")
    return session


def _pid(session: Any) -> int:
    return int(session.connection.info.backend_pid)


@experiment("who-holds-the-horizon", condition="your query runs", description=ON_POSTGRESQL)
def end_the_session(attempt: Attempt) -> HorizonTrial:
    """Ask the query, end the session that it names, and clean up."""
    with open_busy_lab(attempt.seed) as (lab, sessions), lab.connect() as asking:
        query = read_query(lab.own, attempt.answer)
        listed, before = lab.execute(SESSIONS).rows, _clean_up(lab)
        found = run_statement(asking, query)
        named: Any = found[0][0] if found and found[0] else None
        pid = named if isinstance(named, int) else 0
        if pid in sessions:
            sessions[pid][1].close()
        with blame_answer():
            kinds = {pid: kind for pid, (kind, _) in sessions.items()}
            kinds |= {_pid(asking): OWN, lab.execute("SELECT pg_backend_pid()").rows[0][0]: IDLE}
            left = _clean_up(lab)
        ours = [row for row in listed if row[0] in sessions]
        return HorizonTrial(found, named, kinds.get(pid, ""), before, left, ours)


def _clean_up(lab: SharedLab) -> int:
    """Run VACUUM and give how many dead rows it has left."""
    lab.execute("VACUUM carts")
    return int(lab.execute(DEAD).rows[0][0])


HINTS = {
    IDLE: "That session is in no transaction, so it looks at nothing. In which transaction is an old view needed?",
    FORGOTTEN: "Its transaction is open and has no view of the table just now. Which column shows who has one?",
    YOUNG: "It looks at the table as it is after the deletion. Whose view is older than that?",
    OWN: "That is the session that asks. Which function gives its number, so that it can be left out?",
}


@claim(end_the_session, weight=3)
def frees_the_dead_rows(trial: HorizonTrial) -> None:
    """when the session in its first row has ended, VACUUM can remove the deleted rows"""
    if trial.who != GUILTY:
        left = f"{trial.dead_after:,} of {trial.dead_before:,} dead rows left"
        found = left if trial.who else f"`{trial.named!r:.40}`, which is no session here" if trial.found else "no row"
        table = Table("the sessions", COLUMNS, trial.sessions)
        raise Mismatch("no dead row left", found, HINTS.get(trial.who, ""), [table])


@claim(end_the_session, after=frees_the_dead_rows)
def names_one_session(trial: HorizonTrial) -> None:
    """it names this one session, and no other"""
    if len(trial.found) != 1 or len(trial.found[0]) != 1:
        hint = "Whoever is named is going to be ended. Which of these sessions has the oldest view?"
        raise Mismatch("one row with one `pid`", f"{len(trial.found)} rows of {len(trial.found[0])}", hint)
