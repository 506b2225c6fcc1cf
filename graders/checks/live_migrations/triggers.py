"""Claims on triggers that keep a whole name and its two parts the same, whichever application writes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.live_migrations.name_writes import Tier, Write, draw_histories, draw_tiers
from graders.checks.migrations.backfills import BOTH, COLUMNS
from graders.checks.migrations.schema_changes import draw_people
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.labs.lab import Row
from graders.techniques.queries import serialize_database

READ = "SELECT customer_id, fullname, first_name, last_name FROM main.customers ORDER BY customer_id"
TOO_FAR = "Nobody wrote this customer. Which rows does the UPDATE in your trigger change?"


@lab_for("sync-both-names")
def open_unequal_customers(seed: int) -> Lab:
    """Two customers from before the triggers: one has no first and last name yet, one got other ones by hand."""
    rng = random.Random(seed)
    (one, other), (name, again) = rng.sample(range(1, 10**6), 2), draw_people(rng, 2)
    return open_lab("SQLite", BOTH, {"customers": [(one, name, None, None), (other, again, "Louis", "Rex")]})


@dataclass(frozen=True)
class Disagreement:
    """The first write after which something is wrong."""

    writes: list[Write]
    """All writes up to it."""
    found: list[Row] | EngineError
    """The customers in question after it, or what SQLite refused."""
    right: list[Row]
    """Those customers as they must be."""
    hint: str


@dataclass(frozen=True)
class Agreement:
    """The first write after which something is wrong, for each thing that can be; None where nothing is."""

    expected: Disagreement | None
    """A customer who was written, with a name that everybody expects."""
    odd: Disagreement | None
    """A customer who was written, with a name that has blanks in odd places or is not known."""
    others: Disagreement | None
    """A customer whom nobody wrote."""


@experiment("sync-both-names", condition="SQLite accepts your script, and there are triggers after it")
def write_with_triggers(attempt: Attempt) -> Agreement:
    """Make the triggers, and have both applications write."""
    with open_unequal_customers(attempt.seed) as lab:
        try:
            lab.run(attempt.answer)
        except EngineError as error:
            raise Mismatch("triggers that SQLite accepts", f"SQLite says: {error}") from None
        if not lab.run("SELECT 1 FROM sqlite_schema WHERE type = 'trigger'").rows:
            raise Mismatch("at least one trigger", "none")
        image = serialize_database(lab)
    with open_image(image) as lab:
        return _compare(lab, random.Random(attempt.seed))


def _compare(lab: Lab, rng: random.Random) -> Agreement:
    (read,) = lab.outcomes([READ])
    if isinstance(read, EngineError):
        raise Mismatch("the table `customers`, with its four columns", f"SQLite says: {read}")
    others = read.rows
    expected, odd = ([*_send_all(lab, rng, tiers, others)] for tiers in draw_tiers(rng))
    return Agreement(
        _first(trial.names for trial in expected),
        _first(trial.names for trial in odd),
        _first(trial.others for trial in (*expected, *odd)),
    )


def _first(found: Iterable[Disagreement | None]) -> Disagreement | None:
    return next(filter(None, found), None)


@dataclass(frozen=True)
class _Trial:
    """What goes wrong first in a history: with those who are written, and with the others."""

    names: Disagreement | None
    others: Disagreement | None


def _send_all(lab: Lab, rng: random.Random, tiers: list[Tier], others: list[Row]) -> Iterator[_Trial]:
    """Send histories of each tier, from short ones to long ones."""
    taken = {row[0] for row in others}
    for tier in tiers:
        for writes in draw_histories(rng, tier, taken):
            yield _send(lab, tier, writes, others)


def _send(lab: Lab, tier: Tier, writes: list[Write], others: list[Row]) -> _Trial:
    """Send the writes, look at the customers after each, and undo them all."""
    statements = [sql for write in writes for sql in (write.statement, READ)]
    outcomes = iter(lab.outcomes(["BEGIN", *statements, "ROLLBACK"])[1:-1])
    names, intrusion, untouched = None, None, {row[0] for row in others}
    for place, (written, read) in enumerate(zip(outcomes, outcomes, strict=True)):
        refused = next((one for one in (written, read) if isinstance(one, EngineError)), None)
        rows = [] if isinstance(read, EngineError) else read.rows
        of_others = [row for row in rows if row[0] in untouched]
        found = refused or [row for row in rows if row[0] not in untouched]
        sent, right = writes[: place + 1], writes[place].right
        if names is None and found != right:
            names = Disagreement(sent, found, right, tier.hints[writes[place].kind])
        if intrusion is None and not refused and of_others != others:
            intrusion = Disagreement(sent, of_others, others, TOO_FAR)
    return _Trial(names, intrusion)


@claim(write_with_triggers, weight=1.5)
def both_names_agree(agreement: Agreement) -> None:
    """after each of many random writes of both applications, the whole name and the two parts agree"""
    _raise_disagreement(agreement.expected)


@claim(write_with_triggers, weight=0.5, after=both_names_agree)
def odd_names_agree(agreement: Agreement) -> None:
    """so they do for names with spaces in odd places, and for names that are not known"""
    _raise_disagreement(agreement.odd)


@claim(write_with_triggers, after=both_names_agree)
def leaves_others_alone(agreement: Agreement) -> None:
    """a write changes no other customer"""
    _raise_disagreement(agreement.others)


def _raise_disagreement(disagreement: Disagreement | None) -> None:
    """Raise `Mismatch` with the last writes and what they led to, if there is a disagreement."""
    if disagreement is None:
        return
    found = disagreement.found
    rows = [(write.kind, write.statement) for write in disagreement.writes[-4:]]
    history = Table("the writes", ("application", "statement"), rows)
    if isinstance(found, EngineError):
        raise Mismatch("every write to go through", f"SQLite says: {found}", tables=[history])
    wrong = [place for place, row in enumerate(found) if row not in disagreement.right]
    missing = next((row for row in disagreement.right if row[0] not in {row[0] for row in found}), None)
    customers = Table("customers after them", COLUMNS, found, frozenset(wrong), "not as it must be")
    bad = f"{found[wrong[0]]}" if wrong else "no such row"
    right = next((row for row in disagreement.right if wrong and row[0] == found[wrong[0]][0]), missing)
    hint = disagreement.hint if wrong else ""
    raise Mismatch(f"{right}", bad, hint=hint, tables=[history, customers])
