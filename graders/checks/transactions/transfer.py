"""Claims on a transfer of money: alone, refused, cut off, and beside another one."""

from __future__ import annotations

import random

from graders import Mismatch, claim
from graders.checks.transactions.showing import after_this_cut, in_this_order
from graders.kernel.report import Table
from graders.labs import SharedLab, open_shared_lab
from graders.techniques.crashes import sweep_crashes
from graders.techniques.schedules import called, explore
from graders.techniques.schedules.calls import Ended, ended, must_end_well, rows_of, table_rows

BANK = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL)"
ACCOUNTS = [(1, "Ada", 100), (2, "Ben", 50), (3, "Cem", 0)]
NOBODY = 99
COLUMNS = ("id", "owner", "balance")
OTHER = """
BEGIN IMMEDIATE;
UPDATE accounts SET balance = balance - 10 WHERE id = 2;
UPDATE accounts SET balance = balance + 10 WHERE id = 1;
COMMIT;
"""


def bank() -> SharedLab:
    """Three accounts with 100, 50 and 0."""
    return open_shared_lab("SQLite", BANK, {"accounts": ACCOUNTS})


def _after(rows: list[tuple], what: str = "the call") -> Table:
    changed = frozenset(place for place, row in enumerate(rows) if row not in ACCOUNTS)
    return Table(f"accounts after {what}", COLUMNS, rows, changed, "changed")


def _tried(transfer, payer: int, payee: int, amount: int) -> tuple[Ended, list[tuple]]:
    with bank() as lab:
        call = ended(lab, transfer, payer, payee, amount)
        return call, table_rows(lab, "accounts", COLUMNS)


@claim("transactions-6", worth=1)
def moves_the_amount(transfer, seed):
    """`transfer` moves the amount from one account to the other, down to the last cent, and touches no third one"""
    for amount in (random.Random(seed).randint(1, 99), 100):
        call, rows = _tried(transfer, 1, 2, amount)
        must_end_well(call)
        right = [(1, "Ada", 100 - amount), (2, "Ben", 50 + amount), (3, "Cem", 0)]
        if rows != right:
            raise Mismatch(f"balances {_said(right)} after {call.said}", _said(rows), tables=[_after(rows)])


def _said(rows: list[tuple]) -> str:
    return ", ".join(str(row[-1]) for row in rows)


REFUSED = (
    ("the payer has too little", 1, 2, 101),
    ("the payer has nothing", 3, 1, 1),
    ("there is no such payee", 1, NOBODY, 30),
    ("there is no such payer", NOBODY, 2, 30),
)


@claim("transactions-6", worth=2, after=moves_the_amount)
def refuses(transfer):
    """where it cannot, it raises an exception and changes nothing"""
    for reason, payer, payee, amount in REFUSED:
        call, rows = _tried(transfer, payer, payee, amount)
        if rows != ACCOUNTS:
            raise _changed_something(call, rows, reason)
        if not call.raised:
            raise Mismatch(
                f"an exception from {call.said}, because {reason}",
                f"it gave `{call.value!r:.60}`",
                hint="Your function said that all was well, and no money arrived. Who learns of the refusal?",
            )


def _changed_something(call: Ended, rows: list[tuple], reason: str) -> Mismatch:
    expected, found = f"no change after {call.said}, because {reason}", f"balances {_said(rows)}"
    overdrawn = any(isinstance(row[-1], int) and row[-1] < 0 for row in rows)
    return Mismatch(
        expected,
        found,
        hint="Does anything ask whether the payer has the money? An UPDATE goes below 0 without a word."
        if overdrawn
        else "How many rows did the UPDATE of the payee change? Finding no row is no error.",
        tables=[_after(rows)],
    )


@claim("transactions-6", worth=1, after=moves_the_amount)
def leaves_nothing_open(transfer):
    """it leaves no transaction open, also where it refuses"""
    for reason, payer, payee, amount in (("it did its work", 1, 2, 30), *REFUSED):
        call, _ = _tried(transfer, payer, payee, amount)
        if call.left_open:
            raise Mismatch(
                f"no open transaction after {call.said}, when {reason}",
                "one that is still open",
                hint="Nobody else can write now: who will release the lock?",
            )


@claim("transactions-6", worth=2, after=moves_the_amount)
def survives_power_cuts(transfer):
    """a power cut at any moment leaves all the money there is"""
    sweep = sweep_crashes(bank, called(transfer, 1, 2, 30), _missing)
    if sweep.broken:
        raise after_this_cut(
            "150 in all",
            sweep.broken,
            hint="A power cut between your two updates destroys the money on its way. What makes them one?",
            tables=[_after(sweep.broken.state.get("accounts", []), "the power cut")],
        )


def _missing(lab: SharedLab) -> str:
    total = rows_of(lab, "SELECT sum(balance) FROM accounts")[0][0]
    return "" if total == 150 else f"{total} in all"


@claim("transactions-6", worth=2, after=moves_the_amount)
def is_serializable(transfer):
    """beside another transfer, in every order of statements, no money appears or vanishes, no transaction stays open"""
    found = explore(bank, {"yours": called(transfer, 1, 2, 30), "other": OTHER}, most=100)
    if found.broken:
        right = next(iter(found.serial.values())).state["accounts"]
        raise in_this_order(
            f"balances {_said(right)} in each of {found.tried} orders",
            found.broken,
            found=f"balances {_said(found.broken.state.get('accounts', []))}",
            hint="Another transfer ran between your read and your write. How old was the number that you wrote?",
        )
    if found.left_open:
        raise in_this_order("no transaction left open in any order", found.left_open, found="one is left open")
    _never_overdraws(transfer)


def _never_overdraws(transfer) -> None:
    """Two transfers that the payer can afford singly, and not together."""
    two = {"first": called(transfer, 1, 2, 70), "second": called(transfer, 1, 3, 60)}
    broken = explore(bank, two, _overdrawn, most=100).broken
    if broken:
        raise in_this_order(
            "no balance below 0 beside a second transfer by the same payer",
            broken,
            found=f"balances {_said(broken.state.get('accounts', []))}",
            hint="Another transfer ran between your look at the balance and your write. Was the money still there?",
        )


def _overdrawn(lab: SharedLab) -> str:
    below = rows_of(lab, "SELECT min(balance) FROM accounts WHERE balance < 0")[0][0]
    return "" if below is None else f"a balance of {below}"
