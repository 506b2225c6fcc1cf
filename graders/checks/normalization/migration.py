"""Claims on scripts that make tables: a migration put in order, one written out, and a design from a text."""

from __future__ import annotations

import random
from itertools import count

from course_data import orders
from graders import Mismatch, claim, lab_for
from graders.checks.normalization.designs import must_cover as covers
from graders.checks.normalization.tables import Tried
from graders.checks.normalization.trials import accepts_what_is_legal, each_fact_once, refuses_what_breaks
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, Result, open_image, open_lab
from graders.techniques import dependencies as fds_theory
from graders.techniques.dependencies import parse_fds
from graders.techniques.queries import multiset_difference, must_have_columns, shrink
from graders.techniques.queries.serialized import left_by

NOT_UNIQUE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
RIGHT_EMAIL = "hana.sato17@example.com"


@lab_for("normalization-12")
def small_shop(seed: int) -> Lab:
    """The order lines of a small shop, in which the first line of customer 17 has an old e-mail."""
    return open_lab("SQLite", orders.SCHEMA, {"order_lines": _small_shop(seed)})


def _small_shop(seed: int) -> list[tuple]:
    for attempt in count(seed):
        rows = orders.flat(random.Random(attempt), orders=60, customers=20, products=8)
        places = [place for place, row in enumerate(rows) if row[2] == orders.TWO_TRUTHS]
        if len(places) > 2:
            rows[places[0]] = (*rows[places[0]][:4], orders.OLD_EMAIL, *rows[places[0]][5:])
            return rows
    raise AssertionError("there are seeds without end")


@claim("normalization-12", worth=1)
def every_step_runs(lab, answer):
    """SQLite runs your steps in this order"""
    try:
        lab.run(answer)
    except EngineError as error:
        raise Mismatch("no step to be refused", _refused(error), hint=_order_hint(error)) from None


def _refused(error: EngineError) -> str:
    first = " ".join(error.statement.split())[:60]
    return f"SQLite says: {error.sentence} (at the step that begins with `{first}…`)"


def _order_hint(error: EngineError) -> str:
    if error.code in NOT_UNIQUE:
        return "One customer still has two e-mails at this moment. What has to be decided before the copy?"
    if error.code == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return "These rows name customers or orders that are not there yet. Who comes first?"
    if not error.statement.lstrip().upper().startswith("CREATE"):
        return "This step needs a table that is not there yet, or no more."
    return "The name is still taken: what has to go before the view can have it?"


@claim("normalization-12", worth=2, after=every_step_runs)
def old_shape_is_back(lab, answer):
    """after them `order_lines` is a view that gives all the lines, each with the right e-mail"""
    before = lab.run("SELECT * FROM order_lines")
    lab.run(answer)
    kind = lab.run("SELECT type FROM sqlite_schema WHERE name = 'order_lines'").rows
    if kind != [("view",)]:
        found = f"a {kind[0][0]}" if kind else "nothing of that name"
        raise Mismatch("a view", found, hint="Which step lets the old programs go on reading `order_lines`?")
    right = [(*row[:4], RIGHT_EMAIL, *row[5:]) if row[2] == orders.TWO_TRUTHS else row for row in before.rows]
    again = lab.run("SELECT * FROM order_lines")
    must_have_columns(again, before.columns, "order_lines", names=False)
    missing, unwanted = multiset_difference(again.rows, right)
    if unwanted and unwanted[0][4] == orders.OLD_EMAIL:
        hint = "A step has chosen between two e-mails without asking you. Which one, and which e-mail did it keep?"
        raise Mismatch(f"{RIGHT_EMAIL} for customer 17", orders.OLD_EMAIL, hint=hint)
    if missing:
        hint = "The lines were copied from `order_lines`: is there a step that does it?"
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


def _values(seed: int) -> dict[str, tuple]:
    """Two values for each column, which of them comes first as chance has it: no answer can know them."""
    rng = random.Random(seed)
    days = (f"2026-01-{day:02}" for day in rng.sample(range(1, 32), 2))
    few = (range(1, 1000), NAMES, range(1, 1000), TITLES, "ABCDEFGH", range(9))
    return dict(zip(COLUMNS, [*(tuple(rng.sample(of, 2)) for of in few), tuple(days)], strict=True))


def _sheet(rng: random.Random) -> list[tuple]:
    """Up to eight loans that obey the rules: two members share a name, two books a title."""
    members = {1: "Ada", 2: "Ben", 3: "Ada"}
    books = {10: ("Dune", "A"), 20: ("Dune", "B"), 30: ("Emma", "A"), 40: ("Solaris", "C")}
    floors = {"A": 0, "B": rng.randint(0, 1), "C": 1}
    rows = {
        (member, members[member], book, *books[book], floors[books[book][1]], f"2026-01-0{rng.randint(1, 3)}")
        for member, book in ((rng.choice(list(members)), rng.choice(list(books))) for _ in range(rng.randint(0, 8)))
    }
    return sorted(rows)


@lab_for("normalization-13")
def a_sheet(seed: int) -> Lab:
    """The sheet of a library's loans."""
    return open_lab("SQLite", SHEET, {"sheet": _sheet(random.Random(seed + 3))})


def _migrated(script: str, rows: list[tuple]) -> Lab:
    lab = open_lab("SQLite", SHEET, {"sheet": rows})
    try:
        lab.run(script)
    except EngineError as error:
        shown = [Table("sheet", COLUMNS, rows)] if 0 < len(rows) < 9 else []
        narrow = "The sheet breaks none of the rules. Is a key of yours too narrow for it?"
        hint = narrow if error.code in NOT_UNIQUE else ""
        raise Mismatch("a script that runs", f"SQLite says: {error.sentence}", hint=hint, tables=shown) from None
    return lab


@claim("normalization-13", worth=2)
def gives_the_sheet_back(script, seed):
    """`sheet_again` gives exactly the rows that were in `sheet`, on 40 generated sheets"""
    rng = random.Random(seed)
    for rows in sorted((_sheet(rng) for _ in range(40)), key=len):
        if _differs(script, rows):
            fewer = shrink({"sheet": rows}, lambda data: _legal(data["sheet"]) and _differs(script, data["sheet"]))
            raise _sheet_differs(script, sorted(fewer["sheet"]))


def _legal(rows: list[tuple]) -> bool:
    """Whether `rows` obey the rules and the key of the sheet."""
    return len({(row[0], row[2], row[6]) for row in rows}) == len(rows) and all(
        fds_theory.holds_on(rows, COLUMNS, fd) for fd in SHEET_RULES
    )


# In `main`: a temporary view is gone with the connection that made it.
AGAIN = "SELECT * FROM main.sheet_again"


def _again(script: str, rows: list[tuple]) -> list[tuple]:
    with _migrated(script, rows) as lab:
        try:
            if "sheet_again" in map(str.casefold, lab.tables()):
                raise Mismatch("a view `sheet_again`", "a table of that name")
            return _rows_again(lab.run(AGAIN))
        except EngineError as error:
            raise Mismatch("a view `sheet_again`", f"SQLite says: {error.sentence}") from None


def _rows_again(again: Result) -> list[tuple]:
    must_have_columns(again, COLUMNS, "sheet_again", names=False)
    return again.rows


def _differs(script: str, rows: list[tuple]) -> bool:
    missing, unwanted = multiset_difference(_again(script, rows), rows)
    return bool(missing or unwanted)


def _sheet_differs(script: str, rows: list[tuple]) -> Mismatch:
    again = _again(script, rows)
    missing, unwanted = multiset_difference(again, rows)
    marked = frozenset(place for place, row in enumerate(again) if row in unwanted)
    return Mismatch(
        f"the {len(rows)} rows of the sheet",
        f"{len(missing)} missing, {len(unwanted)} too many",
        hint="Two members can share a name, and two books a title: by which columns do you join?" if unwanted else "",
        tables=[
            Table("sheet", COLUMNS, rows),
            Table("sheet_again", COLUMNS, again, marked, "not in the sheet"),
        ],
    )


@claim("normalization-13", worth=1, after=gives_the_sheet_back)
def stands_without_the_sheet(script, seed):
    """it still does when `sheet` has been emptied"""
    rows = next(rows for rows in map(_sheet, map(random.Random, count(seed))) if rows)
    with _migrated(script, rows) as lab:
        image = left_by(lab)
    with open_image(image) as lab:
        again = _emptied(lab)
    missing, unwanted = multiset_difference(again, rows)
    if missing or unwanted:
        found = f"{len(rows) - len(missing)} of them, and {len(unwanted)} others" if again else "no row"
        raise Mismatch(f"the rows of the sheet, {len(rows)}", found, hint="From which tables does your view read?")


def _emptied(lab: Lab) -> list[tuple]:
    """What the view gives when there is no row in the sheet."""
    there = "sheet" in lab.tables()
    emptied = ["DELETE FROM sheet", "SELECT count(*) FROM sheet"] if there else []
    *told, again = lab.outcomes([*emptied, AGAIN])
    refused = next((outcome for outcome in (*told, again) if isinstance(outcome, EngineError)), None)
    if refused:
        raise Mismatch("a view that needs no `sheet`", f"SQLite says: {refused.sentence}")
    if there and told[-1].rows != [(0,)]:
        raise Mismatch("`sheet` to be empty after a DELETE", "there are rows in it")
    return _rows_again(again)


def _tried_sheet(script: str, seed: int) -> Tried:
    with _migrated(script, []) as lab:
        tried = Tried(left_by(lab), _values(seed), leave_out=["sheet"])
    covers(tried.columns, tried.parts)
    return tried


@claim("normalization-13", worth=2, after=stands_without_the_sheet)
def enforces_the_rules(script, seed):
    """your tables refuse two rows that break one of the rules"""
    tried = _tried_sheet(script, seed)
    refuses_what_breaks(tried, SHEET_RULES)
    each_fact_once(tried, SHEET_RULES)


@claim("normalization-13", worth=1, after=enforces_the_rules)
def takes_every_legal_loan(script, seed):
    """they take any two rows that break none"""
    accepts_what_is_legal(_tried_sheet(script, seed), SHEET_RULES)
