"""Claims on triggers that keep an order's stored total right, whatever happens to its lines."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders import Mismatch, claim, lab_for
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.techniques.queries.serialized import left_by

SCHEMA = """
CREATE TABLE orders (
    order_id INTEGER PRIMARY KEY,
    total    INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE lines (
    line_id    INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL REFERENCES orders (order_id),
    unit_price INTEGER NOT NULL,
    quantity   INTEGER NOT NULL
);
INSERT INTO orders (order_id) VALUES (1), (2), (3);
"""
# In `main`: what a temporary view or table of that name says is stored nowhere.
STORED = "SELECT order_id, total FROM main.orders ORDER BY order_id"
KIND = "SELECT type FROM main.sqlite_schema WHERE lower(name) = 'orders' AND type <> 'trigger'"
KINDS = {
    "insert": "INSERT INTO lines VALUES ({line}, {order}, {price}, {quantity})",
    "quantity": "UPDATE lines SET quantity = {quantity} WHERE line_id = {line}",
    "price": "UPDATE lines SET unit_price = {price} WHERE line_id = {line}",
    "move": "UPDATE lines SET order_id = {order} WHERE line_id = {line}",
    "all of it": (
        "UPDATE lines SET order_id = {order}, unit_price = {price}, quantity = {quantity} WHERE line_id = {line}"
    ),
    "delete": "DELETE FROM lines WHERE line_id = {line}",
}
CHANGES = {
    "quantity": ("quantity",),
    "price": ("price",),
    "move": ("order",),
    "all of it": ("order", "price", "quantity"),
}
LATER = (*CHANGES, "delete")
ORDERS = (1, 2, 3)


@dataclass(frozen=True)
class _Step:
    """A change of a line: its kind, and what a statement of that kind says of it."""

    kind: str
    values: dict[str, int]

    @property
    def statement(self) -> str:
        return KINDS[self.kind].format(**self.values)


Steps = list[_Step]


@lab_for("normalization-15")
def orders_with_totals(seed: int) -> Lab:
    """Three orders without lines, each with a stored total of 0."""
    return open_lab("SQLite", SCHEMA)


def _history(rng: random.Random, length: int, kinds: Sequence[str]) -> Steps:
    """Random changes of lines, of the `kinds` where a line is there; lines 1 to 4 come, change and go."""
    alive: set[int] = set()
    steps = []
    for _ in range(length):
        line = rng.randint(1, 4)
        kind = rng.choice(kinds) if line in alive else "insert"
        alive ^= {line} if kind in ("insert", "delete") else set()
        values = {
            "line": line,
            "order": rng.choice(ORDERS),
            "price": rng.randint(1, 9),
            "quantity": rng.randint(1, 9),
        }
        steps.append(_Step(kind, values))
    return steps


def _totals(steps: Steps) -> Iterator[list[tuple[int, int]]]:
    """What every order should hold after each of the steps, counted without a database."""
    lines: dict[int, dict[str, int]] = {}
    for step in steps:
        line = step.values["line"]
        if step.kind == "insert":
            lines[line] = dict(step.values)
        elif step.kind == "delete":
            lines.pop(line, None)
        elif line in lines:
            lines[line].update((name, step.values[name]) for name in CHANGES[step.kind])
        totals = dict.fromkeys(ORDERS, 0)
        for one in lines.values():
            totals[one["order"]] += one["price"] * one["quantity"]
        yield list(totals.items())


def _with_triggers(lab: Lab, script: str) -> None:
    try:
        lab.run(script)
    except EngineError as error:
        raise Mismatch("triggers that SQLite accepts", f"SQLite says: {error.sentence}") from None


@claim("normalization-15", worth=0)
def creates_triggers(lab, triggers):
    """SQLite accepts your script, and there are triggers after it"""
    _with_triggers(lab, triggers)
    if not lab.run("SELECT 1 FROM sqlite_schema WHERE type = 'trigger'").rows:
        raise Mismatch("at least one trigger", "none")
    if (kinds := lab.run(KIND).rows) != [("table",)]:
        raise Mismatch("`orders` to be the table it was", f"a {kinds[0][0]}" if kinds else "nothing of that name")


@claim("normalization-15", worth=3, after=creates_triggers)
def never_drifts(triggers, seed):
    """after each of 2,000 random changes of lines, every stored total is the sum of its lines"""
    with open_lab("SQLite", SCHEMA) as lab:
        _with_triggers(lab, triggers)
        image = left_by(lab)
    rng = random.Random(seed)
    # What goes wrong when one column changes is simpler to read: it is looked for first.
    for number in range(100):
        steps = _history(rng, 20, [kind for kind in LATER if number >= 50 or kind != "all of it"])
        if (end := _drift(image, steps)) is not None:
            raise _drifted(image, _shortest(image, steps[: end + 1]))


def _drift(image: bytes, steps: Steps) -> int | None:
    """The number of the step after which a total is wrong, or that was refused; None if all goes well."""
    return next((place for place, end in enumerate(_ends(image, steps)) if end.wrong), None)


@dataclass(frozen=True)
class _End:
    """The totals after a step, stored and true, as rows; or the engine's sentence where it refused."""

    stored: list[tuple]
    true: list[tuple]
    refusal: str = ""

    @property
    def wrong(self) -> bool:
        return bool(self.refusal) or self.stored != self.true


def _ends(image: bytes, steps: Steps) -> Iterator[_End]:
    """What every step comes to in the database `image`; the truth is kept where no trigger can touch it."""
    with open_image(image) as lab:
        told = lab.outcomes([text for step in steps for text in (step.statement, STORED)])
    for true, outcome, stored in zip(_totals(steps), told[::2], told[1::2], strict=True):
        refused = next((one for one in (outcome, stored) if isinstance(one, EngineError)), None)
        if refused:
            yield _End([], true, refused.sentence)
            return
        yield _End(stored.rows, true)


def _shortest(image: bytes, steps: Steps) -> Steps:
    """Leave out steps as long as what is left still drifts, and inserts no line that is there."""
    place = 0
    while place < len(steps):
        fewer = steps[:place] + steps[place + 1 :]
        end = _drift(image, fewer) if _legal(fewer) else None
        if end is None:
            place += 1
        else:
            steps, place = fewer[: end + 1], 0
    return steps


def _legal(steps: Steps) -> bool:
    alive: set[int] = set()
    for step in steps:
        line = step.values["line"]
        if step.kind == "insert" and line in alive:
            return False
        alive = alive - {line} if step.kind == "delete" else alive | {line} if step.kind == "insert" else alive
    return True


def _drifted(image: bytes, steps: Steps) -> Mismatch:
    *_, end = _ends(image, steps)
    if end.refusal:
        return Mismatch("every change to go through", f"SQLite says: {end.refusal}", tables=[_told(steps)])
    stored = dict(end.stored)
    rows = [(order, stored.get(order), true) for order, true in end.true]
    wrong = [place for place, (_, found, true) in enumerate(rows) if found != true]
    order, found, true = rows[wrong[0]] if wrong else (rows[0][0], "another table of orders", rows[0][2])
    after = Table("totals after it", ("order_id", "stored", "true_total"), rows, frozenset(wrong), "drifted")
    return Mismatch(f"a total of {true} for order {order}", str(found), hint=_hint(steps), tables=[_told(steps), after])


def _told(steps: Steps) -> Table:
    rows = [(number, step.statement) for number, step in enumerate(steps, 1)]
    return Table("the shortest history found", ("step", "statement"), rows)


def _hint(steps: Steps) -> str:
    last = steps[-1].kind
    if last == "move":
        return "A line moved from one order to another. How many totals change then, and which of them does yours?"
    if last == "delete":
        return "Which event of yours fires when a line is deleted?"
    if last == "all of it":
        return "The last step changed three columns at once. How many triggers of yours fire, and what does each add?"
    if last in ("quantity", "price"):
        return f"The last step changed a {last}. Does a trigger of yours fire then?"
    return "Follow the last INSERT by hand: what should it add, and to which order alone?"
