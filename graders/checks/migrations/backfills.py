"""Claims on a backfill that fills the two parts of a name in batches, and can be stopped at any place."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.migrations.schema_changes import draw_people, draw_stranger, split_name
from graders.figures.schedules import draw_schedule
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import Table, raise_if_mismatch
from graders.labs import Lab, Session, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.sandbox import SandboxedFunction
from graders.sql import quote_literal
from graders.techniques.migrations import Difference, RowCounter, compare_schemas, read_schema
from graders.techniques.power_cuts import CrashSweep, sweep_crashes
from graders.techniques.schedules import Exploration, Script, explore, make_script

BOTH = """CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, fullname TEXT, first_name TEXT, last_name TEXT);"""
COLUMNS = ("customer_id", "fullname", "first_name", "last_name")
READ = f"SELECT {', '.join(COLUMNS)} FROM customers ORDER BY customer_id"
SIZE, MANY, MAX_LENGTH = 3, 130, 40
FILLED_AGAIN = "been split again, in the place"
# What the old application changes alone is noted, with the first name that the customer had at that moment.
NOTED = """CREATE TABLE renamed (customer_id INTEGER, first_name TEXT);
CREATE TRIGGER noted AFTER UPDATE OF fullname ON customers WHEN new.fullname IS NOT old.fullname BEGIN
    INSERT INTO renamed VALUES (new.customer_id, new.first_name);
END;"""


def fill(row: Row) -> Row:
    """What a backfill must make of a customer."""
    number, name, first, last = row
    return (number, name, *split_name(name)) if first is None and name is not None else (number, name, first, last)


def is_odd(name: str | None) -> bool:
    """Whether a name is empty, very long, or has spaces where few people expect them."""
    return name is not None and (name != " ".join(name.split()) or not 0 < len(name) <= MAX_LENGTH)


def draw_customers(rng: random.Random, count: int, step: int) -> list[Row]:
    """Customers to be filled, `count` of them with ordinary names, and two who were filled by hand.

    The keys of the first half follow each other closely; the others are multiples of `step`.
    """
    people, word = draw_people(rng, count + 2), draw_stranger(rng).split()[0]
    odd = ["", f"{word} ", f" {people[0]}", people[1].replace(" ", "  "), " ".join([word] * 20)]
    rows: list[Row] = [(name, None, None) for name in [*people[:count], word, None, *odd]]
    rows += [(people[-2], "Louis", None), (people[-1], "Louis", "Rex")]
    rng.shuffle(rows)
    half = len(rows) // 2
    first = half // step + 1
    numbers = [*range(1, half + 1), *range(step * first, step * (first + len(rows) - half), step)]
    return [(number, *row) for number, row in zip(numbers, rows, strict=True)]


def _open_customers(rows: Sequence[Row], more: str = "") -> SharedLab:
    return open_shared_lab("SQLite", BOTH + more, {"customers": rows})


@dataclass(frozen=True)
class BackfillRun:
    """What a backfill did in batches of one size."""

    size: int
    before: list[Row]
    """The customers before it."""
    after: list[Row]
    """The customers after it."""
    difference: Difference
    """What it changed in the schema."""
    max_rows: int
    """The most rows that one transaction wrote."""


BackfillRuns = list[BackfillRun | Mismatch]


@experiment("resumable-backfill")
def run_backfill(attempt: Attempt) -> BackfillRuns:
    """Run the backfill to its end in batches of several sizes, on a few customers and on many."""
    rng = random.Random(attempt.seed)
    few, many = draw_customers(rng, 6, 12), draw_customers(rng, MANY, 2)
    due: list[Row] = [(number, name, None, None) for number, name in enumerate(draw_people(rng, 7), 1)]
    batches = ((SIZE, few), (rng.choice((4, 5)), due), (1, many))
    return [catch_mismatch(partial(_fill, attempt.answer, rows, size)) for size, rows in batches]


def _fill(backfill: SandboxedFunction, before: list[Row], size: int) -> BackfillRun:
    with _open_customers(before) as lab:
        schema = read_schema(lab)
        with lab.connect() as session:
            max_rows = _run(backfill, session, size, 200 + 6 * len(before))
        difference = compare_schemas(schema, read_schema(lab))
        after = [] if difference else lab.run(READ).rows
    return BackfillRun(size, before, after, difference, max_rows)


def _run(backfill: SandboxedFunction, session: Session, size: int, limit: int) -> int:
    """Run the backfill to its end, of at most `limit` statements; give the most rows that one transaction wrote."""
    counter, call = RowCounter(session), backfill.begin(session, size)
    for _ in range(limit):
        if not (request := call.waiting()):
            break
        outcome = request.run()
        counter.count()
        call.hand_back(outcome)
    else:
        call.abandon()
        hint = "A loop ends when nothing is left to do. Which rows does yours find again, after it has seen to them?"
        raise Mismatch("a backfill that comes to its end", f"more than {limit:,} statements", hint=hint)
    call.value()
    if session.in_transaction():
        hint = "What was not committed is undone when the connection closes. Which batch is the last to be committed?"
        raise Mismatch("no open transaction at the end", "one that is open", hint=hint)
    return counter.max_rows


@claim(run_backfill, weight=0.75)
def fills_every_row(fillings: BackfillRuns) -> None:
    """every customer without the two names gets them, and nothing else changes"""
    for filling in map(raise_if_mismatch, fillings):
        if filling.difference:
            raise Mismatch("the table as it was, with other rows in it", filling.difference.words)
        _require_filled(filling, odd=False)
        if len(filling.after) > len(filling.before):
            raise Mismatch(f"{len(filling.before)} customers, as before", f"{len(filling.after)}")


@claim(run_backfill, weight=0.25, after=fills_every_row)
def fills_odd_names(fillings: BackfillRuns) -> None:
    """so do customers whose names are empty, very long, or have spaces in odd places"""
    for filling in map(raise_if_mismatch, fillings):
        _require_filled(filling, odd=True)


def _require_filled(filling: BackfillRun, *, odd: bool) -> None:
    found = {row[0]: row for row in filling.after}
    for row in filling.before:
        if is_odd(row[1]) == odd and found.get(row[0]) != fill(row):
            raise _not_filled(row, found, filling)


def _not_filled(before: Row, found: dict[int, Row], filling: BackfillRun) -> Mismatch:
    right, there = fill(before), found.get(before[0])
    if there is None:
        missing = Table("customers", COLUMNS, [right], frozenset({0}), "is missing")
        return Mismatch(f"{right}", "no such row", tables=[missing])
    compared = Table("customers", COLUMNS, [there, right], frozenset({0}), "found; below it what was asked")
    if there[1] != before[1]:
        hint = ""
    elif before[2] is not None:
        hint = "This customer had a first name before. Which rows are to be filled?"
    elif there[2] is None and right[2] is not None:
        hint = _hint_at_gap([(fill(row), found.get(row[0])) for row in filling.before if fill(row) != row])
    else:
        hint = "Where is the first space in this name, what follows it, and what if there is none?"
    return Mismatch(f"{right}", f"{there}", hint=hint, tables=[compared])


def _hint_at_gap(due: list[tuple[Row, Row | None]]) -> str:
    """What to look at where some of those who are `due` were not filled; each as they must be, and as they are."""
    filled = [right == there for right, there in due]
    if True not in filled:
        return ""
    if filled == sorted(filled, reverse=True):
        return "It stopped, and rows were left. How does it learn that nothing is left to do?"
    if filled[0] and filled.count(False) > 1:
        return (
            f"Of {len(due)} rows some were passed over. Which rows does the next batch skip when filled ones drop out?"
        )
    return ""


@claim(run_backfill, after=fills_every_row)
def transactions_stay_small(fillings: BackfillRuns) -> None:
    """no transaction writes more than `size` rows"""
    for filling in map(raise_if_mismatch, fillings):
        if filling.max_rows > filling.size:
            hint = "While a transaction writes, nobody else can. How many rows can one of yours write before it ends?"
            raise Mismatch(f"at most {filling.size} rows in one transaction", f"{filling.max_rows}", hint=hint)


@experiment("resumable-backfill")
def crash_backfill(attempt: Attempt) -> CrashSweep:
    """Cut the power at every place of the backfill, and run it once more."""
    rng = random.Random(attempt.seed)
    rows = [row for row in draw_customers(rng, 3, 2) if not is_odd(row[1])]
    right, script = [*map(fill, rows)], make_script(attempt.answer, 2)
    with _open_customers(rows) as lab:
        return sweep_crashes(lab, script, lambda lab: "", rerun=lambda lab: _find_difference(lab, right))


def _find_difference(lab: Lab, right: list[Row]) -> str:
    """An invariant: which customer is not as they must be, in words, or ""."""
    found = {row[0]: row for row in lab.execute(READ).rows}
    return next((f"there is {found.get(row[0])} in place of {row}" for row in right if found.get(row[0]) != row), "")


@claim(crash_backfill, after=fills_every_row)
def resumes_after_power_cut(sweep: CrashSweep) -> None:
    """after a power cut at any place, a second run completes it"""
    if sweep.first_violation:
        raise Mismatch("every name after a second run", sweep.first_violation.words)


@dataclass(frozen=True)
class Renaming:
    """What an application does meanwhile: it changes all names of one customer, and the whole name of another."""

    rows: list[Row]
    all_names: Row
    """The first of the two, after the change."""
    whole_name: str
    """The new name of the second."""

    @property
    def statement(self) -> str:
        """The statement that changes both."""
        number, _, first, last = self.all_names
        is_first = f"customer_id = {number}"
        return f"""UPDATE customers SET
            fullname = iif({is_first}, {quote_literal(self.all_names[1])}, {quote_literal(self.whole_name)}),
            first_name = iif({is_first}, {quote_literal(first)}, first_name),
            last_name = iif({is_first}, {quote_literal(last)}, last_name)
            WHERE customer_id IN ({number}, {self.rows[2][0]})"""

    def find_overwritten(self, lab: Lab) -> str:
        """An invariant: which of the two has names from before the change, or none, in words; or ""."""
        first = next((row for row in lab.execute(READ).rows if row[0] == self.all_names[0]), None)
        if first == (*self.all_names[:2], *split_name(self.all_names[1])):
            return f"{first} has {FILLED_AGAIN} of {self.all_names}"
        number, old_name, *_ = self.rows[2]
        seen: dict[int, str | None] = dict(lab.execute("SELECT customer_id, first_name FROM renamed").rows)
        parts = split_name(self.whole_name if seen.get(number) is None else old_name)
        return _find_difference(lab, [self.all_names, (number, self.whole_name, *parts)])


def _draw_renaming(rng: random.Random) -> Renaming:
    numbers = sorted(rng.sample(range(2, 9), 3))
    names = [draw_stranger(rng) for _ in range(5)]
    rows = [(number, name, None, None) for number, name in zip(numbers, names, strict=False)]
    # A family name may stand first: whoever fills this customer again turns the names round.
    return Renaming(rows, (numbers[1], names[3], *reversed(split_name(names[3]))), names[4])


@experiment("resumable-backfill")
def run_beside_application(attempt: Attempt) -> Exploration:
    """Run the backfill in every order with an application that changes names."""
    renaming = _draw_renaming(random.Random(attempt.seed))
    scripts: dict[str, Script] = {"backfill": make_script(attempt.answer, 2), "app": renaming.statement}
    with _open_customers(renaming.rows, NOTED) as lab:
        return explore(lab, scripts, renaming.find_overwritten)


def _hint_on_change(violation: str) -> str:
    if FILLED_AGAIN in violation:
        return "The application had filled in both by then. Does your UPDATE still ask whether a first name is missing?"
    if "None, None" in violation:
        return ""
    return "A name was read, changed by somebody else, and then written from what was read. Can one statement do both?"


@claim(run_beside_application, after=fills_every_row)
def overwrites_no_change(exploration: Exploration) -> None:
    """a name that an application changes in the meantime is not overwritten with the old one"""
    if broken := exploration.counterexample:
        raise Mismatch(
            "names that agree",
            broken.violation,
            hint=_hint_on_change(broken.violation),
            picture=str(draw_schedule(broken)),
        )
