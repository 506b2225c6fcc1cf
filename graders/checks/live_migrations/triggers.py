"""Claims on triggers that keep a whole name and its two parts the same, whichever application writes."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.migrations.backfills import BOTH, COLUMNS
from graders.checks.migrations.schema_changes import draw_people, draw_stranger, split_name
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.labs.lab import Row
from graders.sql import quote_literal
from graders.techniques.queries import serialize_database

APPS = ("old", "new")
OPENINGS = (*((app,) for app in APPS), *((app, app) for app in APPS), APPS, APPS[::-1])
CUSTOMERS, LONG_HISTORIES, WRITES = 4, 5, 24
EACH_KIND = {
    "old adds": "The old application has added somebody. Which event fires your triggers, and what do they do?",
    "new adds": "The new application has added somebody, without a whole name. Which trigger makes one?",
    "old changes": "The old application has changed a whole name. Which triggers fire, and what do they do?",
    "new changes": "The new application has changed the two parts. Which triggers fire, and what do they do?",
}
ONE_WORD = "A name of one word has no space, and no last name. What do instr, || and comparisons make of that?"
ONE_PART = "The new application has changed one part of the name alone. Which columns does your trigger watch?"
SPACES = "The first name ends at the first space. What follows it, further spaces too, is the last name."
UNKNOWN = "A name that is not known is NULL in all three columns. What do conditions and expressions make of NULL?"


@dataclass(frozen=True)
class Tier:
    """What is written in a history; each tier has one difficulty more than those before."""

    names: Sequence[str | None]
    hints: dict[str, str]
    """By the kind of a write, what to look at if it goes wrong although all went well in the tiers before."""
    parts: bool = False
    """Whether the new application also changes one of the two names alone."""


def draw_tiers(rng: random.Random) -> tuple[list[Tier], list[Tier]]:
    """Tiers of names that everybody expects, and tiers of odd ones."""
    whole = [*draw_people(rng, 4), "Ludwig van der Berg", "Dara O'Brien"]
    single = draw_stranger(rng).split()
    odd = [*(f"{name} " for name in single), f" {whole[0]}", whole[1].replace(" ", "  "), " ".join(single * 20)]
    expected = [
        Tier(whole, EACH_KIND),
        Tier([*whole, *single], dict.fromkeys(EACH_KIND, ONE_WORD)),
        Tier(whole, EACH_KIND | {"new changes": ONE_PART}, parts=True),
    ]
    return expected, [
        Tier([*whole, *odd], dict.fromkeys(EACH_KIND, SPACES)),
        Tier([*whole, None], dict.fromkeys(EACH_KIND, UNKNOWN)),
    ]


@dataclass(frozen=True)
class Write:
    """A write of an application, and the customers who have been written as they must be after it."""

    kind: str
    """Which application writes, and what: "old adds"."""
    statement: str
    right: list[Row]


def draw_histories(rng: random.Random, tier: Tier, taken: Collection[int]) -> Iterator[list[Write]]:
    """A few writes to one customer, and then many to several, none of whose numbers is `taken`."""
    numbers = [number for number in rng.sample(range(1, 10**6), CUSTOMERS + len(taken)) if number not in taken]
    for apps in OPENINGS:
        yield _draw_history(rng, tier, [(app, numbers[0]) for app in apps])
    for _ in range(LONG_HISTORIES):
        writers = rng.choices(APPS, k=WRITES)
        yield _draw_history(rng, tier, [(app, rng.choice(numbers[:CUSTOMERS])) for app in writers])


def _draw_history(rng: random.Random, tier: Tier, writers: Iterable[tuple[str, int]]) -> list[Write]:
    """Writes of names that are drawn, by the application and to the customer of each of `writers`."""
    names: dict[int, str | None] = {}
    writes = []
    for app, number in writers:
        name, verb = rng.choice(tier.names), "changes" if number in names else "adds"
        if tier.parts and (app, verb) == ("new", "changes"):
            name, statement = _change_part(rng, number, str(names[number]), str(name))
        else:
            statement = _write_name(app, verb, number, name)
        names[number] = name
        right = [(number, name, *split_name(name)) for number, name in sorted(names.items())]
        writes.append(Write(f"{app} {verb}", statement, right))
    return writes


def _change_part(rng: random.Random, number: int, name: str, other: str) -> tuple[str, str]:
    """The name after one of its two parts became that of `other`, and the statement for it."""
    (first, last), (new_first, new_last) = split_name(name), split_name(other)
    if rng.random() < 0.5:
        whole, part = f"{new_first} {last}", f"first_name = {quote_literal(new_first)}"
    else:
        whole, part = f"{first} {new_last}", f"last_name = {quote_literal(new_last)}"
    return whole, f"UPDATE customers SET {part} WHERE customer_id = {number}"


def _write_name(app: str, verb: str, number: int, name: str | None) -> str:
    first, last = map(quote_literal, split_name(name))
    whole = quote_literal(name)
    if verb == "adds":
        columns, values = ("fullname", whole) if app == "old" else ("first_name, last_name", f"{first}, {last}")
        return f"INSERT INTO customers (customer_id, {columns}) VALUES ({number}, {values})"
    sets = f"fullname = {whole}" if app == "old" else f"first_name = {first}, last_name = {last}"
    return f"UPDATE customers SET {sets} WHERE customer_id = {number}"


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
