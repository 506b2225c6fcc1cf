"""Claims on the repair of an index that CREATE INDEX CONCURRENTLY has left invalid, while the shop goes on writing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.postgresql.shop import ON_POSTGRESQL, blame_answer, open_shop, read_statements, shorten
from graders.labs import EngineError, Session, SharedLab, Waits
from graders.labs.lab import Row

NAME = "users_email"
BUILD = f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON users (email)"
INDEXES = """SELECT c.relname, i.indisvalid, i.indisunique FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE i.indrelid = 'users'::regclass AND NOT i.indisprimary ORDER BY 1"""
TRANSACTIONS = "25001"
MAX_WAITS = 20


def open_broken_index(seed: int) -> SharedLab:
    """The shop with an index that was stopped by users of one e-mail; these users are gone by now."""
    rng = random.Random(seed)
    lab = open_shop(seed)
    twins = [f"u{number}@example.com" for number in rng.sample(range(1, 200), 3)]
    for email in twins:
        lab.execute("INSERT INTO users (email, name) VALUES ($1, 'Twin')", (email,))
    lab.own.outcomes([BUILD])
    lab.execute("DELETE FROM users WHERE name = 'Twin'")
    return lab


@dataclass
class Repair:
    """What came of the script while others wrote."""

    kept_waiting: list[str] = field(default_factory=list)
    """The statements of the script behind which a writer had to wait."""
    indexes: list[Row] = field(default_factory=list)
    """The indexes of the table afterwards: name, valid, unique."""
    taken: str = ""
    """An e-mail that somebody has."""
    refuses_taken: bool = False
    """Whether a second user with that e-mail is refused."""
    lost: int = 0
    """How many users are gone."""


@experiment("repair-the-index", condition="your statements run, in autocommit", description=ON_POSTGRESQL)
def repair_index(attempt: Attempt) -> Repair:
    """Run each statement while a writer has not committed yet, and look whether a second writer can go on."""
    statements = read_statements(attempt.answer)
    with open_broken_index(attempt.seed) as lab:
        users = _count(lab)
        repair = Repair(taken=f"u{random.Random(attempt.seed).randint(210, 290)}@example.com")
        with lab.connect() as session, blame_answer():
            repair.kept_waiting = [one for one in statements if _keeps_waiting(lab, session, one)]
            session.rollback()
            repair.lost = users - _count(lab)
        repair.indexes = lab.execute(INDEXES).rows
        (outcome,) = lab.own.outcomes([("INSERT INTO users (email, name) VALUES ($1, 'Again')", (repair.taken,))])
        repair.refuses_taken = isinstance(outcome, EngineError) and outcome.code == "23505"
        return repair


def _count(lab: SharedLab) -> int:
    return int(lab.execute("SELECT count(*) FROM users WHERE name LIKE 'User%'").rows[0][0])


def _keeps_waiting(lab: SharedLab, session: Session, statement: str) -> bool:
    """Run a statement to its end beside a writer; give whether another writer has to wait because of the script."""
    with lab.connect() as writer, lab.connect() as customer:
        writer.execute("BEGIN")
        kept = _must_wait(writer, 1)
        try:
            _run(session, statement)
        except Waits:
            kept = _must_wait(customer, 2) or kept
            writer.execute("COMMIT")
            _run_to_end(session, statement)
        return kept or _must_wait(customer, 2)


def _must_wait(writer: Session, user: int) -> bool:
    try:
        writer.execute(f"UPDATE users SET name = name WHERE id = {user}")
        return False
    except Waits:
        writer.rollback()
        return True


def _run(session: Session, statement: str) -> None:
    try:
        session.execute(statement)
    except Waits:
        raise
    except EngineError as error:
        hint = ""
        if error.code == TRANSACTIONS:
            hint = "It works in several transactions of its own, one after the other. Can it be part of yours?"
        raise Mismatch("statements that run", f"`{shorten(statement)}`: {error.says}", hint) from None


def _run_to_end(session: Session, statement: str) -> None:
    for _ in range(MAX_WAITS):
        try:
            _run(session, statement)
            return
        except Waits:
            continue
    raise Mismatch("statements that come to an end", f"`{shorten(statement)}` waits, although nobody writes any more")


def _table(repair: Repair) -> Table:
    return Table("the indexes of users afterwards", ("index", "valid", "unique"), repair.indexes)


@claim(repair_index, weight=2)
def refuses_a_taken_email(repair: Repair) -> None:
    """afterwards an e-mail that somebody has is refused, and no user is gone"""
    if repair.lost:
        raise Mismatch("all users", f"{repair.lost} of them gone")
    if not repair.refuses_taken:
        raise Mismatch(f"{repair.taken} to be refused", "it was taken a second time", _hint(repair), [_table(repair)])


def _hint(repair: Repair) -> str:
    if any(valid for _, valid, _ in repair.indexes):
        return "There is a valid index. What keeps two users from having the same e-mail?"
    if repair.indexes:
        return "The index of that name is there, and it is not valid. What in your script looks at more than its name?"
    return ""


@claim(repair_index, after=refuses_a_taken_email)
def leaves_no_invalid_index(repair: Repair) -> None:
    """no invalid index is left on the table"""
    invalid = [name for name, valid, _ in repair.indexes if not valid]
    if invalid:
        hint = "The broken index is still there, and no query uses it. Who takes it away?"
        raise Mismatch("valid indexes alone", f"`{invalid[0]}`, which is not valid", hint, [_table(repair)])


@claim(repair_index, weight=2, after=refuses_a_taken_email)
def keeps_nobody_waiting(repair: Repair) -> None:
    """while your statements wait for one writer, another one can go on"""
    if repair.kept_waiting:
        hint = "It waits for a writer, and every later writer waits behind it. Which word lets them go on?"
        raise Mismatch("nobody to wait behind it", f"writers wait behind `{shorten(repair.kept_waiting[0])}`", hint)
