"""Claims on a rule of the database that lets nobody sell a seat twice."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment, lab_for
from graders.checks.transactions.mismatches import schedule_mismatch
from graders.labs import EngineError, Lab, SharedLab, in_order, open_lab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.schedules import Exploration, explore, query_final_state

BOOKINGS = "CREATE TABLE bookings (seat TEXT NOT NULL, passenger TEXT NOT NULL)"
BOOTH = """
BEGIN;
INSERT INTO bookings (seat, passenger) SELECT '{seat}', '{passenger}'
WHERE NOT EXISTS (SELECT 1 FROM bookings WHERE seat = '{seat}');
COMMIT;
"""
PASSENGERS = ("Ada", "Ben", "Cem", "Dara", "Eva", "Finn")
ROWS_OF_SEATS = 60
UNIQUENESS = """
SELECT true FROM duckdb_constraints() WHERE table_name = 'bookings' AND constraint_type IN ('UNIQUE', 'PRIMARY KEY')
UNION ALL SELECT is_unique FROM duckdb_indexes() WHERE table_name = 'bookings'
"""


@lab_for("one-seat-two-booths")
def open_bookings(seed: int) -> Lab:
    """The bookings before the sale begins, on DuckDB."""
    return open_lab("DuckDB", BOOKINGS)


class _Evening:
    """An ordinary evening, drawn from a seed: what must go through, in this order, and what is refused as ever."""

    def __init__(self, seed: int):
        rng = random.Random(seed)
        row = rng.randint(2, 9)
        # Seats that have a number, a letter or a first character in common.
        self.seats = [f"{row}A", f"{row}B", f"{row}{row}A", f"1{row}A"]
        self.family, self.friend, self.late, *self.two = rng.sample(PASSENGERS, 5)
        folding = f"{row}a"
        self.many = [(seat, rng.choice(PASSENGERS)) for seat in (folding, *(f"{n}C" for n in range(1, ROWS_OF_SEATS)))]

    def sale(self) -> list[str]:
        """A family of two, a seat that is given back and sold again, a seat that is exchanged, and a full house."""
        first, second, third, fourth = self.seats
        return [
            _book((first, self.family), (second, self.family)),
            _book((third, self.friend)),
            f"DELETE FROM bookings WHERE seat = '{third}'",
            _book((third, self.late)),
            f"UPDATE bookings SET seat = '{fourth}' WHERE seat = '{second}'",
            _book(*self.many),
        ]

    def incomplete(self) -> list[str]:
        """Bookings without a seat, or without a passenger."""
        return [
            f"INSERT INTO bookings (seat, passenger) VALUES (NULL, '{self.family}')",
            "INSERT INTO bookings (seat, passenger) VALUES ('9Z', NULL)",
        ]

    @property
    def sold(self) -> list[Row]:
        """The bookings at the end."""
        first, _, third, fourth = self.seats
        rows = [(first, self.family), (fourth, self.family), (third, self.late), *self.many]
        return in_order(rows)


def _book(*bookings: tuple[str, str]) -> str:
    return f"INSERT INTO bookings (seat, passenger) VALUES {', '.join(map(str, bookings))}"


@dataclass(frozen=True)
class Sale:
    """What came of an ordinary evening."""

    right: list[Row]
    """The bookings that there should be."""
    bookings: list[Row]
    """The bookings that there are."""
    incomplete: tuple[str, ...]
    """The bookings without a seat or a passenger that were accepted."""


@experiment("one-seat-two-booths")
def sell_seats(attempt: Attempt) -> Sale:
    """The bookings after the SQL and an ordinary evening; raise `Mismatch` if the engine refuses anything of it."""
    evening = _Evening(attempt.seed)
    with open_bookings(attempt.seed) as lab:
        try:
            lab.run(attempt.answer)
        except EngineError as error:
            raise Mismatch("SQL that runs", error.says) from None
        for statement in evening.sale():
            _require_to_go_through(lab, statement, evening.family)
        bookings = query_final_state(lab, "SELECT seat, passenger FROM bookings")
        accepted = tuple(statement for statement in evening.incomplete() if _is_accepted(lab, statement))
        return Sale(evening.sold, in_order(bookings), accepted)


def _is_accepted(lab: Lab, statement: str) -> bool:
    try:
        lab.execute(statement)
    except EngineError:
        return False
    return True


def _require_to_go_through(lab: Lab, statement: str, family: str) -> None:
    try:
        lab.execute(statement)
    except EngineError as error:
        by_passenger = f'duplicate key "{family}"' in error.says
        hint = "The same passenger comes a second time, with another seat. May a family book two seats?"
        by_check = "CHECK constraint failed" in error.says
        other = (
            "A CHECK looks at one row by itself. Which rule does a seat break that is sold twice?" if by_check else ""
        )
        raise Mismatch(f"`{statement:.160}` to go through", error.says, hint if by_passenger else other) from None


@dataclass(frozen=True)
class Rules:
    """What a database knows of the bookings."""

    uniqueness: tuple[bool, ...] = ()
    """Of each key and index of `bookings`, whether it is unique."""
    has_other_tables: bool = False
    """Whether there are other tables."""


@dataclass(frozen=True)
class SeatRace:
    """Two booths that sell the same seat, in every order of statements."""

    seat: str
    """The seat."""
    exploration: Exploration
    """The orders."""
    rules: Rules
    """What the database knows of the bookings; looked up only if the seat is not sold once."""


@experiment("one-seat-two-booths")
def race_for_a_seat(attempt: Attempt) -> SeatRace:
    """Run two booths that sell the same seat."""
    evening = _Evening(attempt.seed)
    seat = evening.seats[0]
    booths = {name: BOOTH.format(seat=seat, passenger=name) for name in evening.two}

    def find_other_than_one_sale(lab: SharedLab) -> str:
        sold = lab.execute("SELECT passenger FROM bookings WHERE seat = ? ORDER BY 1", (seat,)).rows
        names = " and ".join(str(name) for (name,) in sold)
        return "" if len(sold) == 1 else f"seat {seat} is sold to {names or 'nobody'}"

    try:
        with open_shared_lab("DuckDB", f"{BOOKINGS};\n{attempt.answer}") as lab:
            exploration = explore(lab, booths, find_other_than_one_sale)
            return SeatRace(seat, exploration, _look_up_rules(lab) if exploration.counterexample else Rules())
    except EngineError as error:
        is_temporary = re.search(r"\bTEMP(ORARY)?\b", attempt.answer, re.IGNORECASE)
        hint = "What is temporary belongs to one connection. How many connections do two booths have?"
        raise Mismatch("SQL that runs wherever it is tried", error.says, hint if is_temporary else "") from None


def _look_up_rules(lab: SharedLab) -> Rules:
    other_tables = lab.execute("SELECT 1 FROM duckdb_tables() WHERE table_name <> 'bookings'").rows
    return Rules(tuple(unique for (unique,) in lab.execute(UNIQUENESS).rows), bool(other_tables))


@claim(sell_seats, weight=0)
def sale_goes_through(sale: Sale) -> None:
    """DuckDB runs your SQL, and an ordinary evening's bookings go through after it"""
    if sale.bookings != sale.right:
        table = Table("bookings", ("seat", "passenger"), sale.bookings)
        raise Mismatch(f"{len(sale.right)} bookings", f"{len(sale.bookings)}", tables=[table])


@claim(race_for_a_seat, weight=3, after=sale_goes_through)
def sells_each_seat_once(race: SeatRace) -> None:
    """two booths that sell the same seat never both succeed, whatever the order of their statements"""
    if broken := race.exploration.counterexample:
        expected = f"one booking of {race.seat} in each of {race.exploration.schedule_count} orders"
        twice = " and " in broken.violation
        raise schedule_mismatch(expected, broken, hint=_hint_on_seats(race.rules) if twice else "")


@claim(sell_seats, weight=1, after=sells_each_seat_once)
def keeps_the_other_rules(sale: Sale) -> None:
    """a booking without a seat or without a passenger is refused, as it was before"""
    if sale.incomplete:
        hint = "The table refused this before your SQL. Which two words of its columns are gone?"
        raise Mismatch(f"`{sale.incomplete[0]}` to be refused", "it goes through", hint)


def _hint_on_seats(rules: Rules) -> str:
    """The hint for a seat that is sold twice."""
    if any(rules.uniqueness):
        return "Do the two rows agree on both columns of your key? A key refuses rows that agree on all of it."
    if rules.uniqueness:
        return "An index that is not unique finds rows faster and refuses none. Which word is missing?"
    if rules.has_other_tables:
        return "Who writes to that table, and who looks at it? The booths know of `bookings` only."
    return "After your SQL `bookings` has no key and no index. What looks at all rows, whoever wrote them?"
