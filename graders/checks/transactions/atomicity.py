"""Claims on steps that belong together: put in order, and run from a list by a function that was repaired."""

from __future__ import annotations

from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.transactions.mismatches import cut_mismatch, require_clean_end, schedule_mismatch
from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.crashes import CrashSweep, sweep_crashes
from graders.techniques.schedules import (
    CallRecord,
    Exploration,
    Schedule,
    Series,
    explore,
    make_script,
    run_calls,
    run_in_order,
)

State = dict[str, list[Row]]
BANK = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
CREATE TABLE transfers (payer INTEGER NOT NULL, payee INTEGER NOT NULL, amount INTEGER NOT NULL);
"""
BEFORE: State = {"accounts": [(1, 100), (2, 50)], "transfers": []}
AFTER: State = {"accounts": [(1, 70), (2, 80)], "transfers": [(1, 2, 30)]}
DEPOSIT = "UPDATE accounts SET balance = balance + 50 WHERE id = 1"


def _open_bank() -> SharedLab:
    return open_shared_lab("SQLite", BANK, BEFORE)


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
    with _open_bank() as lab:
        return run_in_order(lab, {"yours": attempt.answer}, ())


@experiment("order-a-transfer")
def cut_power_between_steps(attempt: Attempt) -> CrashSweep:
    """Cut the power after each step."""
    with _open_bank() as lab:
        return sweep_crashes(lab, attempt.answer, _find_half_done)


@experiment("order-a-transfer")
def deposit_between_steps(attempt: Attempt) -> Exploration:
    """Run the steps beside a deposit, in every order."""

    def find_lost_money(lab: SharedLab) -> str:
        total = sum(balance for _, balance in lab.dump()["accounts"])
        return "" if total == 200 else f"{total} in all"

    with _open_bank() as lab:
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
    with _open_bank() as lab:
        good = run_calls(lab, attempt.answer, [(list(GOOD),)], read=lambda lab: lab.dump())
        return ListRuns(
            good, run_calls(lab, attempt.answer, [(list(bad),) for bad in BAD], read=lambda lab: lab.dump())
        )


@experiment("all-or-nothing")
def cut_power_in_list(attempt: Attempt) -> CrashSweep:
    """Cut the power before each statement of the good list."""
    with _open_bank() as lab:
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
def leaves_nothing_open(runs: ListRuns) -> None:
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
