"""Claims on scripts that move a wide table into several and give it back as a view."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from course_data import orders
from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.checks.decomposition.designs import require_every_column
from graders.checks.decomposition.stored_tables import (
    StoredTables,
    require_legal_rows_accepted,
    require_no_other_columns,
    require_third_normal_form,
    require_violations_rejected,
)
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import Table, raise_if_mismatch
from graders.labs import EngineError, Lab, Result, open_image, open_lab
from graders.labs.lab import Row
from graders.techniques import dependencies as fd_theory
from graders.techniques.dependencies import parse_fds
from graders.techniques.queries import multiset_difference, require_columns, serialize_database, shrink

NOT_UNIQUE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
RIGHT_EMAIL = "hana.sato17@example.com"


@lab_for("order-the-move")
def open_small_shop(seed: int) -> Lab:
    """The order lines of a small shop, in which the first line of customer 17 has an old e-mail."""
    return open_lab("SQLite", orders.SCHEMA, {"order_lines": _draw_small_shop(seed)})


def _draw_small_shop(seed: int) -> list[Row]:
    for number in count(seed):
        rows = orders.flat(random.Random(number), orders=60, customers=20, products=8)
        places = [place for place, row in enumerate(rows) if row[2] == orders.TWO_TRUTHS]
        if len(places) > 2:
            rows[places[0]] = (*rows[places[0]][:4], orders.OLD_EMAIL, *rows[places[0]][5:])
            return rows
    raise AssertionError("there are seeds without end")


@dataclass(frozen=True)
class MovedShop:
    """What the name `order_lines` stands for after the steps."""

    kind: str
    """ "table" or "view"; empty if nothing has the name."""
    before: Result
    """What the table gave before them."""
    after: Result
    """What the view gives; nothing where it is no view."""


@experiment("order-the-move")
def run_steps(attempt: Attempt) -> MovedShop:
    """Run the steps in their order, and read `order_lines` before and after."""
    with open_small_shop(attempt.seed) as lab:
        before = lab.run("SELECT * FROM order_lines")
        try:
            lab.run(attempt.answer)
        except EngineError as error:
            raise Mismatch("no step to be refused", _describe_step(error), hint=_explain_order(error)) from None
        kinds = lab.run("SELECT type FROM sqlite_schema WHERE name = 'order_lines'").rows
        kind = kinds[0][0] if kinds else ""
        return MovedShop(kind, before, lab.run("SELECT * FROM order_lines") if kind == "view" else Result())


def _describe_step(error: EngineError) -> str:
    first = " ".join(error.statement.split())[:60]
    return f"SQLite says: {error.sentence} (at the step that begins with `{first}…`)"


def _explain_order(error: EngineError) -> str:
    if error.code in NOT_UNIQUE:
        return "One customer still has two e-mails at this moment. What has to be decided before the copy?"
    if error.code == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return "These rows name customers or orders that are not there yet. Who comes first?"
    if not error.statement.lstrip().upper().startswith("CREATE"):
        return "This step needs a table that is not there yet, or no more."
    return "The name is still taken: what has to go before the view can have it?"


@claim(run_steps)
def every_step_runs(shop: MovedShop) -> None:
    """SQLite runs your steps in this order"""


@claim(run_steps, weight=2, after=every_step_runs)
def view_restores_old_shape(shop: MovedShop) -> None:
    """after them `order_lines` is a view that gives all the lines, each with the right e-mail"""
    if shop.kind != "view":
        found = f"a {shop.kind}" if shop.kind else "nothing of that name"
        raise Mismatch("a view", found, hint="Which step lets the old programs go on reading `order_lines`?")
    require_columns(shop.after, shop.before.columns, "order_lines", names=False)
    right = [(*row[:4], RIGHT_EMAIL, *row[5:]) if row[2] == orders.TWO_TRUTHS else row for row in shop.before.rows]
    missing, unwanted = multiset_difference(shop.after.rows, right)
    if unwanted and unwanted[0][4] == orders.OLD_EMAIL:
        hint = "A step has chosen between two e-mails without asking you. Which one, and which e-mail did it keep?"
        raise Mismatch(f"{RIGHT_EMAIL} for customer 17", orders.OLD_EMAIL, hint=hint)
    if missing:
        hint = "The lines come from `order_lines`. Which step copies them, and what does that name stand for by then?"
        raise Mismatch(f"{len(right)} lines", f"{len(right) - len(missing)} of them", hint=hint)


SHEET = """
CREATE TABLE sheet (
    member_id   INTEGER NOT NULL,
    member_name VARCHAR NOT NULL,
    book_id     INTEGER NOT NULL,
    title       VARCHAR NOT NULL,
    shelf       VARCHAR NOT NULL,
    floor       INTEGER NOT NULL,
    lent_on     DATE NOT NULL,
    PRIMARY KEY (member_id, book_id, lent_on)
);
"""
SHEET_RULES = parse_fds("member_id -> member_name; book_id -> title shelf; shelf -> floor")
COLUMNS = ("member_id", "member_name", "book_id", "title", "shelf", "floor", "lent_on")
NAMES, TITLES = ("Ada", "Ben", "Mei", "Rui"), ("Dune", "Emma", "Solaris", "Ulysses")
SHEETS, MAX_ROWS_SHOWN, MAX_TRIALS = 40, 8, 100
LARGE_SHEET = {"members": 60, "books": 90, "shelves": 30, "loans": 300}
# In `main`: a temporary view is gone with the connection that made it.
AGAIN = "SELECT * FROM main.sheet_again"
Rows = Sequence[Row]


@lab_for("split-the-loan-sheet")
def open_sheet(seed: int) -> Lab:
    """The sheet of a library's loans."""
    return open_lab("SQLite", SHEET, {"sheet": _draw_sheet(random.Random(seed + 3))})


def _draw_sheet(rng: random.Random) -> list[Row]:
    """Up to eight loans that obey the rules: two members share a name, two books a title, some differ in little."""
    members = {1: "Ada", 2: "Ben", 3: "Ada", 4: "Ada ", 5: "ada"}
    books = {10: ("Dune", "A"), 20: ("Dune", "B"), 30: ("Emma", "A"), 40: ("Solaris", "C"), 50: ("dune", "a")}
    floors = {"A": rng.randint(0, 1), "B": rng.randint(0, 1), "C": 1, "a": rng.randint(0, 2)}
    rows = {
        (member, members[member], book, *books[book], floors[books[book][1]], f"2026-01-0{rng.randint(1, 3)}")
        for member, book in ((rng.choice(list(members)), rng.choice(list(books))) for _ in range(rng.randint(0, 8)))
    }
    return sorted(rows)


def _draw_large_sheet(rng: random.Random) -> list[Row]:
    """Some hundred loans that obey the rules."""
    shelves = [(f"S{number}", rng.randint(0, 5)) for number in range(LARGE_SHEET["shelves"])]
    books = [(number, rng.choice(TITLES), *rng.choice(shelves)) for number in range(LARGE_SHEET["books"])]
    members = [(number, rng.choice(NAMES)) for number in range(LARGE_SHEET["members"])]
    days = [f"2026-0{rng.randint(1, 9)}-{rng.randint(10, 28)}" for _ in range(LARGE_SHEET["loans"])]
    return sorted({(*rng.choice(members), *rng.choice(books), day) for day in days})


@dataclass(frozen=True)
class SheetAgain:
    """A sheet, and what the view gives in its place."""

    sheet: Rows
    """The rows of the sheet."""
    again: Rows
    """The rows of `sheet_again`."""

    @property
    def difference(self) -> tuple[Rows, Rows]:
        """The rows of the sheet that are missing, and those that the view invents."""
        return multiset_difference(self.again, self.sheet)

    @property
    def pairs_wrongly(self) -> bool:
        """Whether no row is missing, and those that the view invents are made of values of the sheet."""
        missing, unwanted = self.difference
        columns = list(zip(*self.sheet, strict=True))
        known = (value in column for row in unwanted for value, column in zip(row, columns, strict=True))
        return not missing and bool(unwanted) and all(known)


@dataclass(frozen=True)
class MovedSheets:
    """What the script makes of sheets."""

    wrong: SheetAgain | None
    """The smallest sheet found that the view does not give back."""
    emptied: SheetAgain | Mismatch | None
    """What the view gives of a sheet that has been emptied; not tried where a sheet is not given back."""


@experiment("split-the-loan-sheet")
def move_sheets(attempt: Attempt) -> MovedSheets:
    """Run the script on 40 small sheets and a large one, and once more to empty the sheet afterwards."""
    with _open_blank_sheet() as lab:
        rng = random.Random(attempt.seed)
        sheets = sorted((_draw_sheet(rng) for _ in range(SHEETS)), key=len)
        for rows in (*sheets, _draw_large_sheet(rng)):
            if any(_move(lab, attempt.answer, rows).difference):
                return MovedSheets(_shrink_sheet(lab, attempt.answer, rows), None)
        filled = next(rows for rows in sheets if rows)
        return MovedSheets(None, catch_mismatch(lambda: _move_and_empty(lab, attempt.answer, filled)))


def _open_blank_sheet() -> Lab:
    """A lab that can be rewound to a sheet without rows."""
    with open_lab("SQLite", SHEET, here=True) as lab:
        image = lab.image()
    return open_image(image)


def _run_script(lab: Lab, script: str, rows: Rows) -> None:
    """Run the script on a fresh sheet of `rows`."""
    lab.rewind()
    lab.fill({"sheet": rows})
    try:
        lab.run(script)
    except EngineError as error:
        tables = [Table("sheet", COLUMNS, list(rows))] if 0 < len(rows) <= MAX_ROWS_SHOWN else []
        narrow = "The sheet breaks none of the rules. Is a key of yours too narrow for it, or a fact copied twice?"
        hint = narrow if error.code in NOT_UNIQUE else ""
        raise Mismatch("a script that runs", error.says, hint=hint, tables=tables) from None


def _move(lab: Lab, script: str, rows: Rows) -> SheetAgain:
    _run_script(lab, script, rows)
    try:
        if "sheet_again" in map(str.casefold, lab.tables()):
            raise Mismatch("a view `sheet_again`", "a table of that name")
        return SheetAgain(rows, _read_rows(lab.run(AGAIN)))
    except EngineError as error:
        raise Mismatch("a view `sheet_again`", error.says) from None


def _read_rows(again: Result) -> Rows:
    require_columns(again, COLUMNS, "sheet_again", names=False)
    return again.rows


def _shrink_sheet(lab: Lab, script: str, rows: Rows) -> SheetAgain:
    """The sheet with as few and as plain rows as are still not given back."""

    def goes_wrong(data: dict[str, list[Row]]) -> bool:
        return _is_legal(data["sheet"]) and any(_move(lab, script, data["sheet"]).difference)

    return _move(lab, script, sorted(shrink({"sheet": rows}, goes_wrong, MAX_TRIALS)["sheet"]))


def _is_legal(rows: Rows) -> bool:
    """Whether `rows` obey the rules and the key of the sheet."""
    return len({(row[0], row[2], row[6]) for row in rows}) == len(rows) and all(
        fd_theory.holds_on(rows, COLUMNS, fd) for fd in SHEET_RULES
    )


def _move_and_empty(lab: Lab, script: str, rows: Rows) -> SheetAgain:
    _run_script(lab, script, rows)
    with open_image(serialize_database(lab)) as kept:
        return SheetAgain(rows, _read_rows(_empty_sheet(kept)))


def _empty_sheet(lab: Lab) -> Result:
    """What the view gives when there is no row in the sheet."""
    there = "sheet" in lab.tables()
    emptied = ["DELETE FROM sheet", "SELECT count(*) FROM sheet"] if there else []
    results = []
    for outcome in lab.outcomes([*emptied, AGAIN]):
        if isinstance(outcome, EngineError):
            raise Mismatch("a view that needs no `sheet`", outcome.says)
        results.append(outcome)
    if there and results[1].rows != [(0,)]:
        raise Mismatch("`sheet` to be empty after a DELETE", "there are rows in it")
    return results[-1]


@claim(move_sheets, weight=0)
def gives_the_sheet_back(moved: MovedSheets) -> None:
    """`sheet_again` gives exactly the rows that were in `sheet`, on 40 small sheets and one of some hundred rows"""
    if moved.wrong:
        missing, unwanted = moved.wrong.difference
        again = list(moved.wrong.again)
        marked = frozenset(place for place, row in enumerate(again) if row in unwanted)
        shared = "Two members can share a name, and two books a title: by which columns do you join?"
        raise Mismatch(
            f"the {len(moved.wrong.sheet)} rows of the sheet",
            f"{len(missing)} missing, {len(unwanted)} too many",
            hint=shared if moved.wrong.pairs_wrongly else "",
            tables=[
                Table("sheet", COLUMNS, list(moved.wrong.sheet)),
                Table("sheet_again", COLUMNS, again, marked, "not in the sheet"),
            ],
        )


@claim(move_sheets, weight=3, after=gives_the_sheet_back)
def view_works_without_sheet(moved: MovedSheets) -> None:
    """it still does when `sheet` has been emptied"""
    emptied = raise_if_mismatch(moved.emptied)
    if emptied and any(emptied.difference):
        missing, unwanted = emptied.difference
        rows, again = emptied.sheet, emptied.again
        found = f"{len(rows) - len(missing)} of them, and {len(unwanted)} others" if again else "no row"
        raise Mismatch(f"the rows of the sheet, {len(rows)}", found, hint="From which tables does your view read?")


@dataclass(frozen=True)
class SheetTables:
    """What is wrong with the tables that the script makes of an empty sheet."""

    rules: Mismatch | None
    """Two rows that they take although they break a rule, or a fact that they repeat."""
    legal_rows: Mismatch | None
    """Two rows that they refuse although they break none; not tried where a rule is not kept."""
    others: Mismatch | None
    """Columns that the sheet does not have."""


@experiment("split-the-loan-sheet")
def probe_tables(attempt: Attempt) -> SheetTables:
    """Run the script on an empty sheet, and try its tables with rows."""
    with _open_blank_sheet() as lab:
        _run_script(lab, attempt.answer, [])
        image = serialize_database(lab)
    with open_image(image) as lab:
        stored = StoredTables(lab, _draw_values(attempt.seed), leave_out=["sheet"])
        rules = catch_mismatch(lambda: _require_rules(stored))
        legal_rows = rules or catch_mismatch(lambda: require_legal_rows_accepted(stored, SHEET_RULES))
        return SheetTables(rules, legal_rows, catch_mismatch(lambda: require_no_other_columns(stored)))


def _draw_values(seed: int) -> dict[str, tuple[object, ...]]:
    """Two values for each column, which of them comes first as chance has it: no answer can know them."""
    rng = random.Random(seed)
    days = [f"2026-01-{day:02}" for day in rng.sample(range(1, 32), 2)]
    choices: tuple[Sequence[object], ...] = (range(1, 1000), NAMES, range(1, 1000), TITLES, "ABCDEFGH", range(9))
    return dict(zip(COLUMNS, [*(tuple(rng.sample(values, 2)) for values in choices), tuple(days)], strict=True))


def _require_rules(stored: StoredTables) -> None:
    require_every_column(COLUMNS, stored.parts)
    require_violations_rejected(stored, SHEET_RULES)
    require_third_normal_form(stored.parts, SHEET_RULES)


@claim(probe_tables, weight=2, after=view_works_without_sheet)
def enforces_rules(tables: SheetTables) -> None:
    """your tables refuse two rows that break one of the rules"""
    raise_if_mismatch(tables.rules)


@claim(probe_tables, weight=0.5, after=enforces_rules)
def accepts_every_legal_loan(tables: SheetTables) -> None:
    """they take any two rows that break none"""
    raise_if_mismatch(tables.legal_rows)


@claim(probe_tables, weight=0.5, after=enforces_rules)
def has_no_other_columns(tables: SheetTables) -> None:
    """they have no other columns"""
    raise_if_mismatch(tables.others)
