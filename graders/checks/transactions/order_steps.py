"""Claims on the steps of a transfer put in order, cut off and beside a deposit."""

from __future__ import annotations

from collections.abc import Mapping

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.transactions.mismatches import cut_mismatch, schedule_mismatch
from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.power_cuts import CrashSweep, sweep_crashes
from graders.techniques.schedules import Exploration, Schedule, explore, run_in_order

State = Mapping[str, list[Row]]
BANK = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
CREATE TABLE transfers (payer INTEGER NOT NULL, payee INTEGER NOT NULL, amount INTEGER NOT NULL);
"""
BEFORE: State = {"accounts": [(1, 100), (2, 50)], "transfers": []}
AFTER: State = {"accounts": [(1, 70), (2, 80)], "transfers": [(1, 2, 30)]}
DEPOSIT = "UPDATE accounts SET balance = balance + 50 WHERE id = 1"
OVERWRITE = "UPDATE accounts SET balance = 70 WHERE id = 1"
# The three writes, each with the steps that do it.
WRITES = (
    {"UPDATE accounts SET balance = balance - 30 WHERE id = 1", OVERWRITE},
    {"UPDATE accounts SET balance = balance + 30 WHERE id = 2"},
    {"INSERT INTO transfers (payer, payee, amount) VALUES (1, 2, 30)"},
)


def _open_bank() -> SharedLab:
    return open_shared_lab("SQLite", BANK, BEFORE)


def _find_half_done(lab: SharedLab) -> str:
    """What is wrong if `lab` is neither as it was nor as it should be."""
    state = lab.dump()
    return "" if state in (BEFORE, AFTER) else _describe(state)


def _describe(state: State) -> str:
    balances = " and ".join(str(balance) for _, balance in state["accounts"])
    return f"the balances are {balances}, transfers noted: {len(state['transfers'])}"


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


@claim(run_steps, weight=0)
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
    if schedule.state == AFTER:
        return
    times = [sum(step.statement in write for step in schedule.steps) for write in WRITES]
    if 0 in times:
        hint = "Taking, giving, noting: Which of the three writes is missing?"
        raise Mismatch(_describe(AFTER), _describe(schedule.state), hint=hint)
    hint = "Taking, giving, noting: Which of the three writes happens twice?"
    raise Mismatch(_describe(AFTER), _describe(schedule.state), hint=hint)


@claim(cut_power_between_steps, weight=3, after=moves_and_records_money)
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
