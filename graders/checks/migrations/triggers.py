"""Claims on triggers that keep a name stored whole and in two parts the same, whichever application writes it."""

from __future__ import annotations

import random

from graders import Mismatch, claim, lab_for
from graders.checks.migrations.names import TWICE, in_two, stranger
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.sql import quote_literal
from graders.techniques.queries.serialized import left_by

NAMES = ("Ada Okafor", "Prince", "Ludwig van der Berg", "Mei Li", "Dara O'Brien")
READ = "SELECT customer_id, fullname, first_name, last_name FROM main.customers ORDER BY customer_id"
Steps = list[tuple[str, str]]


@lab_for("migrations-8")
def nobody_yet(seed: int) -> Lab:
    """An empty table of customers, with the whole name and its two parts."""
    return open_lab("SQLite", TWICE)


def _history(rng: random.Random, length: int) -> tuple[Steps, list[dict[int, str]]]:
    """Random writes of both applications, as their kind and statement; and after each the name of every customer."""
    truth: dict[int, str] = {}
    steps, after = [], []
    names = (*NAMES, stranger(rng))
    for _ in range(length):
        number, name = rng.randint(1, 3), rng.choice(names)
        verb = "changes" if number in truth else "adds"
        app = rng.choice(("old", "new"))
        truth[number] = name
        steps.append((f"{app} {verb}", _written(app, verb, number, name)))
        after.append(dict(truth))
    return steps, after


def _written(app: str, verb: str, number: int, name: str) -> str:
    first, last = map(quote_literal, in_two(name))
    if verb == "adds":
        columns, values = (
            ("fullname", quote_literal(name)) if app == "old" else ("first_name, last_name", f"{first}, {last}")
        )
        return f"INSERT INTO customers (customer_id, {columns}) VALUES ({number}, {values})"
    sets = f"fullname = {quote_literal(name)}" if app == "old" else f"first_name = {first}, last_name = {last}"
    return f"UPDATE customers SET {sets} WHERE customer_id = {number}"


@claim("migrations-8", worth=0)
def creates_triggers(lab, triggers):
    """SQLite accepts your script, and there are triggers after it"""
    _prepared(lab, triggers)
    if not lab.run("SELECT 1 FROM sqlite_schema WHERE type = 'trigger'").rows:
        raise Mismatch("at least one trigger", "none")


def _prepared(lab: Lab, triggers: str) -> None:
    try:
        lab.run(triggers)
    except EngineError as error:
        raise Mismatch("triggers that SQLite accepts", f"SQLite says: {error}") from None


@claim("migrations-8", worth=3, after=creates_triggers)
def both_agree(triggers, seed):
    """after each of 600 random writes of both applications, the whole name and the two parts agree"""
    with open_lab("SQLite", TWICE) as lab:
        _prepared(lab, triggers)
        image = left_by(lab)
    rng = random.Random(seed)
    for length in (1, 2, 2, 3, *[24] * 25):
        steps, after = _history(rng, length)
        if wrong := _first_wrong(image, steps, after):
            raise wrong


def _first_wrong(image: bytes, steps: Steps, after: list[dict[int, str]]) -> Mismatch | None:
    with open_image(image) as lab:
        told = lab.outcomes([text for _, statement in steps for text in (statement, READ)])
    for place, names in enumerate(after):
        wrote, found = told[2 * place : 2 * place + 2]
        refused = next((one for one in (wrote, found) if isinstance(one, EngineError)), None)
        if refused:
            return Mismatch("every write to go through", f"SQLite says: {refused}", tables=[_told(steps[: place + 1])])
        right = [(number, name, *in_two(name)) for number, name in sorted(names.items())]
        if found.rows != right:
            return _disagree(steps[: place + 1], found.rows, right)
    return None


def _told(steps: Steps) -> Table:
    return Table("the writes", ("application", "statement"), steps[-4:])


def _disagree(steps: Steps, found: list[tuple], right: list[tuple]) -> Mismatch:
    columns = ("customer_id", "fullname", "first_name", "last_name")
    wrong = [place for place, row in enumerate(found) if row not in right]
    shown = Table("customers after them", columns, found, frozenset(wrong), "the names disagree")
    bad = found[wrong[0]] if wrong else None
    return Mismatch("names that agree", f"{bad}", hint=_hint(steps[-1][0], bad), tables=[_told(steps), shown])


def _hint(kind: str, bad: tuple | None) -> str:
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
