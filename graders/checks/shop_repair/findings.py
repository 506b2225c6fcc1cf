"""Claims on queries that find the missing cents, and on the findings: which defect lost how much by which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from course_data import broken_shop
from graders import Attempt, Mismatch, Table, claim, experiment, lab_for
from graders.labs import EngineError, Lab
from graders.labs.lab import Row
from graders.techniques.queries import QueryExercise, query_exercise

SHOP = broken_shop.data(1)
LISTED = "CREATE TABLE short_orders (order_id INTEGER PRIMARY KEY, missing_cents INTEGER NOT NULL);"
SHORT = [(order, cents) for _, order, cents in broken_shop.find_losses(1)]
PRICES = (19.99, 4.35, 2.55, 0.01)
query_exercise("short-orders", QueryExercise(broken_shop.SCHEMA, fixture=SHOP, values={"price": PRICES}))
query_exercise("sent-twice", QueryExercise(broken_shop.SCHEMA + LISTED, fixture=SHOP | {"short_orders": SHORT}))

FOUND = ("cut cent", "old total", "no customer")
SENTENCES = {
    "cut cent": "'cut cent': the orders whose total is right, but lost a cent in the job's CAST",
    "old total": "'old total': the orders whose total is not what their lines cost",
    "no customer": "'no customer': the orders that name none of the customers",
}
SELECTED = (
    "SELECT o.order_id, s.missing_cents FROM orders AS o JOIN short_orders AS s ON s.order_id = o.order_id WHERE "
)
DUE = "(SELECT sum(round(pieces * price * 100)) FROM order_lines AS l WHERE l.order_id = o.order_id)"
EXACT_SUM = "(SELECT sum(pieces * price) FROM order_lines AS l WHERE l.order_id = o.order_id)"
LAST_BITS = "Two numbers that are binary fractions differ in their last bits. In which unit can two sums be compared?"
MISTAKES: Mapping[str, Mapping[str, str]] = {
    "cut cent": {
        "s.missing_cents = 1": "One of these orders is a cent short for another reason. What is its total?",
        f"s.missing_cents = 1 AND o.total = {EXACT_SUM}": LAST_BITS,
    },
    "old total": {
        f"CAST(o.total * 100 AS INTEGER) <> {DUE}": (
            "Some of these totals are right, but your comparison cuts them off. Which function comes before CAST?"
        ),
        f"o.total <> {EXACT_SUM}": LAST_BITS,
        f"o.total < {EXACT_SUM}": LAST_BITS,
    },
    "no customer": {
        "o.customer_id IS NULL": "Other orders name a customer who is gone. In which table is their number missing?",
        "o.customer_id NOT IN (SELECT customer_id FROM customers)": (
            "An order whose customer is NULL names nobody either. What does NOT IN give for NULL?"
        ),
    },
}
NOT_SHORT = (
    "Some of these orders are paid, or were never sent: nothing is missing. Which table lists those that are short?"
)
OTHER_CENTS = "The orders are right. How many cents are missing, and which table says so?"
COLUMNS = ("order_id", "cents")


@lab_for("find-the-losses")
def open_shop(seed: int) -> Lab:
    """The broken shop, with the tables in which findings are written and answered."""
    return broken_shop.open_sized("SQLite", seed, broken_shop.ROWS)


@dataclass(frozen=True)
class Findings:
    """What a script has written into `findings`, and what is right."""

    found: Mapping[str, list[Row]]
    """Orders and cents, by defect."""
    due: Mapping[str, list[Row]]
    """What should be there, by defect."""
    mistaken: Mapping[str, Mapping[str, list[Row]]]
    """By defect and condition, what each of `MISTAKES` finds."""
    short: frozenset[int]
    """The orders that are short, whatever the defect."""


@experiment("find-the-losses", condition="your script runs, and writes into `findings`")
def run_script(attempt: Attempt) -> Findings:
    """Run the script on a shop whose trigger knows no answers, and read what it has found."""
    losses = broken_shop.find_losses(attempt.seed)
    with broken_shop.open_unsealed(attempt.seed) as lab:
        mistaken = {
            name: {condition: sorted(lab.run(SELECTED + condition).rows) for condition in MISTAKES[name]}
            for name in FOUND
        }
        try:
            lab.run(attempt.answer)
            rows = lab.run("SELECT defect, order_id, cents FROM findings").rows
        except EngineError as error:
            raise Mismatch("a script that SQLite runs", error.says) from None
    if not rows:
        raise Mismatch("rows in `findings`", "none")
    return Findings(_by_defect(rows), _by_defect(losses), mistaken, frozenset(order for _, order, _ in losses))


def _by_defect(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {name: [] for name in FOUND}
    for defect, *finding in rows:
        if defect in found:
            found[defect].append(tuple(finding))
    return {name: sorted(each) for name, each in found.items()}


def _find_all(defect: str, findings: Findings) -> None:
    found, due = findings.found[defect], findings.due[defect]
    if found == due:
        return
    missing = [row for row in due if row not in found]
    others = [row for row in found if row not in due]
    told = (("not found", missing), ("found, but wrong", others))
    tables = [Table(title, COLUMNS, rows[:6], more=len(rows[6:])) for title, rows in told if rows]
    words = f"{len(found)}" if len(found) != len(due) else f"{len(found)}, of which {len(others)} are wrong"
    raise Mismatch(f"{len(due)} orders, each once, with their cents", words, _choose_hint(defect, findings), tables)


def _choose_hint(defect: str, findings: Findings) -> str:
    """The hint for a mistake that is recognised by what it finds; "" where none is."""
    found = findings.found[defect]
    for condition, rows in findings.mistaken[defect].items():
        if found == rows:
            return MISTAKES[defect][condition]
    orders = [order for order, _ in found]
    if orders == [order for order, _ in findings.due[defect]]:
        return OTHER_CENTS
    return NOT_SHORT if not findings.short.issuperset(orders) else ""


for _defect, _sentence in SENTENCES.items():
    _judge = partial(_find_all, _defect)
    _judge.__name__ = _defect.replace(" ", "_")  # type: ignore[attr-defined]
    claim(run_script, sentence=_sentence)(_judge)
