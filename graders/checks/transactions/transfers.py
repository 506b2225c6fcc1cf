"""Claims on a function that moves money: called alone, refused, locked out, cut off, and beside other transfers."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.transactions.mismatches import cut_mismatch, read_table, require_clean_end, schedule_mismatch
from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.power_cuts import Crash, CrashSweep, sweep_crashes
from graders.techniques.schedules import (
    CallRecord,
    Exploration,
    Script,
    Series,
    explore,
    make_script,
    meet_each_lock,
    run_calls,
)

SCHEMA = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL)"
COLUMNS = ("id", "owner", "balance")
OTHER = """
BEGIN IMMEDIATE;
UPDATE accounts SET balance = balance - {amount} WHERE id = {payer};
UPDATE accounts SET balance = balance + {amount} WHERE id = {payee};
COMMIT;
"""
Accounts = list[Row]
Arguments = tuple[int, int, int]


class Bank:
    """Accounts drawn from a seed: one rich and one poor, one with nothing, one that is easily taken for another."""

    def __init__(self, seed: int):
        rng = random.Random(seed)
        ids = rng.sample(range(2, 90), 7)
        self.rich, self.poor, self.broke, self.twin, *self.missing = ids
        owners = rng.sample(["Ada", "Ben", "Cem", "Pia O'Neill"], 3)
        self.balance, self.least = rng.randint(100, 300), rng.randint(10, 40)
        self.accounts: Accounts = sorted([
            (self.rich, owners[0], self.balance),
            (self.poor, owners[1], self.least),
            (self.broke, owners[2], 0),
            (self.twin, owners[1], self.balance),
        ])  # fmt: skip
        self.amount = rng.randint(50, self.balance - 1)

    def open(self) -> SharedLab:
        """The bank, opened."""
        return open_shared_lab("SQLite", SCHEMA, {"accounts": self.accounts})

    def possible(self) -> list[Arguments]:
        """Transfers that can be made: from the rich one, from the poor one, of all that there is."""
        return [
            (self.rich, self.poor, self.amount),
            (self.poor, self.twin, self.least - 1),
            (self.twin, self.broke, self.balance),
        ]

    def impossible(self) -> dict[Arguments, str]:
        """Transfers that must be refused, and why; the least overdraft comes last."""
        nowhere, nobody, no_one = self.missing
        return {
            (self.poor, self.rich, self.balance): "the payer has too little",
            (self.rich, nowhere, self.amount): "there is no such payee",
            (nobody, self.poor, self.least): "there is no such payer",
            (nobody, no_one, self.least): "there are no such accounts",
            (self.broke, self.twin, 1): "the payer has nothing",
            (self.rich, self.poor, self.balance + 1): "the payer has too little",
        }

    def after(self, payer: int, payee: int, amount: int) -> Accounts:
        """The accounts after a transfer."""
        change = {payer: -amount, payee: amount}
        return [(account, owner, balance + change.get(account, 0)) for account, owner, balance in self.accounts]


@dataclass(frozen=True)
class Transfers:
    """Calls that are made alone, each on the accounts of the beginning."""

    bank: Bank
    """The bank at the beginning."""
    possible: Series[CallRecord[Accounts]]
    """What can be done."""
    impossible: Series[CallRecord[Accounts]]
    """What cannot."""
    locked: Series[CallRecord[Accounts]]
    """What can be done, where one statement after the other meets a lock."""


@dataclass(frozen=True)
class Races:
    """Transfers beside others."""

    unrelated: Exploration
    """Beside a transfer from payee to payer."""
    same_payer: Exploration | None
    """Beside a second one that the payer can afford only alone; None if the first race was lost already."""


@experiment("transfer-money")
def transfer_alone(attempt: Attempt) -> Transfers:
    """Call the function with what can be done and with what cannot, each time on the accounts of the beginning."""
    bank, transfer = Bank(attempt.seed), attempt.answer
    with bank.open() as lab:
        possible = run_calls(lab, transfer, bank.possible(), read=_read_accounts)
        impossible = run_calls(lab, transfer, bank.impossible(), read=_read_accounts)
        locked = meet_each_lock(lab, transfer, *bank.possible()[0], read=_read_accounts)
        return Transfers(bank, possible, impossible, locked)


def _read_accounts(lab: SharedLab) -> Accounts:
    return read_table(lab, "accounts", COLUMNS)


@experiment("transfer-money")
def cut_power_in_transfer(attempt: Attempt) -> CrashSweep:
    """Cut the power before each statement of a transfer."""
    bank = Bank(attempt.seed)

    transfer = bank.possible()[0]
    total = sum(balance for *_, balance in bank.accounts)

    def find_half_done(lab: SharedLab) -> str:
        accounts = _read_accounts(lab)
        left = lab.execute("SELECT sum(balance) FROM accounts").rows[0][0]
        if left != total:
            return f"{left} instead of {total} in all"
        return "" if accounts in (bank.accounts, bank.after(*transfer)) else f"balances {_list_balances(accounts)}"

    with bank.open() as lab:
        return sweep_crashes(lab, make_script(attempt.answer, *transfer), find_half_done)


@experiment("transfer-money")
def race_transfers(attempt: Attempt) -> Races:
    """Run the function beside another program's transfer, and beside itself, in every order of statements."""
    bank = Bank(attempt.seed)
    other = OTHER.format(payer=bank.poor, payee=bank.rich, amount=bank.least // 2)
    yours: dict[str, Script] = {"yours": make_script(attempt.answer, *bank.possible()[0]), "other": other}
    two = {
        "first": make_script(attempt.answer, bank.rich, bank.poor, bank.balance),
        "second": make_script(attempt.answer, bank.rich, bank.broke, bank.amount),
    }
    with bank.open() as lab:
        unrelated = explore(lab, yours, max_schedules=100)
        lost = unrelated.counterexample or unrelated.left_open
        return Races(unrelated, None if lost else explore(lab, two, _find_overdraft, max_schedules=100))


def _find_overdraft(lab: SharedLab) -> str:
    below = lab.execute("SELECT min(balance) FROM accounts WHERE balance < 0").rows[0][0]
    return "" if below is None else f"a balance of {below}"


@claim(transfer_alone, weight=1)
def moves_the_amount(transfers: Transfers) -> None:
    """`transfer` moves the amount from one account to the other, down to the last cent, and touches no third one"""
    for call in transfers.possible:
        require_clean_end(call)
        right = transfers.bank.after(*call.arguments)
        if call.state != right:
            expected = f"balances {_list_balances(right)} after {call.words}"
            table = _accounts_table(transfers.bank.accounts, call.state)
            raise Mismatch(expected, _list_balances(call.state), tables=[table])


@claim(transfer_alone, weight=2, after=moves_the_amount)
def rejects_impossible_transfers(transfers: Transfers) -> None:
    """where it cannot, be it for a lock, it raises an exception and changes nothing"""
    reasons = transfers.bank.impossible()
    for call in transfers.impossible:
        _require_refusal(call, transfers.bank, f"because {reasons[call.arguments]}")
    for call in transfers.locked:
        if call.state != transfers.bank.after(*call.arguments):
            _require_exception(call, f"where `{call.statements[call.refused[0]]}` meets a lock")


def _require_refusal(call: CallRecord[Accounts], bank: Bank, reason: str) -> None:
    if call.state != bank.accounts:
        raise Mismatch(
            f"no change after {call.words}, {reason}",
            f"balances {_list_balances(call.state)}",
            hint=_hint_on_change(call, bank),
            tables=[_accounts_table(bank.accounts, call.state)],
        )
    _require_exception(call, reason)


def _require_exception(call: CallRecord[Accounts], reason: str) -> None:
    if not call.exception:
        raise Mismatch(
            f"an exception from {call.words}, {reason}",
            f"it gave `{call.value!r:.60}`",
            hint="Your function said that all was well, and no money arrived. Who learns of the refusal?",
        )


def _hint_on_change(call: CallRecord[Accounts], bank: Bank) -> str:
    """The hint for a call that should have changed nothing; "" where the mistake is not recognised."""
    payer, payee, amount = call.arguments
    balances = {account: balance for account, _, balance in bank.accounts}
    if call.exception:
        return "The exception came too late: what was written before it stays. What takes it back?"
    if call.state != bank.after(*call.arguments):
        return ""
    if payee not in balances:
        return "How many rows did the UPDATE of the payee change? Finding no row is no error."
    if payer not in balances:
        return "How many rows did the UPDATE of the payer change? Finding no row is no error."
    if amount > balances[payer] + 1:
        return "Does anything ask whether the payer has the money? An UPDATE goes below 0 without a word."
    return ""


@claim(transfer_alone, weight=1, after=moves_the_amount)
def leaves_nothing_open(transfers: Transfers) -> None:
    """it leaves no transaction open, also where it refuses"""
    reasons = transfers.bank.impossible()
    for call in transfers.impossible:
        _require_end(call, reasons[call.arguments])
    for call in transfers.locked:
        statement = call.statements[call.refused[0]]
        if statement != "COMMIT":
            _require_end(call, f"`{statement}` meets a lock")


def _require_end(call: CallRecord[Accounts], reason: str) -> None:
    if call.left_open:
        raise Mismatch(
            f"no open transaction after {call.words}, when {reason}",
            "one that is still open",
            hint="Nobody else can write now: who will release the lock?",
        )


@claim(cut_power_in_transfer, weight=2, after=moves_the_amount)
def survives_power_cuts(sweep: CrashSweep) -> None:
    """a power cut at any moment leaves all the money there is"""
    if cut := sweep.first_violation:
        rows = [row for row in cut.state.get("accounts", []) if len(row) == len(COLUMNS)]
        raise cut_mismatch(
            "all the money there was",
            cut,
            hint="A power cut between your two updates saves one without the other. What makes them one?"
            if _is_between_updates(cut)
            else "",
            tables=[Table("accounts after the power cut", COLUMNS, rows)],
        )


def _is_between_updates(cut: Crash) -> bool:
    done = [step.statement for step in cut.steps if step.changed > 0]
    return len(done) == 1 and done[0].upper().startswith("UPDATE")


@claim(race_transfers, weight=2, after=moves_the_amount)
def is_serializable(races: Races) -> None:
    """beside another transfer, in every order of statements, no money appears or vanishes, no transaction stays open"""
    one, two = races.unrelated, races.same_payer
    if broken := one.counterexample:
        right = next(iter(one.serial.values())).state["accounts"]
        raise schedule_mismatch(
            f"balances {_list_balances(right)} in each of {one.schedule_count} orders",
            broken,
            found=f"balances {_list_balances(broken.state.get('accounts', []))}",
            hint="Another transfer ran between your read and your write. How old was the number that you wrote?"
            if broken.writes_from_stale_read("yours")
            else "",
        )
    if one.left_open:
        raise schedule_mismatch("no transaction left open in any order", one.left_open, found="one is left open")
    if two and (broken := two.counterexample):
        is_stale = any(map(broken.writes_from_stale_read, ("first", "second")))
        raise schedule_mismatch(
            "no balance below 0 beside a second transfer by the same payer",
            broken,
            found=f"balances {_list_balances(broken.state.get('accounts', []))}",
            hint="Another transfer ran between your look at the balance and your write. Was the money still there?"
            if is_stale
            else "",
        )


def _list_balances(accounts: Accounts) -> str:
    return ", ".join(str(row[-1]) for row in accounts)


def _accounts_table(before: Accounts, after: Accounts) -> Table:
    rows = [row for row in after if len(row) == len(COLUMNS)]
    changed = frozenset(place for place, row in enumerate(rows) if row not in before)
    return Table("accounts after the call", COLUMNS, rows, changed, "changed")
