"""Claims on a reservation that never oversells, never sells twice under one key, and is never half done."""

from __future__ import annotations

from graders import Mismatch, claim
from graders.checks.transactions.showing import after_this_cut, in_this_order
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.techniques.crashes import sweep_crashes
from graders.techniques.schedules import called, explore
from graders.techniques.schedules.calls import Ended, ended, rows_of

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


def shop() -> SharedLab:
    """Five mugs and two pens, and nothing reserved."""
    return open_shared_lab("SQLite", SHOP, {"stock": list(STOCK.items())})


def _faults(lab: SharedLab) -> str:
    """What is wrong with the shop, if anything: a stock below 0, or pieces that are neither in stock nor reserved."""
    for sku, at_first in STOCK.items():
        remaining = rows_of(lab, "SELECT coalesce(sum(remaining), 0) FROM stock WHERE sku = ?", (sku,))[0][0]
        sold = rows_of(lab, "SELECT coalesce(sum(n), 0) FROM reservations WHERE sku = ?", (sku,))[0][0]
        if remaining < 0 or remaining + sold != at_first:
            return f"of {at_first} {sku}s {sold} are reserved and {remaining} remain"
    return ""


def _calls(reserve, *orders: tuple[str, str, int]) -> tuple[list[Ended], str, list[str]]:
    """How each of the calls ended, one after the other; what is wrong with the shop then; and the keys noted."""
    with shop() as lab:
        calls = [ended(lab, reserve, *order) for order in orders]
        keys = [key for (key,) in rows_of(lab, "SELECT key FROM reservations ORDER BY 1")]
        return calls, _faults(lab), keys


def _must_give(call: Ended, right: bool, hint: str = "") -> None:
    if call.raised:
        raise Mismatch(f"`{right}` from {call.said}", call.raised)
    if call.value is not right:
        raise Mismatch(f"`{right}` from {call.said}", f"`{call.value!r:.40}`", hint)
    if call.left_open:
        raise Mismatch(f"{call.said} to end its transaction", "one that is still open")


@claim("transactions-16", worth=1)
def sells_what_is_there(reserve):
    """`reserve` gives `True` as long as enough remain, down to the last piece"""
    calls, faults, keys = _calls(reserve, ("k1", "mug", 2), ("k2", "mug", 3), ("k3", "pen", 1))
    for place, call in enumerate(calls):
        if not call.raised and call.value is False and place == 1:
            raise Mismatch(
                f"`True` from {call.said}, with 3 remaining",
                "`False`",
                hint="Exactly as many as remained were asked for. Is that too many?",
            )
        _must_give(call, True)
    if faults or keys != ["k1", "k2", "k3"]:
        raise Mismatch("three reservations, and as much less in stock", faults or f"the keys {', '.join(keys)}")


@claim("transactions-16", worth=1, after=sells_what_is_there)
def refuses_what_is_not(reserve):
    """where not enough remain it gives `False`, and leaves no trace"""
    calls, faults, keys = _calls(reserve, ("k1", "mug", 6), ("k2", "cup", 1), ("k3", "pen", 3))
    if keys or faults:
        hint = "What was refused leaves no trace. Does your function note a key before it knows that there is enough?"
        raise Mismatch("nothing reserved", faults or f"the keys {', '.join(keys)} are noted", hint=hint)
    for call in calls:
        _must_give(call, False)


@claim("transactions-16", worth=2, after=sells_what_is_there)
def sells_once_for_a_key(reserve):
    """the same order sent again gives `True` again, also when nothing is left, and takes nothing more"""
    order = ("k1", "mug", 2)
    calls, faults, _ = _calls(reserve, order, order, ("k2", "mug", 3), order)
    if faults:
        hint = "The same order came a second time, and its pieces were taken again. What must be asked before taking?"
        raise Mismatch("2 mugs for k1 and 3 for k2", faults, hint=hint)
    for call in calls:
        if call.raised or call.value is not True:
            raise Mismatch(
                f"`True` from {call.said} each time",
                call.raised or f"`{call.value!r:.40}`",
                hint="What does the sender want to hear the second time? Their order stands: it is no error.",
            )


@claim("transactions-16", worth=2, after=sells_what_is_there)
def survives_power_cuts(reserve):
    """a power cut at any moment leaves nothing half done, and the order sent again is reserved once"""

    def reserved_once(lab: SharedLab) -> str:
        keys = rows_of(lab, "SELECT key FROM reservations")
        return _faults(lab) or ("" if keys == [("k1",)] else f"{len(keys)} reservations")

    cut = sweep_crashes(shop, called(reserve, "k1", "mug", 3), _faults, rerun=reserved_once).broken
    if cut:
        hint = "Taking from the stock and noting the key belong to one transaction. Where does yours begin and end?"
        raise after_this_cut("every mug either in stock or reserved", cut, hint=hint)


@claim("transactions-16", worth=2, after=sells_what_is_there)
def never_oversells(reserve):
    """beside another order, and beside itself sent twice, in every order of statements, nothing is oversold"""
    yours = called(reserve, "k1", "mug", 3)
    for scripts in ({"yours": yours, "other": OTHER}, {"yours": yours, "sent again": yours}):
        broken = explore(shop, scripts, _faults, most=100).broken
        if broken:
            hint = "What had changed between your SELECT and your UPDATE? Read, decide and write under one lock."
            raise in_this_order("every mug in stock or reserved, once", broken, hint=hint)
    _never_takes_a_lock_for_a_no(reserve)


def _never_takes_a_lock_for_a_no(reserve) -> None:
    """Where its first statement meets a lock it may raise or try again, but knows nothing of the stock."""
    locks = iter([EngineError("SQLite", "database is locked", code="SQLITE_BUSY")])
    with shop() as lab:
        call = ended(lab, reserve, "k1", "mug", 2, refusing=lambda asked: next(locks, None))
    if call.value is False:
        raise Mismatch(
            f"`True` or an exception from {call.said}, with 5 in stock and one lock met",
            "`False`",
            hint="Enough remain, and the sender hears that there are none. What does a lock say about the stock?",
        )
