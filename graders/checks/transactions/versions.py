"""Claims on what the database must notice: a page that somebody else has saved, a seat that is sold already."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment, lab_for
from graders.checks.transactions.mismatches import require_clean_end, schedule_mismatch
from graders.labs import EngineError, Lab, SharedLab, in_order, open_lab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.schedules import (
    CallRecord,
    Exploration,
    Series,
    explore,
    make_script,
    query_final_state,
    run_calls,
)

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
Pages = dict[int, tuple[str, int]]


def _open_pages() -> SharedLab:
    return open_shared_lab("SQLite", PAGES, {"pages": [(page, *rest) for page, rest in FIRST.items()]})


def _read_pages(lab: SharedLab) -> Pages:
    rows = lab.execute("SELECT id, text, version FROM pages ORDER BY id").rows
    return {page: (text, version) for page, text, version in rows}


@dataclass(frozen=True)
class Saves:
    """Attempts to save the text "mine", alone, each on the pages of the beginning."""

    current: Series[CallRecord[Pages]]
    """Where nobody has saved since the editor read the page."""
    outdated: Series[CallRecord[Pages]]
    """Where the editor read another version."""


@experiment("optimistic-lock")
def save_alone(attempt: Attempt) -> Saves:
    """Save pages as an editor who has seen the current version, and as one who has seen another."""
    current = [(1, 3, "mine"), (2, 8, "mine")]
    outdated = [(1, 2, "mine"), (2, random.Random(attempt.seed).randint(1, 7), "mine"), (1, 4, "mine")]
    with _open_pages() as lab:
        return Saves(*(run_calls(lab, attempt.answer, cases, read=_read_pages) for cases in (current, outdated)))


@experiment("optimistic-lock")
def save_beside_another(attempt: Attempt) -> Exploration:
    """Save a page beside another editor who has read the same version, in every order of statements."""
    with _open_pages() as lab:
        return explore(lab, {"yours": make_script(attempt.answer, 1, 3, "mine"), "other": OTHER}, _find_lost_text)


def _find_lost_text(lab: SharedLab) -> str:
    if len(lab.execute("SELECT 1 FROM sqlite_schema WHERE type = 'trigger'")) != TRIGGERS:
        return "the triggers that note what is written are gone"
    rows = lab.execute("SELECT before, version FROM written").rows
    return "" if rows == [(3, 4)] else f"the page was saved {len(rows)} times, and one text is lost"


def _read_saved_page(call: CallRecord[Pages]) -> tuple[str, int]:
    """The page that `call` was to save; raise `Mismatch` if it did not end well, or changed the other one."""
    require_clean_end(call)
    page = call.arguments[0]
    if set(call.state) != set(FIRST) or call.state[3 - page] != FIRST[3 - page]:
        raise Mismatch(f"{call.words} to change page {page} only", f"the pages are {call.state}")
    return call.state[page]


@claim(save_alone, weight=1)
def saves(attempts: Saves) -> None:
    """if nobody saved since `seen`, the text is saved, the version goes up by 1, and `save` gives `True`"""
    for call in attempts.current:
        text, version = _read_saved_page(call)
        right = call.arguments[1] + 1
        if text != "mine" or call.value is not True:
            raise Mismatch("the text saved, and `True`", f"the text {text!r}, and `{call.value!r:.40}`")
        if version != right:
            hint = "How does the next editor learn that somebody was here, if the version stays the same?"
            raise Mismatch(f"version {right}", f"version {version}", hint=hint)


@claim(save_alone, weight=1, after=saves)
def refuses_what_is_old(attempts: Saves) -> None:
    """if somebody did, nothing changes, and it gives `False`"""
    for call in attempts.outdated:
        text, version = _read_saved_page(call)
        page, seen, _ = call.arguments
        if text == "mine":
            raise Mismatch(
                f"page {page} as it was: it had version {FIRST[page][1]}, the editor saw {seen}",
                f"their text in it, version {version}",
                hint="The editor saw an older page than there is. Whose text was overwritten?",
            )
        if call.value is not False:
            raise Mismatch(
                "`False`, for nothing was saved",
                f"`{call.value!r:.40}`",
                hint="0 rows were changed, and the editor was told something else. Who said that it was saved?",
            )


@claim(save_beside_another, weight=2, after=refuses_what_is_old)
def overwrites_nothing_unseen(exploration: Exploration) -> None:
    """beside another editor, in every order of the statements, nobody overwrites a text that they have not seen"""
    if exploration.counterexample:
        raise schedule_mismatch(
            "one text saved of two that were written from version 3",
            exploration.counterexample,
            hint="The other editor saved between your SELECT and your UPDATE. Can one statement ask and write?",
        )


BOOKINGS = "CREATE TABLE bookings (seat TEXT NOT NULL, passenger TEXT NOT NULL)"
BOOTH = """
BEGIN;
INSERT INTO bookings SELECT '{seat}', '{passenger}' WHERE NOT EXISTS (SELECT 1 FROM bookings WHERE seat = '{seat}');
COMMIT;
"""
# What must go through, in this order: a family of two seats, a seat given back and sold again.
SALE = (
    "INSERT INTO bookings (seat, passenger) VALUES ('1A', 'Ada'), ('1B', 'Ada')",
    "INSERT INTO bookings (seat, passenger) VALUES ('2A', 'Ben')",
    "DELETE FROM bookings WHERE seat = '2A'",
    "INSERT INTO bookings (seat, passenger) VALUES ('2A', 'Cem')",
)
UNIQUENESS = """
SELECT true FROM duckdb_constraints() WHERE table_name = 'bookings' AND constraint_type IN ('UNIQUE', 'PRIMARY KEY')
UNION ALL SELECT is_unique FROM duckdb_indexes() WHERE table_name = 'bookings'
"""
SOLD = [("1A", "Ada"), ("1B", "Ada"), ("2A", "Cem")]


@lab_for("one-seat-two-booths")
def open_bookings(seed: int) -> Lab:
    """The bookings before the sale begins, on DuckDB."""
    return open_lab("DuckDB", BOOKINGS)


@experiment("one-seat-two-booths")
def sell_seats(attempt: Attempt) -> list[Row]:
    """The bookings after the SQL and an ordinary evening; raise `Mismatch` if the engine refuses anything of it."""
    with open_bookings(attempt.seed) as lab:
        try:
            lab.run(attempt.answer)
        except EngineError as error:
            raise Mismatch("SQL that runs", f"DuckDB says: {error.sentence}") from None
        for statement in SALE:
            try:
                lab.execute(statement)
            except EngineError as error:
                raise Mismatch(
                    f"`{statement}` to go through",
                    f"DuckDB says: {error.sentence}",
                    hint="May a family book two seats, and may a seat that was given back be sold again?",
                ) from None
        return in_order(query_final_state(lab, "SELECT seat, passenger FROM bookings"))


@dataclass(frozen=True)
class SeatRace:
    """Two booths that sell the same seat, in every order of statements."""

    exploration: Exploration
    """The orders."""
    uniqueness: tuple[bool, ...]
    """Of each key and index of `bookings`, whether it is unique; looked up only if the seat is sold twice."""


@experiment("one-seat-two-booths")
def race_for_a_seat(attempt: Attempt) -> SeatRace:
    """Run two booths that sell seat 1A."""
    booths = {name: BOOTH.format(seat="1A", passenger=name) for name in ("Ada", "Ben")}
    try:
        with open_shared_lab("DuckDB", f"{BOOKINGS};\n{attempt.answer}") as lab:
            exploration = explore(lab, booths, _find_double_sale)
            return SeatRace(exploration, _look_up_uniqueness(lab) if exploration.counterexample else ())
    except EngineError as error:
        raise Mismatch("SQL that runs wherever it is tried", f"DuckDB says: {error.sentence}") from None


def _find_double_sale(lab: SharedLab) -> str:
    sold = lab.execute("SELECT passenger FROM bookings WHERE seat = '1A' ORDER BY 1").rows
    return "" if len(sold) < 2 else f"seat 1A is sold to {' and '.join(name for (name,) in sold)}"


def _look_up_uniqueness(lab: SharedLab) -> tuple[bool, ...]:
    return tuple(unique for (unique,) in lab.execute(UNIQUENESS).rows)


@claim(sell_seats, weight=0)
def the_sale_goes_on(bookings: list[Row]) -> None:
    """DuckDB runs your SQL, and an ordinary evening's bookings go through after it"""
    if bookings != SOLD:
        table = Table("bookings", ("seat", "passenger"), bookings)
        raise Mismatch("three bookings", f"{len(bookings)}", tables=[table])


@claim(race_for_a_seat, after=the_sale_goes_on)
def sells_each_seat_once(race: SeatRace) -> None:
    """two booths that sell the same seat never both succeed, whatever the order of their statements"""
    if race.exploration.counterexample:
        expected = f"one booking of 1A in each of {race.exploration.schedule_count} orders"
        raise schedule_mismatch(expected, race.exploration.counterexample, hint=_hint_on_seats(race.uniqueness))


def _hint_on_seats(uniqueness: tuple[bool, ...]) -> str:
    if any(uniqueness):
        return "Do the two rows agree on both columns of your key? A key refuses rows that agree on all of it."
    if uniqueness:
        return "An index that is not unique finds rows faster and refuses none. Which word is missing?"
    return "Who writes to that table, and who looks at it? The booths know of `bookings` only."
