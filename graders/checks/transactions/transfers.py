"""Claims on moving money: steps put in order, a list of statements, and a function, cut off and beside others."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.transactions.mismatches import cut_mismatch, read_table, require_clean_end, schedule_mismatch
from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.crashes import CrashSweep, sweep_crashes
from graders.techniques.schedules import (
    CallRecord,
    Exploration,
    Schedule,
    Script,
    Series,
    explore,
    make_script,
    run_calls,
    run_in_order,
)

State = dict[str, list[Row]]
BANK_WITH_LOG = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
CREATE TABLE transfers (payer INTEGER NOT NULL, payee INTEGER NOT NULL, amount INTEGER NOT NULL);
"""
BEFORE: State = {"accounts": [(1, 100), (2, 50)], "transfers": []}
AFTER: State = {"accounts": [(1, 70), (2, 80)], "transfers": [(1, 2, 30)]}
DEPOSIT = "UPDATE accounts SET balance = balance + 50 WHERE id = 1"


def _open_bank_with_log() -> SharedLab:
    return open_shared_lab("SQLite", BANK_WITH_LOG, BEFORE)


def _find_half_done(lab: SharedLab) -> str:
    """What is wrong if `lab` is neither as it was nor as it should be."""
    state = lab.dump()
    return "" if state in (BEFORE, AFTER) else _describe(state)


def _describe(state: State) -> str:
    accounts = state.get("accounts", [])
    if other := next((row for row in accounts if len(row) != 2), None):
        return f"`accounts` has {len(other)} columns"
    balances = " and ".join(str(balance) for _, balance in accounts)
    return f"the balances are {balances or 'gone'}, transfers noted: {len(state.get('transfers', []))}"


@experiment("order-a-transfer")
def run_steps(attempt: Attempt) -> Schedule:
    """Run the steps once, alone."""
    with _open_bank_with_log() as lab:
        return run_in_order(lab, {"yours": attempt.answer}, ())


@experiment("order-a-transfer")
def cut_power_between_steps(attempt: Attempt) -> CrashSweep:
    """Cut the power after each step."""
    with _open_bank_with_log() as lab:
        return sweep_crashes(lab, attempt.answer, _find_half_done)


@experiment("order-a-transfer")
def deposit_between_steps(attempt: Attempt) -> Exploration:
    """Run the steps beside a deposit, in every order."""

    def find_lost_money(lab: SharedLab) -> str:
        total = sum(balance for _, balance in lab.dump()["accounts"])
        return "" if total == 200 else f"{total} in all"

    with _open_bank_with_log() as lab:
        return explore(lab, {"yours": attempt.answer, "deposit": DEPOSIT}, find_lost_money)


@claim(run_steps, weight=1)
def every_step_runs(schedule: Schedule) -> None:
    """SQLite runs your steps in this order, and ends the transaction that they begin"""
    last = schedule.steps[-1] if schedule.steps else None
    if last and last.outcome == "refused":
        nothing_begun = "BEGIN IMMEDIATE" not in {step.statement for step in schedule.steps}
        raise Mismatch(
            "no step to be refused",
            f"SQLite says: {last.error} (at `{last.statement}`)",
            hint="Nothing has begun when this COMMIT comes. Which step opens the transaction?"
            if last.statement == "COMMIT" and nothing_begun
            else "",
        )
    if schedule.left_open:
        hint = "The transaction was never ended: without its last step nobody ever sees its changes. Which step is it?"
        raise Mismatch("no open transaction at the end", "one that is still open", hint=hint)


@claim(run_steps, weight=1, after=every_step_runs)
def moves_and_records_money(schedule: Schedule) -> None:
    """after them the money is moved, and the transfer is noted"""
    state = schedule.state
    if state != AFTER:
        missing = [name for name in AFTER if state[name] == BEFORE[name]] or sum(b for _, b in state["accounts"]) != 150
        hint = "Taking, giving, noting: Which of the three writes is missing?" if missing else ""
        raise Mismatch(_describe(AFTER), _describe(state), hint=hint)


@claim(cut_power_between_steps, weight=2, after=moves_and_records_money)
def steps_survive_power_cuts(sweep: CrashSweep) -> None:
    """a power cut after any step leaves all of it, or nothing"""
    if sweep.first_violation:
        hint = (
            "What is between the first write and the last? One transaction must hold all three, and nothing may end it."
        )
        raise cut_mismatch("everything as before, or everything done", sweep.first_violation, hint=hint)


@claim(deposit_between_steps, weight=2, after=moves_and_records_money)
def loses_no_deposit(exploration: Exploration) -> None:
    """beside a deposit of 50 to account 1, in every order, no money is lost"""
    if exploration.counterexample:
        hint = "The number 70 was true when somebody looked. Which step takes 30 away from what is there now?"
        raise schedule_mismatch("200 in all", exploration.counterexample, hint=hint)


GOOD = (
    "UPDATE accounts SET balance = balance - 30 WHERE id = 1",
    "UPDATE accounts SET balance = balance + 30 WHERE id = 2",
    "INSERT INTO transfers VALUES (1, 2, 30)",
)
BAD = {
    (*GOOD[:2], "INSERT INTO transfers VALUES (1, NULL, 30)"): "the last one breaks NOT NULL",
    (GOOD[1], "UPDATE accounts SET balance = balance - 300 WHERE id = 1", GOOD[2]): "the second one overdraws",
    (*GOOD[:2], "INSERT INTO nowhere VALUES (1)"): "the last one has no sense",
}


@dataclass(frozen=True)
class ListRuns:
    """What came of lists of statements."""

    good: Series[CallRecord[State]]
    """The one good list."""
    bad: Series[CallRecord[State]]
    """The lists in which a statement fails."""


@experiment("all-or-nothing")
def run_lists(attempt: Attempt) -> ListRuns:
    """Run a good list of statements and three bad ones, each on the rows of the beginning."""
    lists: tuple[list[tuple[list[str]]], ...] = ([(list(GOOD),)], [(list(bad),) for bad in BAD])
    with _open_bank_with_log() as lab:
        return ListRuns(*(run_calls(lab, attempt.answer, each, read=lambda lab: lab.dump()) for each in lists))


@experiment("all-or-nothing")
def cut_power_in_list(attempt: Attempt) -> CrashSweep:
    """Cut the power before each statement of the good list."""
    with _open_bank_with_log() as lab:
        return sweep_crashes(lab, make_script(attempt.answer, list(GOOD)), _find_half_done)


@claim(run_lists, weight=1)
def commits_good_list(runs: ListRuns) -> None:
    """`run_all` runs every statement of a good list, and what they did is saved"""
    for call in runs.good:
        if call.state != AFTER:
            raise Mismatch(
                _describe(AFTER),
                call.exception or _describe(call.state),
                hint="Not one statement reached SQLite. What does the connection say to begin, and who swallows it?"
                if not call.exception and GOOD[0] not in call.statements
                else "",
            )
        require_clean_end(call)


@claim(run_lists, weight=2, after=commits_good_list)
def rolls_back_bad_list(runs: ListRuns) -> None:
    """if a statement fails, an exception reaches the caller, and nothing has changed"""
    for call in runs.bad:
        (statements,) = call.arguments
        table = Table(f"the list: {BAD[tuple(statements)]}", ("statement",), [(one,) for one in statements])
        if call.state != BEFORE:
            hint = "Some of the list was saved: outside a transaction, each statement is a transaction of its own."
            raise Mismatch(_describe(BEFORE), _describe(call.state), hint=hint, tables=[table])
        if not call.exception:
            hint = "Who learns of the error, if your `except` catches it and the function ends as if all were well?"
            raise Mismatch("an exception", f"it gave `{call.value!r:.60}`", hint=hint, tables=[table])


@claim(run_lists, weight=1, after=commits_good_list)
def list_leaves_nothing_open(runs: ListRuns) -> None:
    """it leaves no transaction open"""
    for call in runs.bad:
        if call.left_open:
            hint = "Who ends the transaction when a statement fails? Until then nobody else can write."
            problem = BAD[tuple(call.arguments[0])]
            raise Mismatch(f"no open transaction, when {problem}", "one that is still open", hint=hint)


@claim(cut_power_in_list, weight=1, after=commits_good_list)
def list_survives_power_cuts(sweep: CrashSweep) -> None:
    """a power cut before any statement leaves all of the list done, or nothing"""
    if sweep.first_violation:
        raise cut_mismatch("everything as before, or everything done", sweep.first_violation)


BANK = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL)"
COLUMNS = ("id", "owner", "balance")
ACCOUNTS = [(1, "Ada", 100), (2, "Ben", 50), (3, "Cem", 0)]
TOTAL = 150
NOBODY = 99
OTHER = """
BEGIN IMMEDIATE;
UPDATE accounts SET balance = balance - 10 WHERE id = 2;
UPDATE accounts SET balance = balance + 10 WHERE id = 1;
COMMIT;
"""
# Payer, payee and amount, and why the transfer must be refused.
REFUSED = {
    (1, 2, 101): "the payer has too little",
    (3, 1, 1): "the payer has nothing",
    (1, NOBODY, 30): "there is no such payee",
    (NOBODY, 2, 30): "there is no such payer",
}
Accounts = list[Row]


@dataclass(frozen=True)
class Transfers:
    """Calls that are made alone, each on the accounts of the beginning."""

    possible: Series[CallRecord[Accounts]]
    """A random amount, and all that the payer has."""
    impossible: Series[CallRecord[Accounts]]
    """Those of `REFUSED`."""


@dataclass(frozen=True)
class Races:
    """Transfers beside others."""

    unrelated: Exploration
    """Beside a transfer from payee to payer."""
    same_payer: Exploration | None
    """Beside a second one that the payer can afford only alone; None if the first race was lost already."""


def _open_bank() -> SharedLab:
    return open_shared_lab("SQLite", BANK, {"accounts": ACCOUNTS})


@experiment("transfer-money")
def transfer_alone(attempt: Attempt) -> Transfers:
    """Call the function with what can be done and with what cannot, each time on the accounts of the beginning."""
    possible = [(1, 2, random.Random(attempt.seed).randint(1, 99)), (1, 2, 100)]
    with _open_bank() as lab:
        return Transfers(*(run_calls(lab, attempt.answer, cases, read=_read_accounts) for cases in (possible, REFUSED)))


def _read_accounts(lab: SharedLab) -> Accounts:
    return read_table(lab, "accounts", COLUMNS)


@experiment("transfer-money")
def cut_power_in_transfer(attempt: Attempt) -> CrashSweep:
    """Cut the power before each statement of a transfer."""
    with _open_bank() as lab:
        return sweep_crashes(lab, make_script(attempt.answer, 1, 2, 30), _find_wrong_total)


def _find_wrong_total(lab: SharedLab) -> str:
    total = lab.execute("SELECT sum(balance) FROM accounts").rows[0][0]
    return "" if total == TOTAL else f"{total} in all"


@experiment("transfer-money")
def race_transfers(attempt: Attempt) -> Races:
    """Run the function beside another program's transfer, and beside itself, in every order of statements."""
    yours: dict[str, Script] = {"yours": make_script(attempt.answer, 1, 2, 30), "other": OTHER}
    two = {"first": make_script(attempt.answer, 1, 2, 70), "second": make_script(attempt.answer, 1, 3, 60)}
    with _open_bank() as lab:
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
        amount = call.arguments[2]
        right = [(1, "Ada", 100 - amount), (2, "Ben", 50 + amount), (3, "Cem", 0)]
        if call.state != right:
            expected = f"balances {_list_balances(right)} after {call.words}"
            raise Mismatch(expected, _list_balances(call.state), tables=[_accounts_table(call.state)])


@claim(transfer_alone, weight=2, after=moves_the_amount)
def rejects_impossible_transfers(transfers: Transfers) -> None:
    """where it cannot, it raises an exception and changes nothing"""
    for call in transfers.impossible:
        if call.state != ACCOUNTS:
            raise _changes_mismatch(call)
        if not call.exception:
            raise Mismatch(
                f"an exception from {call.words}, because {REFUSED[call.arguments]}",
                f"it gave `{call.value!r:.60}`",
                hint="Your function said that all was well, and no money arrived. Who learns of the refusal?",
            )


def _changes_mismatch(call: CallRecord[Accounts]) -> Mismatch:
    overdrawn = any(isinstance(balance, int) and balance < 0 for *_, balance in call.state)
    return Mismatch(
        f"no change after {call.words}, because {REFUSED[call.arguments]}",
        f"balances {_list_balances(call.state)}",
        hint="Does anything ask whether the payer has the money? An UPDATE goes below 0 without a word."
        if overdrawn
        else "How many rows did the UPDATE of the payee change? Finding no row is no error.",
        tables=[_accounts_table(call.state)],
    )


@claim(transfer_alone, weight=1, after=moves_the_amount)
def leaves_nothing_open(transfers: Transfers) -> None:
    """it leaves no transaction open, also where it refuses"""
    for call in transfers.impossible:
        if call.left_open:
            raise Mismatch(
                f"no open transaction after {call.words}, when {REFUSED[call.arguments]}",
                "one that is still open",
                hint="Nobody else can write now: who will release the lock?",
            )


@claim(cut_power_in_transfer, weight=2, after=moves_the_amount)
def survives_power_cuts(sweep: CrashSweep) -> None:
    """a power cut at any moment leaves all the money there is"""
    if sweep.first_violation:
        raise cut_mismatch(
            f"{TOTAL} in all",
            sweep.first_violation,
            hint="A power cut between your two updates destroys the money on its way. What makes them one?",
            tables=[_accounts_table(sweep.first_violation.state.get("accounts", []), "the power cut")],
        )


@claim(race_transfers, weight=2, after=moves_the_amount)
def is_serializable(races: Races) -> None:
    """beside another transfer, in every order of statements, no money appears or vanishes, no transaction stays open"""
    one, two = races.unrelated, races.same_payer
    if one.counterexample:
        right = next(iter(one.serial.values())).state["accounts"]
        raise schedule_mismatch(
            f"balances {_list_balances(right)} in each of {one.schedule_count} orders",
            one.counterexample,
            found=f"balances {_list_balances(one.counterexample.state.get('accounts', []))}",
            hint="Another transfer ran between your read and your write. How old was the number that you wrote?",
        )
    if one.left_open:
        raise schedule_mismatch("no transaction left open in any order", one.left_open, found="one is left open")
    if two and two.counterexample:
        raise schedule_mismatch(
            "no balance below 0 beside a second transfer by the same payer",
            two.counterexample,
            found=f"balances {_list_balances(two.counterexample.state.get('accounts', []))}",
            hint="Another transfer ran between your look at the balance and your write. Was the money still there?",
        )


def _list_balances(accounts: Accounts) -> str:
    return ", ".join(str(row[-1]) for row in accounts)


def _accounts_table(accounts: Accounts, event: str = "the call") -> Table:
    rows = [row for row in accounts if len(row) == len(COLUMNS)]
    changed = frozenset(place for place, row in enumerate(rows) if row not in ACCOUNTS)
    return Table(f"accounts after {event}", COLUMNS, rows, changed, "changed")
