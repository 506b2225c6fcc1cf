"""Claims on reserving what there is once: alone, sent twice, cut off, locked out, and beside other orders."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.transactions.mismatches import cut_mismatch, schedule_mismatch
from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.power_cuts import Crash, CrashSweep, sweep_crashes
from graders.techniques.schedules import (
    CallRecord,
    Schedule,
    Script,
    Series,
    explore,
    make_script,
    meet_each_lock,
    observe_each,
    run_call,
)

SCHEMA = """
CREATE TABLE stock (sku TEXT PRIMARY KEY, remaining INTEGER NOT NULL);
CREATE TABLE reservations (key TEXT PRIMARY KEY, sku TEXT NOT NULL, n INTEGER NOT NULL);
"""
OTHER = """
BEGIN IMMEDIATE;
UPDATE stock SET remaining = remaining - {n} WHERE sku = '{sku}' AND remaining >= {n};
INSERT INTO reservations SELECT 'other', '{sku}', {n} WHERE changes() > 0;
COMMIT;
"""
Order = tuple[str, str, int]


class Shop:
    """A shop drawn from a seed, with goods and keys that are easily taken for each other, and orders for it."""

    def __init__(self, seed: int):
        rng = random.Random(seed)
        self.mug = f"{rng.choice(('Mug', 'Pen', 'Map'))}, large "
        self.pen, *others = rng.sample([self.mug.lower(), self.mug.strip(), self.mug[:5]], 3)
        self.many, self.few = rng.randint(8, 14), rng.randint(2, 4)
        self.stock = {self.mug: self.many, self.pen: self.few, **dict.fromkeys(others, self.many)}
        number = rng.randint(10, 99)
        self.keys = [f"order-{number}", f"order-{number}0", f"Order-{number}", f"order-{number} "]
        self.earlier: Order = (f"order-{number + 1}", self.pen, 1)
        self.n = rng.randint(2, self.many // 3)
        # More than half of what there is: it cannot be had twice.
        self.large: Order = (self.keys[0], self.mug, self.many // 2 + 1)

    def open(self) -> SharedLab:
        """The shop's database, opened, with a reservation that was made earlier."""
        return open_shared_lab("SQLite", SCHEMA, {"stock": self.stock.items(), "reservations": [self.earlier]})

    def possible(self) -> list[Order]:
        """Orders that can be had one after the other: two alike but for the key, and down to the last piece."""
        first, second, third, fourth = self.keys
        rest = self.many - 2 * self.n
        return [(first, self.mug, self.n), (second, self.mug, self.n), (third, self.mug, rest), (fourth, self.pen, 1)]

    def impossible(self) -> list[Order]:
        """Orders for more than there is: far more, of no stock at all, and one piece more."""
        first, second, third, _ = self.keys
        return [(first, self.pen, self.many), (second, "cup", 1), (third, self.mug, self.many + 1)]

    def repeated(self) -> list[Order]:
        """The same order twice, all the rest, the same once more, and one of before; none takes more than once."""
        first, second, *_ = self.keys
        order, rest = (first, self.mug, self.n), (second, self.mug, self.many - self.n)
        return [order, order, rest, order, self.earlier]

    def find_fault(self, reservations: list[Row], stock: dict[str, int]) -> str:
        """What is wrong with a shop: a stock below 0, or pieces neither in stock nor reserved; "" if nothing."""
        for sku, at_first in self.stock.items():
            sold = sum(n for key, name, n in reservations if name == sku and key != self.earlier[0])
            remaining = stock.get(sku, 0)
            if remaining < 0 or remaining + sold != at_first:
                return f"of {at_first} pieces of `{sku}` {sold} are reserved and {remaining} remain"
        return ""


@dataclass(frozen=True)
class ShopState:
    """A shop after some orders."""

    reservations: list[Row]
    """The rows of `reservations`, but for the one that was made earlier."""
    fault: str
    """What is wrong, if anything: a stock below 0, or pieces that are neither in stock nor reserved."""

    @property
    def keys(self) -> list[str]:
        """The keys under which something is reserved."""
        return [key for key, *_ in self.reservations]


Reservations = Series[CallRecord[ShopState]]


@dataclass(frozen=True)
class Orders:
    """Orders one after the other, each time in a fresh shop."""

    shop: Shop
    """The shop at the beginning."""
    possible: Reservations
    """As many as there are, down to the last piece."""
    impossible: Reservations
    """More than there are."""
    repeated: Reservations
    """The same order twice, and once more when nothing is left."""


def _read_shop(shop: Shop, lab: SharedLab) -> ShopState:
    number = "CASE typeof(n) WHEN 'integer' THEN n ELSE -1 END"
    rows = lab.execute(f"SELECT key, sku, {number} FROM reservations ORDER BY 1").rows
    stock = lab.execute("SELECT sku, CASE typeof(remaining) WHEN 'integer' THEN remaining ELSE -1 END FROM stock").rows
    others = [row for row in rows if row != shop.earlier]
    return ShopState(others, shop.find_fault(rows, dict(stock)))


@experiment("never-oversell")
def reserve_alone(attempt: Attempt) -> Orders:
    """Order what is there, what is not, and the same again."""
    shop = Shop(attempt.seed)

    def reserve_all(orders: list[Order]) -> Reservations:
        lab.rewind()
        return observe_each(lambda order: run_call(lab, attempt.answer, *order, read=partial(_read_shop, shop)), orders)

    with shop.open() as lab:
        return Orders(shop, *map(reserve_all, (shop.possible(), shop.impossible(), shop.repeated())))


@experiment("never-oversell")
def cut_power_in_reservation(attempt: Attempt) -> CrashSweep:
    """Cut the power before each statement, and send the order again."""
    shop = Shop(attempt.seed)
    order = shop.large

    def find_half_done(lab: SharedLab) -> str:
        return _read_shop(shop, lab).fault

    def find_other_than_one(lab: SharedLab) -> str:
        state = _read_shop(shop, lab)
        return state.fault or ("" if state.reservations == [order] else f"{len(state.keys)} reservations")

    recovered: list[dict[str, list[Row]]] = []

    def is_new(lab: SharedLab) -> bool:
        """Whether no power cut has left these rows before: to send the order again would come out the same."""
        recovered.append(lab.dump())
        return recovered[-1] not in recovered[:-1]

    script = make_script(attempt.answer, *order)
    with shop.open() as lab:
        return sweep_crashes(lab, script, find_half_done, rerun=find_other_than_one, due=is_new)


@dataclass(frozen=True)
class Races:
    """A reservation beside others, and one that meets locks."""

    counterexample: Schedule | None
    """An order of statements in which something is oversold, refused without need, or told wrongly."""
    locked: Reservations
    """Calls in which one statement after the other meets a lock; none if there is a counterexample."""


@experiment("never-oversell")
def race_reservations(attempt: Attempt) -> Races:
    """Reserve beside another order and beside the same one, in every order of statements; then meet locks."""
    shop, reserve = Shop(attempt.seed), attempt.answer
    key, sku, n = shop.large
    rivals: dict[str, Script] = {"other": OTHER.format(sku=sku, n=n), "sent again": make_script(reserve, *shop.large)}
    with shop.open() as lab:
        for name, rival in rivals.items():
            scripts: dict[str, Script] = {"yours": make_script(reserve, *shop.large), name: rival}
            rule = partial(_find_wrong_sale, key)
            races = explore(lab, scripts, lambda lab: _read_shop(shop, lab).fault, rule=rule, max_schedules=100)
            # What goes wrong one after the other has nothing to do with the order of statements.
            is_wrong_alone = any(run.violation for run in races.serial.values())
            if races.counterexample and not (is_wrong_alone and name == "sent again"):
                return Races(races.counterexample, Series(()))
        return Races(None, meet_each_lock(lab, reserve, *shop.large, read=partial(_read_shop, shop)))


def _find_wrong_sale(key: str, schedule: Schedule) -> str:
    """What is wrong with what the functions that reserve under `key` were told; "" if nothing is."""
    keys = {row[0] for row in schedule.state.get("reservations", [])}
    for name, value in schedule.values.items():
        if value is not (key in keys):
            return (
                f"`{name}` is told `{value!r:.40}`, and {'one order' if key in keys else 'nothing'} is reserved for it"
            )
    if key not in keys and "other" not in keys:
        return "nobody gets anything, though there is enough" if not schedule.failures else ""
    told_more = [name for name in schedule.failures if not schedule.is_busy(name)]
    return f"`{told_more[0]}` ends with {schedule.failures[told_more[0]]}" if told_more else ""


@claim(reserve_alone, weight=1)
def sells_available_stock(orders: Orders) -> None:
    """`reserve` gives `True` as long as enough remain, down to the last piece"""
    calls, possible = [], orders.shop.possible()
    for call in orders.possible:
        last_piece = call.value is False and call.state == ShopState(sorted(possible[:2]), "")
        hint = "Exactly as many as remained were asked for. Is that too many?"
        _require_value(call, True, hint if last_piece else "")
        calls.append(call)
    state = calls[-1].state
    if state.fault or state.reservations != sorted(possible):
        found = state.fault or "other reservations"
        tables = [_reservations_table(state)]
        is_left_out = not state.fault and state.reservations and set(state.reservations) < set(possible)
        hint = "`True` was given for an order that nobody has noted. By what do you know that an order came before?"
        expected = "a reservation for each order, and as much less in stock"
        raise Mismatch(expected, found, hint if is_left_out else "", tables)


@claim(reserve_alone, weight=1, after=sells_available_stock)
def rejects_unavailable_stock(orders: Orders) -> None:
    """where not enough remain it gives `False`, and leaves no trace"""
    for call in orders.impossible:
        state, key = call.state, call.arguments[0]
        if state.reservations or state.fault:
            noted = key in state.keys and call.value is False
            hint = (
                "What was refused leaves no trace. Does your function note a key before it knows that there is enough?"
            )
            found = f"{state.fault or 'a reservation'}, after {call.words}"
            raise Mismatch("nothing reserved", found, hint if noted else "", tables=[_reservations_table(state)])
        _require_value(call, False)


def _reservations_table(state: ShopState) -> Table:
    return Table("reservations", ("key", "sku", "n"), state.reservations)


def _require_value(call: CallRecord[ShopState], right: bool, hint: str = "") -> None:
    if call.exception:
        raise Mismatch(f"`{right}` from {call.words}", call.exception)
    if call.value is not right:
        raise Mismatch(f"`{right}` from {call.words}", f"`{call.value!r:.40}`", hint)
    if call.left_open:
        raise Mismatch(f"{call.words} to end its transaction", "one that is still open")


@claim(reserve_alone, weight=2, after=sells_available_stock)
def is_idempotent(orders: Orders) -> None:
    """the same order sent again gives `True` again, also when nothing is left, and takes nothing more"""
    seen = {orders.shop.earlier[0]}
    for call in orders.repeated:
        again = call.arguments[0] in seen
        seen.add(call.arguments[0])
        if call.state.fault:
            hint = (
                "The same order came a second time, and its pieces were taken again. What must be asked before taking?"
            )
            expected = f"nothing more to be taken by {call.words}" if again else f"{call.words} to take its pieces once"
            raise Mismatch(expected, call.state.fault, hint if again else "")
        hint = "What does the sender want to hear the second time? Their order stands: it is no error."
        if call.exception and again:
            raise Mismatch(f"`True` from {call.words}, sent again", call.exception, hint)
        _require_value(call, True, hint if again else "")


@claim(cut_power_in_reservation, weight=2, after=sells_available_stock)
def survives_power_cuts(sweep: CrashSweep) -> None:
    """a power cut at any moment leaves nothing half done, and the order sent again is reserved once"""
    if cut := sweep.first_violation:
        hint = "Taking from the stock and noting the key belong to one transaction. Where does yours begin and end?"
        raise cut_mismatch("every piece either in stock or reserved", cut, hint=hint if _is_between_writes(cut) else "")


def _is_between_writes(cut: Crash) -> bool:
    return bool(cut.violation) and sum(step.changed > 0 for step in cut.steps) == 1


@claim(race_reservations, weight=2, after=sells_available_stock)
def never_oversells(races: Races) -> None:
    """beside another order, and beside itself sent twice, in every order of statements, nothing is oversold"""
    if broken := races.counterexample:
        is_stale = any(map(broken.writes_from_stale_read, {step.session for step in broken.steps}))
        hint = "What had changed between your SELECT and your UPDATE? Read, decide and write under one lock."
        expected = "every piece in stock or reserved, once, and nobody told otherwise"
        raise schedule_mismatch(expected, broken, hint=hint if is_stale else "")
    for call in races.locked:
        _require_truth_about_lock(call)


def _require_truth_about_lock(call: CallRecord[ShopState]) -> None:
    """Raise `Mismatch` unless the call raised an exception or reserved the order, though one lock was in its way."""
    if call.exception or (call.value is True and call.arguments in call.state.reservations and not call.state.fault):
        return
    where = f"where `{call.statements[call.refused[0]]}` meets a lock"
    hint = "Enough remain, and the sender hears that there are none. What does a lock say about the stock?"
    if call.value is True:
        hint = "The sender hears that their order stands, and it does not. What does a lock say about the order?"
    raise Mismatch(f"`True` or an exception from {call.words}, {where}", f"`{call.value!r:.40}`", hint)
