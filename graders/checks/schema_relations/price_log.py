"""Claims on a log of prices: triggers that write down every change of a price, nothing else, and for good."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, partial

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.schema_relations.histories import (
    Deviation,
    HistoryRun,
    Model,
    RuleBook,
    Step,
    create_image,
    replay,
    run_histories,
    sorted_rows,
)
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.labs.lab import Row

SCHEMA = """
CREATE TABLE prices (
    product_id INTEGER PRIMARY KEY,
    cents      INTEGER,
    note       TEXT NOT NULL DEFAULT ''
);
CREATE TABLE price_changes (
    change_id  INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL,
    old_cents  INTEGER,
    new_cents  INTEGER
);
"""
PRICES = "SELECT product_id, cents, note FROM prices ORDER BY product_id"
LINES = "SELECT product_id, old_cents, new_cents FROM price_changes ORDER BY product_id, change_id"
STATEMENTS = {
    "new product": "INSERT INTO prices (product_id, cents) VALUES ({0}, {1})",
    "new or known": (
        "INSERT INTO prices (product_id, cents) VALUES ({0}, {1}) "
        "ON CONFLICT (product_id) DO UPDATE SET cents = excluded.cents"
    ),
    "price": "UPDATE prices SET cents = {1} WHERE product_id = {0}",
    "all of a price": "UPDATE prices SET cents = {1} WHERE cents = {2}",
    "all": "UPDATE prices SET cents = cents + {3}",
    "note": "UPDATE prices SET note = '{4}' WHERE product_id = {0}",
    "delete": "DELETE FROM prices WHERE product_id = {0}",
}
REWRITING = (
    "UPDATE price_changes SET new_cents = {1} WHERE product_id = {0}",
    "UPDATE price_changes SET old_cents = {1}",
)
ERASING = ("DELETE FROM price_changes WHERE product_id = {0}", "DELETE FROM price_changes")
PRODUCTS = 3


class Prices(Model):
    """The price and the note of each product, and the lines of the log."""

    def __init__(self) -> None:
        self.kept: dict[int, Row] = {}
        self.log: list[tuple[int, int | None, int | None]] = []

    def broken_rule(self, step: Step) -> str:
        """No rule forbids a change of a price."""
        return ""

    def apply(self, step: Step) -> None:
        """Take the change over, and a line for each price that it changes."""
        for product, row in self._changed(step).items():
            old, new = self.kept.get(product, (None, ""))[0], row[0] if row else None
            if old != new:
                self.log.append((product, old, new))
            if row:
                self.kept[product] = row
            else:
                self.kept.pop(product, None)

    def _changed(self, step: Step) -> dict[int, Row | None]:
        """The rows that the step writes, as they are afterwards; None is a row that goes."""
        product, cents, old, more, note = step.values
        match step.kind:
            case "new product" | "new or known":
                return {product: (cents, self.kept.get(product, (None, ""))[1])}
            case "all of a price":
                return {one: (cents, row[1]) for one, row in self.kept.items() if old is not None and row[0] == old}
            case "all":
                return {one: (row[0] + more, row[1]) for one, row in self.kept.items() if row[0] is not None}
        if product not in self.kept:
            return {}
        row = self.kept[product]
        return {product: {"price": (cents, row[1]), "note": (row[0], note)}.get(step.kind)}

    def rows(self) -> list[list[Row]]:
        """All prices, and all lines, by product."""
        return [
            [(product, *row) for product, row in sorted_rows(self.kept)],
            sorted(self.log, key=lambda line: line[0]),
        ]


def draw_step(products: list[int], cents: list[int | None], rng: random.Random, number: int, model: Prices) -> Step:
    """A change of one price or several, often to the price that is there."""
    product = rng.choice(products)
    kind = rng.choice([kind for kind in STATEMENTS if kind != "new product" or product not in model.kept])
    values = (product, rng.choice(cents), rng.choice(cents), rng.choice((0, 5)), rng.choice(("", "new", "old")))
    written = ["NULL" if value is None else value for value in values]
    return Step(kind, STATEMENTS[kind].format(*written), values)


@lru_cache(maxsize=2)
def make_rule_book(seed: int) -> RuleBook:
    """The rules, and the products and prices of this seed."""
    rng = random.Random(seed)
    cents = [None, 0, *rng.sample(range(1, 1_000), 2)]
    draw = partial(draw_step, rng.sample(range(1, 1_000), PRODUCTS), cents)
    return RuleBook(Prices, draw, {}, (PRICES, LINES), seed)


@lab_for("log-the-prices")
def open_prices(seed: int) -> Lab:
    """Both tables without rows."""
    return open_lab("SQLite", SCHEMA)


@dataclass(frozen=True)
class LogTrial:
    """A statement that would change lines of the log, and the lines before and after it."""

    statement: str
    refusal: str
    before: list[Row]
    after: list[Row]

    @property
    def tables(self) -> list[Table]:
        """The statement, and what it left."""
        names = ("product_id", "old_cents", "new_cents")
        said = Table("tried", ("statement", "SQLite says"), [(self.statement, self.refusal or "no error")])
        return [said, Table("lines before", names, self.before), Table("lines after", names, self.after)]


@dataclass(frozen=True)
class PriceRun:
    """What came of the histories of prices, and of changes of the log itself."""

    histories: HistoryRun
    rewriting: list[LogTrial]
    erasing: list[LogTrial]


@experiment("log-the-prices", condition="SQLite accepts your script")
def change_prices(attempt: Attempt) -> PriceRun:
    """Run the script, then histories of prices that come, change and go, and then change lines of the log."""
    image, seed = create_image(SCHEMA, attempt.answer), attempt.seed
    trials = [[_try(image, seed, text) for text in texts] for texts in (REWRITING, ERASING)]
    return PriceRun(run_histories(image, make_rule_book(seed)), *trials)


def _try(image: bytes, seed: int, text: str) -> LogTrial:
    """Write two lines into the log, and run the statement `text` on them."""
    rng = random.Random(seed)
    lines = [(product, None, rng.randint(1, 900)) for product in rng.sample(range(1, 1_000), 2)]
    inserts = [
        f"INSERT INTO price_changes (product_id, new_cents) VALUES ({product}, {new})" for product, _, new in lines
    ]
    statement = text.format(lines[0][0], rng.randint(1_000, 2_000))
    with open_image(image) as lab:
        *_, before, outcome, after = lab.outcomes([*inserts, LINES, statement, LINES])
        refusal = outcome.says if isinstance(outcome, EngineError) else ""
        return LogTrial(statement, refusal, *(getattr(each, "rows", []) for each in (before, after)))


@claim(change_prices, weight=2)
def logs_every_change(run: PriceRun) -> None:
    """each change of a price has its line, and what changes no price has none"""
    run.histories.require_allowed(_explain)


@claim(change_prices, weight=0.5)
def keeps_lines_as_they_are(run: PriceRun) -> None:
    """an UPDATE of a line is refused"""
    _require_refused(run.rewriting, "The line now tells of a price that never was. What keeps an UPDATE from the log?")


@claim(change_prices, weight=0.5)
def keeps_lines(run: PriceRun) -> None:
    """a DELETE of a line is refused"""
    _require_refused(run.erasing, "The line is gone, and nobody can see that it was there. What keeps a DELETE off?")


def _require_refused(trials: list[LogTrial], hint: str) -> None:
    for trial in trials:
        if len(trial.before) < 2:
            raise Mismatch("two lines to come into the log", "they are refused", tables=trial.tables)
        changed = trial.after != trial.before
        if not trial.refusal:
            raise Mismatch("the statement to be refused", "no error", hint if changed else "", trial.tables)
        if changed:
            hint = "The statement was refused, and has changed lines all the same. What does FAIL leave there?"
            raise Mismatch("the lines to be as they were", "other lines", hint, trial.tables)


def _explain(wrong: Deviation) -> str:
    if not wrong.unread or wrong.unread[0] == PRICES:
        return ""
    before = Prices()
    replay(before, wrong.steps[:-1])
    _, expected, rows = wrong.unread
    missing, extra = Counter(expected) - Counter(rows), Counter(rows) - Counter(expected)
    if any(old == new for _, old, new in extra):
        return "This line has the same price twice: nothing has changed. When should your trigger be silent?"
    if any((product, new, old) in missing for product, old, new in extra):
        return "The line has the two prices the wrong way round. Which of them is OLD?"
    return _explain_extra(wrong.last, before) if extra else _explain_missing(wrong.last, before, list(missing))


def _explain_extra(last: Step, before: Prices) -> str:
    if last.kind == "new or known" and last.values[0] in before.kept:
        return "This INSERT became an UPDATE, after a trigger BEFORE INSERT had run. When is it known what happened?"
    return ""


def _explain_missing(last: Step, before: Prices, missing: list[Row]) -> str:
    if last.kind == "delete":
        return "The price went away with its row. Which event is that?"
    if any(product not in before.kept for product, *_ in missing):
        return "The product is new, and so is its price. Which event is that?"
    if any(None in line for line in missing):
        return "One of the two prices is NULL. Does a trigger of yours see such a change?"
    return ""
