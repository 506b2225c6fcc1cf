"""Claims on triggers that keep a whole name and its two parts the same, whichever application writes."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.migrations.backfills import BOTH, COLUMNS
from graders.checks.migrations.schema_changes import draw_stranger, split_name
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.labs.lab import Row
from graders.sql import quote_literal
from graders.techniques.queries import serialize_database

NAMES = ("Ada Okafor", "Prince", "Ludwig van der Berg", "Mei Li", "Dara O'Brien")
READ = "SELECT customer_id, fullname, first_name, last_name FROM main.customers ORDER BY customer_id"
LENGTHS = (1, 2, 2, 3, *[24] * 25)


@lab_for("sync-both-names")
def open_empty_customers(seed: int) -> Lab:
    """An empty table of customers, with the whole name and its two parts."""
    return open_lab("SQLite", BOTH)


@dataclass(frozen=True)
class Write:
    """A write of an application, and the customers that must be there after it."""

    kind: str
    """Which application writes, and what: "old adds"."""
    statement: str
    right: list[Row]


@dataclass(frozen=True)
class Disagreement:
    """The first write after which something is wrong."""

    writes: list[Write]
    """All writes to the empty table up to it."""
    found: list[Row] | EngineError
    """The customers after it, or what SQLite refused."""


@experiment("sync-both-names", condition="SQLite accepts your script, and there are triggers after it")
def write_with_triggers(attempt: Attempt) -> Disagreement | None:
    """Make the triggers, and have both applications write to empty tables until the names disagree."""
    with open_lab("SQLite", BOTH) as lab:
        try:
            lab.run(attempt.answer)
        except EngineError as error:
            raise Mismatch("triggers that SQLite accepts", f"SQLite says: {error}") from None
        if not lab.run("SELECT 1 FROM sqlite_schema WHERE type = 'trigger'").rows:
            raise Mismatch("at least one trigger", "none")
        image = serialize_database(lab)
    rng = random.Random(attempt.seed)
    histories = (_draw_history(rng, length) for length in LENGTHS)
    with open_image(image) as lab:
        return next(filter(None, (_find_first_disagreement(lab, writes) for writes in histories)), None)


def _draw_history(rng: random.Random, length: int) -> list[Write]:
    """Random writes of both applications to an empty table."""
    names: dict[int, str] = {}
    writes = []
    choices = (*NAMES, draw_stranger(rng))
    for _ in range(length):
        number, name = rng.randint(1, 3), rng.choice(choices)
        verb = "changes" if number in names else "adds"
        app = rng.choice(("old", "new"))
        names[number] = name
        right = [(number, name, *split_name(name)) for number, name in sorted(names.items())]
        writes.append(Write(f"{app} {verb}", _write_name(app, verb, number, name), right))
    return writes


def _write_name(app: str, verb: str, number: int, name: str) -> str:
    first, last = map(quote_literal, split_name(name))
    whole = quote_literal(name)
    if verb == "adds":
        columns, values = ("fullname", whole) if app == "old" else ("first_name, last_name", f"{first}, {last}")
        return f"INSERT INTO customers (customer_id, {columns}) VALUES ({number}, {values})"
    sets = f"fullname = {whole}" if app == "old" else f"first_name = {first}, last_name = {last}"
    return f"UPDATE customers SET {sets} WHERE customer_id = {number}"


def _find_first_disagreement(lab: Lab, writes: list[Write]) -> Disagreement | None:
    """Send the writes, and undo them all."""
    statements = [sql for write in writes for sql in (write.statement, READ)]
    outcomes = iter(lab.outcomes(["BEGIN", *statements, "ROLLBACK"])[1:-1])
    for place, (written, read) in enumerate(zip(outcomes, outcomes, strict=True)):
        if isinstance(written, EngineError):
            return Disagreement(writes[: place + 1], written)
        found = read if isinstance(read, EngineError) else read.rows
        if found != writes[place].right:
            return Disagreement(writes[: place + 1], found)
    return None


@claim(write_with_triggers, weight=3)
def both_names_agree(disagreement: Disagreement | None) -> None:
    """after each of 600 random writes of both applications, the whole name and the two parts agree"""
    if disagreement is None:
        return
    last, found = disagreement.writes[-1], disagreement.found
    history = Table(
        "the writes",
        ("application", "statement"),
        [(write.kind, write.statement) for write in disagreement.writes[-4:]],
    )
    if isinstance(found, EngineError):
        raise Mismatch("every write to go through", f"SQLite says: {found}", tables=[history])
    wrong = [place for place, row in enumerate(found) if row not in last.right]
    customers = Table("customers after them", COLUMNS, found, frozenset(wrong), "the names disagree")
    bad = found[wrong[0]] if wrong else None
    raise Mismatch("names that agree", f"{bad}", hint=_hint(last.kind, bad), tables=[history, customers])


def _hint(kind: str, bad: Row | None) -> str:
    if bad and bad[1] is None:
        return "The new application left one part NULL, and the whole became NULL. What does || make of NULL?"
    if bad and (bad[2] == "" or bad[1] != bad[1].strip()):
        return "A name of one word has no space. What do instr and substr make of it?"
    return {
        "old adds": "The old application has added somebody. Which event fires your triggers?",
        "new adds": "The new application has added somebody, without a whole name. Which trigger makes one?",
        "old changes": "The old application has changed a whole name. Which trigger carries it to the two parts?",
        "new changes": "The new application has changed the two parts. Which trigger carries them to the whole name?",
    }[kind]
