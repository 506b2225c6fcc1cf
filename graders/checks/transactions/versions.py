"""Claims on what the database must notice: a page that somebody else has saved, a seat that is sold already."""

from __future__ import annotations

import random

from graders import Mismatch, claim, lab_for
from graders.checks.transactions.showing import in_this_order
from graders.kernel.report import Table
from graders.labs import EngineError, SharedLab, in_order, open_lab, open_shared_lab
from graders.techniques.schedules import called, explore
from graders.techniques.schedules.calls import ended, must_end_well, rows_of

# The trigger notes what each UPDATE made of a page, so that a write over a write can be seen afterwards; the others
# keep a function from forging what was noted.
PAGES = """
CREATE TABLE pages (id INTEGER PRIMARY KEY, text TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE written (page INTEGER, text TEXT, before INTEGER, version INTEGER);
CREATE TRIGGER note AFTER UPDATE ON pages BEGIN
    INSERT INTO written VALUES (NEW.id, NEW.text, OLD.version, NEW.version);
END;
CREATE TRIGGER stays BEFORE DELETE ON written BEGIN SELECT RAISE(ABORT, 'what was written stays noted'); END;
CREATE TRIGGER stays_as_it_is BEFORE UPDATE ON written BEGIN SELECT RAISE(ABORT, 'what was written stays noted'); END;
"""
TRIGGERS = 3
FIRST = {1: ("first", 3), 2: ("second", 8)}
OTHER = "UPDATE pages SET text = 'theirs', version = version + 1 WHERE id = 1 AND version = 3"


def _pages() -> SharedLab:
    return open_shared_lab("SQLite", PAGES, {"pages": [(page, *rest) for page, rest in FIRST.items()]})


def _saved(save, page: int, seen: int) -> tuple[object, tuple]:
    """What `save` gave, and the page after it."""
    with _pages() as lab:
        call = ended(lab, save, page, seen, "mine")
        must_end_well(call)
        rows = rows_of(lab, "SELECT id, text, version FROM pages ORDER BY id")
    found = {number: (text, version) for number, text, version in rows}
    other = 3 - page
    if set(found) != {1, 2} or found[other] != FIRST[other]:
        raise Mismatch(f"{call.said} to change page {page} only", f"the pages are {found}")
    return call.value, found[page]


@claim("transactions-10", worth=1)
def saves(save):
    """if nobody saved since `seen`, the text is saved, the version goes up by 1, and `save` gives `True`"""
    for page, seen in ((1, 3), (2, 8)):
        value, (text, version) = _saved(save, page, seen)
        if text != "mine" or value is not True:
            raise Mismatch("the text saved, and `True`", f"the text {text!r}, and `{value!r:.40}`")
        if version != seen + 1:
            hint = "How does the next editor learn that somebody was here, if the version stays the same?"
            raise Mismatch(f"version {seen + 1}", f"version {version}", hint=hint)


@claim("transactions-10", worth=1, after=saves)
def refuses_what_is_old(save, seed):
    """if somebody did, nothing changes, and it gives `False`"""
    for page, now, seen in ((1, 3, 2), (2, 8, random.Random(seed).randint(1, 7)), (1, 3, 4)):
        value, (text, version) = _saved(save, page, seen)
        if text == "mine":
            raise Mismatch(
                f"page {page} as it was: it had version {now}, the editor saw {seen}",
                f"their text in it, version {version}",
                hint="The editor saw an older page than there is. Whose text was overwritten?",
            )
        if value is not False:
            raise Mismatch(
                "`False`, for nothing was saved",
                f"`{value!r:.40}`",
                hint="0 rows were changed, and the editor was told something else. Who said that it was saved?",
            )


@claim("transactions-10", worth=2, after=refuses_what_is_old)
def overwrites_nothing_unseen(save):
    """beside another editor, in every order of the statements, nobody overwrites a text that they have not seen"""

    def broken(lab: SharedLab) -> str:
        if len(rows_of(lab, "SELECT 1 FROM sqlite_schema WHERE type = 'trigger'")) != TRIGGERS:
            return "the triggers that note what is written are gone"
        rows = rows_of(lab, "SELECT text, before, version FROM written ORDER BY rowid")
        texts = [text for text, before, version in rows if before == 3 and version == 4]
        return "" if len(rows) == len(texts) == 1 else f"the page was saved {len(rows)} times, and one text is lost"

    found = explore(_pages, {"yours": called(save, 1, 3, "mine"), "other": OTHER}, broken)
    if found.broken:
        raise in_this_order(
            "one text saved of two that were written from version 3",
            found.broken,
            hint="The other editor saved between your SELECT and your UPDATE. Can one statement ask and write?",
        )


BOOKINGS = "CREATE TABLE bookings (seat TEXT NOT NULL, passenger TEXT NOT NULL)"
BOOTH = """
BEGIN;
INSERT INTO bookings SELECT '{seat}', '{passenger}' WHERE NOT EXISTS (SELECT 1 FROM bookings WHERE seat = '{seat}');
COMMIT;
"""
# What must go through, in this order: a family of two seats, a seat given back and sold again.
SOLD = (
    "INSERT INTO bookings (seat, passenger) VALUES ('1A', 'Ada'), ('1B', 'Ada')",
    "INSERT INTO bookings (seat, passenger) VALUES ('2A', 'Ben')",
    "DELETE FROM bookings WHERE seat = '2A'",
    "INSERT INTO bookings (seat, passenger) VALUES ('2A', 'Cem')",
)
SOLD_ROWS = [("1A", "Ada"), ("1B", "Ada"), ("2A", "Cem")]


@lab_for("transactions-13")
def empty_bookings(seed: int):
    """The bookings before the sale begins, on DuckDB."""
    return open_lab("DuckDB", BOOKINGS)


@claim("transactions-13", worth=0)
def the_sale_goes_on(lab, script):
    """DuckDB runs your SQL, and an ordinary evening's bookings go through after it"""
    try:
        lab.run(script)
    except EngineError as error:
        raise Mismatch("SQL that runs", f"DuckDB says: {error.sentence}") from None
    for statement in SOLD:
        try:
            lab.execute(statement)
        except EngineError as error:
            raise Mismatch(
                f"`{statement}` to go through",
                f"DuckDB says: {error.sentence}",
                hint="May a family book two seats, and may a seat that was given back be sold again?",
            ) from None
    rows = in_order(rows_of(lab, "SELECT seat, passenger FROM bookings"))
    if rows != SOLD_ROWS:
        raise Mismatch("three bookings", f"{len(rows)}", tables=[Table("bookings", ("seat", "passenger"), rows)])


@claim("transactions-13", after=the_sale_goes_on)
def sells_each_seat_once(script):
    """two booths that sell the same seat never both succeed, whatever the order of their statements"""

    def twice(lab: SharedLab) -> str:
        sold = rows_of(lab, "SELECT passenger FROM bookings WHERE seat = '1A' ORDER BY 1")
        return "" if len(sold) < 2 else f"seat 1A is sold to {' and '.join(str(who) for (who,) in sold)}"

    booths = {who: BOOTH.format(seat="1A", passenger=who) for who in ("Ada", "Ben")}
    try:
        found = explore(lambda: open_shared_lab("DuckDB", f"{BOOKINGS};\n{script}"), booths, twice)
    except EngineError as error:
        raise Mismatch("SQL that runs wherever it is tried", f"DuckDB says: {error.sentence}") from None
    if found.broken:
        expected = f"one booking of 1A in each of {found.tried} orders"
        raise in_this_order(expected, found.broken, hint=_hint_on_seats(script))


def _hint_on_seats(script: str) -> str:
    with open_lab("DuckDB", BOOKINGS) as lab:
        lab.run(script)
        unique = rows_of(lab, "SELECT is_unique FROM duckdb_indexes() WHERE table_name = 'bookings'")
        kinds = rows_of(lab, "SELECT constraint_type FROM duckdb_constraints() WHERE table_name = 'bookings'")
        keys = {kind for (kind,) in kinds} & {"UNIQUE", "PRIMARY KEY"}
    if keys or (True,) in unique:
        return "Do the two rows agree on both columns of your key? A key refuses rows that agree on all of it."
    if unique:
        return "An index that is not unique finds rows faster and refuses none. Which word is missing?"
    return "Who writes to that table, and who looks at it? The booths know of `bookings` only."
