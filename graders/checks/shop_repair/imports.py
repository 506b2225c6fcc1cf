"""Claims on reading prices as people write them, and on a script that brings a messy sheet into the shop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from course_data import shop
from graders import Attempt, Mismatch, Table, claim, experiment, lab_for
from graders.checks.shop_repair.sheets import SHEET, Books, Sheet
from graders.labs import EngineError, Lab, open_lab
from graders.labs.lab import Row
from graders.techniques.queries import QueryExercise, query_exercise

WRITTEN = ("12,50", "3.99", " 4,35 ", "2,5", "7", "19.99", "3.999", "1.234,50", "-1,00", "free", "", ",50", "1,")
PRICES = {"sheet": [(number, text) for number, text in enumerate((*WRITTEN, None), start=2)]}
query_exercise(
    "read-the-prices",
    QueryExercise(
        "CREATE TABLE sheet (line_no INTEGER PRIMARY KEY, price VARCHAR)",
        engine="DuckDB",
        fixture=PRICES,
        values={"price": WRITTEN},
        cases=60,
    ),
)

READS = (
    "SELECT request_key, customer_id, status, total_cents, placed_at FROM orders ORDER BY request_key",
    "SELECT request_key, product_id, pieces, price_cents FROM order_lines JOIN orders USING (order_id) ORDER BY 1, 2",
    "SELECT line_no FROM rejected ORDER BY line_no",
)
NAMES = (
    ("request_key", "customer_id", "status", "total_cents", "placed_at"),
    ("request_key", "product_id", "pieces", "price_cents"),
)
LETTERS = "One e-mail, or one title, is written in capitals or with blanks around it. What should you compare instead?"
FIRST_BAD = (
    "The first line of an order and product can be bad, and a later one good. What comes first: checking or choosing?"
)
LAST = "A later line for the same product has taken the place of the first. Which of them should come in?"
TOTALS = "A total is another one than its lines in `order_lines` cost. What must it be the sum of?"
ONE_PIECE = "A line of several pieces costs more than one of them. What must be added up for each line?"
KEY_THERE = (
    "This key has an order: one of the shop, or one of a line above. Which lines may make an order, and how many?"
)
NEITHER = "Some lines are neither in `order_lines` nor in `rejected`. How do you select every line but the good ones?"
TWICE = "A product stands twice in one order of the sheet. Which of the lines should come in, and how do you choose it?"
ZERO = "A line of the sheet breaks a CHECK of the shop. Which condition keeps it out?"


@lab_for("import-the-file")
def open_shop(seed: int) -> Lab:
    """The repaired shop and the sheet."""
    sheet = Sheet(seed)
    return open_lab("SQLite", shop.SCHEMA + SHEET, sheet.data | {"sheet": sheet.rows})


@dataclass(frozen=True)
class Import:
    """What a script has made of a sheet."""

    sheet: Sheet
    found: Books

    @property
    def due(self) -> Books:
        """What should be in the shop."""
        return self.sheet.books()


@experiment("import-the-file", condition="your script runs, and the tables of the shop take what it writes")
def run_script(attempt: Attempt) -> Import:
    """Run the script on a shop and a sheet, and read what is committed of it."""
    sheet = Sheet(attempt.seed)
    with open_lab("SQLite", shop.SCHEMA + SHEET, sheet.data | {"sheet": sheet.rows}) as lab:
        try:
            lab.run(attempt.answer)
            lab.outcomes(["ROLLBACK"])
            return Import(sheet, Books(*(lab.run(query).rows for query in READS)))
        except EngineError as error:
            raise Mismatch("a script that SQLite runs", error.says, _hint_on_refusal(error)) from None


def _hint_on_refusal(error: EngineError) -> str:
    if "order_lines.order_id, order_lines.product_id" in error.says:
        return TWICE
    if "orders.request_key" in error.says:
        return KEY_THERE
    # A negative number of pieces may make a negative total before it makes a line.
    return ZERO if "CHECK" in error.says and ("pieces" in error.says or "total_cents" in error.says) else ""


@claim(run_script, weight=2)
def brings_good_lines(done: Import) -> None:
    """each good line of the sheet is in `order_lines`, once and under its order, and the old lines are unchanged"""
    found, due = done.found.lines, done.due.lines
    if found == due:
        return
    careless: tuple[Callable[[str], str], ...] = (str, str.lower, lambda text: text.strip(" "))
    wrong = {
        LETTERS: [
            *(done.sheet.books(plain=plain).lines for plain in careless),
            *(done.sheet.books(titles=titles).lines for titles in careless),
        ],
        FIRST_BAD: [done.sheet.books("first").lines],
        LAST: [done.sheet.books("last good").lines],
    }
    hint = next((hint for hint, forms in wrong.items() if found in forms), "")
    raise Mismatch(f"{len(due)} lines", _count(found, due), hint, _tables(NAMES[1], found, due))


@claim(run_script, after=brings_good_lines)
def adds_totals_up(done: Import) -> None:
    """each order of a good line is there once: with its customer, 'shipped', its time, and its total to the cent"""
    found, due = done.found.orders, done.due.orders
    if found != due:
        same = [row[:3] + row[4:] for row in found] == [row[:3] + row[4:] for row in due]
        hint = _hint_on_totals(done) if same else ""
        raise Mismatch(f"{len(due)} orders", _count(found, due), hint, _tables(NAMES[0], found, due))


def _hint_on_totals(done: Import) -> str:
    """The hint for totals that count each line as one piece, or are not those of the lines that came in."""
    prices = Counter[Any]()
    for key, _, _, cents in done.found.lines:
        prices[key] += cents
    wrong = [row for row in done.found.orders if row not in done.due.orders]
    return ONE_PIECE if all(row[3] == prices[row[0]] for row in wrong) else TOTALS


@claim(run_script, after=brings_good_lines)
def lists_the_others(done: Import) -> None:
    """`rejected` has the number of every other line, and no others"""
    found, due = done.found.rejected, done.due.rejected
    if found != due:
        missing = {number for (number,) in due} - {number for (number,) in found}
        rows = [row for row in done.sheet.rows if row[0] in missing]
        columns = ("line_no", "request_key", "email", "title", "pieces", "cents", "placed_at")
        tables = [Table("in neither", columns, rows[:5], more=len(rows[5:]))] if rows else []
        raise Mismatch(f"{len(due)} lines", f"{len(found)}", NEITHER if missing else "", tables)


def _count(found: Sequence[Row], due: Sequence[Row]) -> str:
    wrong = sum(row not in due for row in found)
    return f"{len(found)}" if len(found) != len(due) else f"{len(found)}, of which {wrong} are wrong"


def _tables(columns: tuple[str, ...], found: Sequence[Row], due: Sequence[Row]) -> list[Table]:
    told = {
        "not there": [row for row in due if row not in found],
        "there and wrong": [row for row in found if row not in due],
    }
    return [Table(title, columns, rows[:4], more=len(rows[4:])) for title, rows in told.items() if rows]
