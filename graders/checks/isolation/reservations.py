"""Claims on selling what there is once: pieces in stock by a function, seats by a rule of the database."""

from __future__ import annotations

from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment, lab_for
from graders.checks.transactions.mismatches import cut_mismatch, schedule_mismatch
from graders.labs import EngineError, Lab, SharedLab, in_order, open_lab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.crashes import CrashSweep, sweep_crashes
from graders.techniques.schedules import (
    CallRecord,
    Exploration,
    Schedule,
    Series,
    explore,
    make_script,
    observe_each,
    query_final_state,
    run_call,
)

SHOP = """
CREATE TABLE stock (sku TEXT PRIMARY KEY, remaining INTEGER NOT NULL);
CREATE TABLE reservations (key TEXT PRIMARY KEY, sku TEXT NOT NULL, n INTEGER NOT NULL);
"""
STOCK = {"mug": 5, "pen": 2}
OTHER = """
BEGIN IMMEDIATE;
UPDATE stock SET remaining = remaining - 3 WHERE sku = 'mug' AND remaining >= 3;
INSERT INTO reservations SELECT 'other', 'mug', 3 WHERE changes() > 0;
COMMIT;
"""
ORDER = ("k1", "mug", 2)
POSSIBLE = (("k1", "mug", 2), ("k2", "mug", 3), ("k3", "pen", 1))
IMPOSSIBLE = (("k1", "mug", 6), ("k2", "cup", 1), ("k3", "pen", 3))
REPEATED = (ORDER, ORDER, ("k2", "mug", 3), ORDER)


@dataclass(frozen=True)
class Shop:
    """A shop after some orders."""

    keys: list[str]
    """The keys of the reservations."""
    fault: str
    """What is wrong, if anything: a stock below 0, or pieces that are neither in stock nor reserved."""


Reservations = Series[CallRecord[Shop]]


@dataclass(frozen=True)
class Orders:
    """Orders one after the other, each time in a fresh shop."""

    possible: Reservations
    """As many as there are, down to the last piece."""
    impossible: Reservations
    """More than there are."""
    repeated: Reservations
    """The same order twice, and once more when nothing is left."""


@dataclass(frozen=True)
class Races:
    """A reservation beside others."""

    counterexample: Schedule | None
    """An order of statements in which something is oversold."""
    locked: CallRecord[Shop] | None
    """A call whose first statement meets a lock; None if something is oversold."""


def _open_shop() -> SharedLab:
    return open_shared_lab("SQLite", SHOP, {"stock": list(STOCK.items())})


def _read_shop(lab: SharedLab) -> Shop:
    keys = lab.execute("SELECT key FROM reservations ORDER BY 1").rows
    return Shop([key for (key,) in keys], _find_fault(lab))


def _find_fault(lab: SharedLab) -> str:
    for sku, at_first in STOCK.items():
        ((remaining,),) = lab.execute("SELECT coalesce(sum(remaining), 0) FROM stock WHERE sku = ?", (sku,)).rows
        ((sold,),) = lab.execute("SELECT coalesce(sum(n), 0) FROM reservations WHERE sku = ?", (sku,)).rows
        if remaining < 0 or remaining + sold != at_first:
            return f"of {at_first} {sku}s {sold} are reserved and {remaining} remain"
    return ""


@experiment("never-oversell")
def reserve_alone(attempt: Attempt) -> Orders:
    """Order what is there, what is not, and the same again."""

    def reserve(order: tuple[str, str, int]) -> CallRecord[Shop]:
        return run_call(lab, attempt.answer, *order, read=_read_shop)

    def reserve_all(orders: tuple[tuple[str, str, int], ...]) -> Reservations:
        lab.rewind()
        return observe_each(reserve, orders)

    with _open_shop() as lab:
        return Orders(*map(reserve_all, (POSSIBLE, IMPOSSIBLE, REPEATED)))


@experiment("never-oversell")
def cut_power_in_reservation(attempt: Attempt) -> CrashSweep:
    """Cut the power before each statement, and send the order again."""

    def find_other_than_one(lab: SharedLab) -> str:
        shop = _read_shop(lab)
        return shop.fault or ("" if shop.keys == ["k1"] else f"{len(shop.keys)} reservations")

    with _open_shop() as lab:
        return sweep_crashes(lab, make_script(attempt.answer, "k1", "mug", 3), _find_fault, rerun=find_other_than_one)


@experiment("never-oversell")
def race_reservations(attempt: Attempt) -> Races:
    """Reserve beside another order and beside the same one, in every order of statements; then meet a lock."""
    yours = make_script(attempt.answer, "k1", "mug", 3)
    locks = iter([EngineError("SQLite", "database is locked", code="SQLITE_BUSY")])
    with _open_shop() as lab:
        for rivals in ({"other": OTHER}, {"sent again": yours}):
            races = explore(lab, {"yours": yours, **rivals}, _find_fault, max_schedules=100)
            if races.counterexample:
                return Races(races.counterexample, None)
        lab.rewind()
        return Races(None, run_call(lab, attempt.answer, *ORDER, read=_read_shop, refuse=lambda _: next(locks, None)))


@claim(reserve_alone, weight=1)
def sells_available_stock(orders: Orders) -> None:
    """`reserve` gives `True` as long as enough remain, down to the last piece"""
    calls = list(orders.possible)
    for call in calls:
        if call.value is False and call.arguments == POSSIBLE[1]:
            raise Mismatch(
                f"`True` from {call.words}, with 3 remaining",
                "`False`",
                hint="Exactly as many as remained were asked for. Is that too many?",
            )
        _require_value(call, True)
    shop = calls[-1].state
    if shop.fault or shop.keys != ["k1", "k2", "k3"]:
        found = shop.fault or f"the keys {', '.join(shop.keys)}"
        raise Mismatch("three reservations, and as much less in stock", found)


@claim(reserve_alone, weight=1, after=sells_available_stock)
def rejects_unavailable_stock(orders: Orders) -> None:
    """where not enough remain it gives `False`, and leaves no trace"""
    calls = list(orders.impossible)
    shop = calls[-1].state
    if shop.keys or shop.fault:
        hint = "What was refused leaves no trace. Does your function note a key before it knows that there is enough?"
        raise Mismatch("nothing reserved", shop.fault or f"the keys {', '.join(shop.keys)} are noted", hint=hint)
    for call in calls:
        _require_value(call, False)


def _require_value(call: CallRecord[Shop], right: bool) -> None:
    if call.exception:
        raise Mismatch(f"`{right}` from {call.words}", call.exception)
    if call.value is not right:
        raise Mismatch(f"`{right}` from {call.words}", f"`{call.value!r:.40}`")
    if call.left_open:
        raise Mismatch(f"{call.words} to end its transaction", "one that is still open")


@claim(reserve_alone, weight=2, after=sells_available_stock)
def is_idempotent(orders: Orders) -> None:
    """the same order sent again gives `True` again, also when nothing is left, and takes nothing more"""
    calls = list(orders.repeated)
    if fault := calls[-1].state.fault:
        hint = "The same order came a second time, and its pieces were taken again. What must be asked before taking?"
        raise Mismatch("2 mugs for k1 and 3 for k2", fault, hint=hint)
    for call in calls:
        if call.exception or call.value is not True:
            raise Mismatch(
                f"`True` from {call.words} each time",
                call.exception or f"`{call.value!r:.40}`",
                hint="What does the sender want to hear the second time? Their order stands: it is no error.",
            )


@claim(cut_power_in_reservation, weight=2, after=sells_available_stock)
def survives_power_cuts(sweep: CrashSweep) -> None:
    """a power cut at any moment leaves nothing half done, and the order sent again is reserved once"""
    if sweep.first_violation:
        hint = "Taking from the stock and noting the key belong to one transaction. Where does yours begin and end?"
        raise cut_mismatch("every mug either in stock or reserved", sweep.first_violation, hint=hint)


@claim(race_reservations, weight=2, after=sells_available_stock)
def never_oversells(races: Races) -> None:
    """beside another order, and beside itself sent twice, in every order of statements, nothing is oversold"""
    if races.counterexample:
        hint = "What had changed between your SELECT and your UPDATE? Read, decide and write under one lock."
        raise schedule_mismatch("every mug in stock or reserved, once", races.counterexample, hint=hint)
    # Where its first statement meets a lock it may raise or try again, but knows nothing of the stock.
    if races.locked and races.locked.value is False:
        raise Mismatch(
            f"`True` or an exception from {races.locked.words}, with 5 in stock and one lock met",
            "`False`",
            hint="Enough remain, and the sender hears that there are none. What does a lock say about the stock?",
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
            raise Mismatch("SQL that runs", error.says) from None
        for statement in SALE:
            try:
                lab.execute(statement)
            except EngineError as error:
                raise Mismatch(
                    f"`{statement}` to go through",
                    error.says,
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
        raise Mismatch("SQL that runs wherever it is tried", error.says) from None


def _find_double_sale(lab: SharedLab) -> str:
    sold = lab.execute("SELECT passenger FROM bookings WHERE seat = '1A' ORDER BY 1").rows
    return "" if len(sold) < 2 else f"seat 1A is sold to {' and '.join(name for (name,) in sold)}"


def _look_up_uniqueness(lab: SharedLab) -> tuple[bool, ...]:
    return tuple(unique for (unique,) in lab.execute(UNIQUENESS).rows)


@claim(sell_seats, weight=0)
def sale_goes_through(bookings: list[Row]) -> None:
    """DuckDB runs your SQL, and an ordinary evening's bookings go through after it"""
    if bookings != SOLD:
        table = Table("bookings", ("seat", "passenger"), bookings)
        raise Mismatch("three bookings", f"{len(bookings)}", tables=[table])


@claim(race_for_a_seat, after=sale_goes_through)
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
