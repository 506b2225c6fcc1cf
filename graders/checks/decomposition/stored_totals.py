"""Claims on stored totals: triggers that keep them right whatever happens, and a query that finds the wrong ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.decomposition.stored_tables import rows_of
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.labs.lab import Row
from graders.techniques.queries import QueryExercise, query_exercise, serialize_database

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
"""
# In `main`: what a temporary view or table of that name says is stored nowhere.
STORED = "SELECT order_id, total FROM main.orders ORDER BY order_id"
TRIGGERS = "SELECT 1 FROM sqlite_schema WHERE type = 'trigger'"
KIND_OF_ORDERS = "SELECT type FROM main.sqlite_schema WHERE lower(name) = 'orders' AND type <> 'trigger'"
STATEMENTS = {
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
ORDERS, LINES = 3, 4
HISTORIES, LENGTH, LONG = 94, 20, 120


@lab_for("keep-the-total")
def open_orders_with_totals(seed: int) -> Lab:
    """Three orders without lines, each with a stored total of 0."""
    return open_lab("SQLite", SCHEMA, {"orders": [(order, 0) for order in _draw_orders(seed)]})


def _draw_orders(seed: int) -> tuple[int, ...]:
    return tuple(sorted(random.Random(seed).sample(range(1, 1_000), ORDERS)))


@dataclass(frozen=True)
class Step:
    """A change of a line."""

    kind: str
    """A key of `STATEMENTS`."""
    values: dict[str, int]
    """The line, and the order, the price and the quantity that a statement of that kind may speak of."""

    @property
    def statement(self) -> str:
        """The change in SQL."""
        return STATEMENTS[self.kind].format(**self.values)


Steps = Sequence[Step]


@lru_cache(maxsize=2)
def _draw_histories(seed: int) -> tuple[Steps, ...]:
    """Histories of changes, drawn once for a class; the last makes an order of many lines."""
    rng = random.Random(seed)
    orders = _draw_orders(seed)
    simple = [kind for kind in LATER if kind != "all of it"]
    # What goes wrong when one column changes is simpler to read: it is looked for first.
    kinds = [simple if number < HISTORIES // 2 else LATER for number in range(HISTORIES)]
    return (*(_draw_history(rng, orders, each) for each in kinds), _draw_long_history(rng, orders))


def _draw_history(rng: random.Random, orders: Sequence[int], kinds: Sequence[str]) -> Steps:
    """Random changes of lines, of the `kinds` where a line is there; a few lines come, change and go."""
    lines = rng.sample(range(1, 1_000), LINES)
    alive: set[int] = set()
    steps = []
    for _ in range(LENGTH):
        line = rng.choice(lines)
        kind = rng.choice(kinds) if line in alive else "insert"
        alive ^= {line} if kind in ("insert", "delete") else set()
        steps.append(_draw_step(rng, kind, line, rng.choice(orders)))
    return steps


def _draw_long_history(rng: random.Random, orders: Sequence[int]) -> Steps:
    """Every line comes into one order, and the last ones change and go."""
    lines = rng.sample(range(1, 1_000), LONG - 3 * LINES)
    inserts = [_draw_step(rng, "insert", line, orders[-1]) for line in lines]
    changes = [("price", line) for line in lines[-LINES:]] + [("move", line) for line in lines[-LINES:]]
    later = [*changes, *(("delete", line) for line in lines[-LINES:])]
    return [*inserts, *(_draw_step(rng, kind, line, rng.choice(orders)) for kind, line in later)]


def _draw_step(rng: random.Random, kind: str, line: int, order: int) -> Step:
    """A change with small numbers, which are often the same, or now and then with large ones."""
    price, quantity = (rng.randint(0, rng.choice((3, 9, 9, 900))) for _ in range(2))
    return Step(kind, {"line": line, "order": order, "price": price, "quantity": quantity})


def _true_totals(orders: Sequence[int], steps: Steps) -> Iterator[list[tuple[int, int]]]:
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
        totals = dict.fromkeys(orders, 0)
        for one in lines.values():
            totals[one["order"]] += one["price"] * one["quantity"]
        yield list(totals.items())


@dataclass(frozen=True)
class Totals:
    """The totals of the orders after a step, as rows."""

    stored: list[Row]
    """What the orders say."""
    true: list[tuple[int, int]]
    """What the lines add up to."""
    refusal: str = ""
    """The engine's sentence where it refused the step; nothing is stored then."""

    @property
    def wrong(self) -> bool:
        """Whether the step was refused, or a stored total is not the true one."""
        return bool(self.refusal) or self.stored != self.true


@dataclass(frozen=True)
class Drift:
    """The shortest history found after which a total is wrong, and the totals at its end."""

    steps: Steps
    """The changes, of which the last goes wrong."""
    end: Totals
    """The totals after the last."""
    moved: bool
    """Whether the last has changed a total."""


@experiment("keep-the-total", condition="SQLite accepts your script, and there are triggers after it")
def change_lines(attempt: Attempt) -> Drift | None:
    """Run the script, then random histories until a total drifts."""
    with open_orders_with_totals(attempt.seed) as lab:
        _create_triggers(lab, attempt.answer)
        image = serialize_database(lab)
    with open_image(image) as lab:
        orders = _draw_orders(attempt.seed)
        for steps in _draw_histories(attempt.seed):
            if drift := _find_drift(lab, orders, steps):
                return _shorten(lab, orders, drift)
    return None


def _create_triggers(lab: Lab, script: str) -> None:
    try:
        lab.run(script)
    except EngineError as error:
        raise Mismatch("triggers that SQLite accepts", error.says) from None
    if not lab.run(TRIGGERS).rows:
        raise Mismatch("at least one trigger", "none")
    if (kinds := lab.run(KIND_OF_ORDERS).rows) != [("table",)]:
        raise Mismatch("`orders` to be the table it was", f"a {kinds[0][0]}" if kinds else "nothing of that name")


def _find_drift(lab: Lab, orders: Sequence[int], steps: Steps) -> Drift | None:
    """The steps up to the first that is refused or after which a total is wrong; None if all goes well."""
    before: list[Row] = []
    for place, totals in enumerate(_run_history(lab, orders, steps)):
        if totals.wrong:
            return Drift(steps[: place + 1], totals, moved=totals.stored != before)
        before = totals.stored
    return None


def _run_history(lab: Lab, orders: Sequence[int], steps: Steps) -> Iterator[Totals]:
    """The totals after every step; the truth is kept where no trigger can touch it."""
    lab.rewind()
    outcomes = lab.outcomes([text for step in steps for text in (step.statement, STORED)])
    for true, outcome, stored in zip(_true_totals(orders, steps), outcomes[::2], outcomes[1::2], strict=True):
        try:
            rows_of(outcome)
            rows = rows_of(stored)
        except EngineError as error:
            yield Totals([], true, error.sentence)
            return
        yield Totals(rows, true)


def _shorten(lab: Lab, orders: Sequence[int], drift: Drift) -> Drift:
    """Leave out steps as long as what is left still drifts, and inserts no line that is there."""
    place = 0
    while place < len(drift.steps):
        fewer = [*drift.steps[:place], *drift.steps[place + 1 :]]
        shorter = _find_drift(lab, orders, fewer) if _is_legal(fewer) else None
        if shorter:
            drift, place = shorter, 0
        else:
            place += 1
    return drift


def _is_legal(steps: Steps) -> bool:
    alive: set[int] = set()
    for step in steps:
        line = step.values["line"]
        if step.kind == "insert":
            if line in alive:
                return False
            alive.add(line)
        elif step.kind == "delete":
            alive.discard(line)
    return True


@claim(change_lines, weight=3)
def totals_never_drift(drift: Drift | None) -> None:
    """after each of 2,000 random changes of lines, every stored total is the sum of its lines"""
    if not drift:
        return
    history = [(number, step.statement) for number, step in enumerate(drift.steps, 1)]
    table = Table("the shortest history found", ("step", "statement"), history)
    if drift.end.refusal:
        raise Mismatch("every change to go through", f"SQLite says: {drift.end.refusal}", tables=[table])
    raise _wrong_total(drift, table)


def _wrong_total(drift: Drift, history: Table) -> Mismatch:
    stored: dict[int, int] = dict(drift.end.stored)
    rows = [(order, stored.get(order), true) for order, true in drift.end.true]
    wrong = [place for place, (_, total, true) in enumerate(rows) if total != true]
    order, total, true = rows[wrong[0]] if wrong else (rows[0][0], "another table of orders", rows[0][2])
    after = Table("totals after it", ("order_id", "stored", "true_total"), rows, frozenset(wrong), "drifted")
    return Mismatch(
        f"a total of {true} for order {order}", str(total), _explain(drift.steps[-1], drift.moved), [history, after]
    )


def _explain(last: Step, moved: bool) -> str:
    if last.kind == "move":
        return "A line moved from one order to another. How many totals change then, and which of them does yours?"
    if last.kind == "all of it":
        return "The last step changed three columns at once. How many triggers of yours fire, and what does each add?"
    if last.kind == "insert":
        return "Follow the last INSERT by hand: what should it add, and to which order alone?"
    if moved:
        return f"Follow the last {last.statement.split()[0]} by hand: by how much should which total change?"
    if last.kind == "delete":
        return "No total changed. Which trigger of yours fires when a line is deleted, and what does it do?"
    return f"No total changed, although a {last.kind} did. Which trigger of yours fires then, and what does it add?"


query_exercise(
    "reconcile-totals",
    QueryExercise(
        """
CREATE TABLE orders (
    id           INTEGER PRIMARY KEY,
    status       VARCHAR NOT NULL,
    total_amount INTEGER NOT NULL
);
CREATE TABLE order_items (
    id         INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL REFERENCES orders (id),
    quantity   INTEGER NOT NULL CHECK (quantity > 0),
    unit_price INTEGER NOT NULL
);
""",
        values={
            "total_amount": (0, 1, 2, 4),
            "quantity": (1, 2),
            "unit_price": (0, 1, 2),
            "status": ("pending", "paid", "shipped", "cancelled"),
        },
        names=False,
    ),
)
