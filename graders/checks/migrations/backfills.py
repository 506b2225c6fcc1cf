"""Claims about a name stored whole and in two parts: a backfill in batches, and triggers that keep both the same."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.migrations.schema_changes import draw_people, draw_stranger, split_name
from graders.figures.schedules import draw_schedule
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import Table, raise_if_mismatch
from graders.labs import EngineError, Lab, SharedLab, open_image, open_lab, open_shared_lab
from graders.labs.lab import Row
from graders.sandbox import SandboxedFunction
from graders.sql import quote_literal
from graders.techniques.crashes import CrashSweep, sweep_crashes
from graders.techniques.migrations import Difference, RowCounter, compare_schemas, read_schema
from graders.techniques.queries import serialize_database
from graders.techniques.schedules import Exploration, Script, explore, make_script

BOTH = """CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, fullname TEXT, first_name TEXT, last_name TEXT);"""
COLUMNS = ("customer_id", "fullname", "first_name", "last_name")
SIZE = 3
# What an application does while the names of customers 7, 14 and 21 are filled.
RENAME = "UPDATE customers SET fullname = 'Eve Lund', first_name = 'Eve', last_name = 'Lund' WHERE customer_id = 14"


def find_disagreement(lab: Lab) -> str:
    """An invariant: which customer's two names are not those of the whole name, in words, or ""."""
    query = "SELECT customer_id, fullname, first_name, last_name FROM customers ORDER BY customer_id"
    for number, name, first, last in lab.execute(query).rows:
        if (first, last) != split_name(name):
            return f"customer {number} is called {name!r}, and in two parts {first!r} and {last!r}"
    return ""


def _make_customers(names: list[str | None], filled: tuple[int, ...] = ()) -> list[Row]:
    """Customers of whom only those at the places `filled` have their two names; keys with gaps between them."""
    return [
        (number * 7 % 101, name, *(split_name(name) if number in filled else (None, None)))
        for number, name in enumerate(names, 1)
    ]


def _draw_customers(seed: int, count: int) -> list[Row]:
    names = draw_people(random.Random(seed), count)
    return _make_customers([*names, "Prince", None, "Ludwig van der Berg"], filled=(2, 5))


def _open_customers(rows: list[Row]) -> SharedLab:
    return open_shared_lab("SQLite", BOTH, {"customers": rows})


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
    """Run the backfill to its end in batches of two sizes, each time from the same customers."""
    rows = _draw_customers(attempt.seed, 11)
    with _open_customers(rows) as lab:
        return [catch_mismatch(partial(_fill, attempt.answer, lab, rows, size)) for size in (SIZE, 1)]


def _fill(backfill: SandboxedFunction, lab: SharedLab, before: list[Row], size: int) -> BackfillRun:
    lab.rewind()
    schema = read_schema(lab)
    with lab.connect() as session:
        counter, call = RowCounter(session), backfill.begin(session, size)
        while request := call.waiting():
            outcome = request.run()
            counter.count()
            call.hand_back(outcome)
        call.value()
        if session.in_transaction():
            hint = (
                "What was not committed is undone when the connection closes. Which batch is the last to be committed?"
            )
            raise Mismatch("no open transaction at the end", "one that is open", hint=hint)
    difference = compare_schemas(schema, read_schema(lab))
    after = [] if difference else lab.run("SELECT * FROM customers").rows
    return BackfillRun(size, before, after, difference, counter.max_rows)


@claim(run_backfill)
def fills_every_row(fillings: BackfillRuns) -> None:
    """every customer without the two names gets them, and nothing else changes"""
    filling = raise_if_mismatch(fillings[0])
    if filling.difference:
        raise Mismatch("the table as it was, with other rows in it", filling.difference.words)
    found = {row[0]: row for row in filling.after}
    for number, name, *_ in filling.before:
        right = (number, name, *split_name(name))
        if found.get(number) != right:
            raise _not_filled(right, found.get(number), len(filling.before))


def _not_filled(right: Row, found: Row | None, count: int) -> Mismatch:
    if found is None:
        missing = Table("customers", COLUMNS, [right], frozenset({0}), "is missing")
        return Mismatch(f"{right}", "no such row", tables=[missing])
    compared = Table("customers", COLUMNS, [found, right], frozenset({0}), "found; below it what was asked")
    hint = "Where is the first space in this name, and what if there is none?"
    if found[2] is None and right[2] is not None:
        hint = f"Of {count} rows some were passed over. Which rows does the next batch skip when filled ones drop out?"
    return Mismatch(f"{right}", f"{found}", hint=hint, tables=[compared])


@claim(run_backfill, after=fills_every_row)
def transactions_stay_small(fillings: BackfillRuns) -> None:
    """no transaction writes more than `size` rows"""
    for filling in map(raise_if_mismatch, fillings):
        if filling.max_rows > filling.size:
            hint = "While a transaction writes, nobody else can. Where does each batch end?"
            raise Mismatch(f"at most {filling.size} rows in one transaction", f"{filling.max_rows}", hint=hint)


@experiment("resumable-backfill")
def crash_backfill(attempt: Attempt) -> CrashSweep:
    """Cut the power at every place of the backfill, and run it once more."""
    script, rows = make_script(attempt.answer, SIZE), _draw_customers(attempt.seed, 4)
    with _open_customers(rows) as lab:
        return sweep_crashes(lab, script, lambda lab: "", rerun=find_disagreement)


@claim(crash_backfill, after=fills_every_row)
def resumes_after_power_cut(sweep: CrashSweep) -> None:
    """after a power cut at any place, a second run completes it"""
    if sweep.first_violation:
        raise Mismatch("every name after a second run", sweep.first_violation.words)


@experiment("resumable-backfill")
def run_beside_application(attempt: Attempt) -> Exploration:
    """Run the backfill in every order with an application that changes a name."""
    rows = _make_customers(["Ada Okafor", "Ben Sato", "Mei Li"])
    scripts: dict[str, Script] = {"backfill": make_script(attempt.answer, 2), "app": RENAME}
    with _open_customers(rows) as lab:
        return explore(lab, scripts, find_disagreement)


@claim(run_beside_application, after=fills_every_row)
def overwrites_no_change(exploration: Exploration) -> None:
    """a name that an application changes in the meantime is not overwritten with the old one"""
    if broken := exploration.counterexample:
        hint = (
            "A name was read, changed by somebody else, and then written from what was read. Can one statement do both?"
        )
        raise Mismatch("names that agree", broken.violation, hint=hint, picture=str(draw_schedule(broken)))


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
