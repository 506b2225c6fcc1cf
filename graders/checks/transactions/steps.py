"""Claims on steps that belong together: put in order, and run from a list by a function that was repaired."""

from __future__ import annotations

from graders import Mismatch, claim
from graders.checks.transactions.showing import after_this_cut, in_this_order
from graders.kernel.report import Table
from graders.labs import SharedLab, open_shared_lab
from graders.techniques.crashes import sweep_crashes
from graders.techniques.schedules import Schedule, called, explore, run_in_order
from graders.techniques.schedules.calls import Ended, ended, must_end_well
from graders.techniques.schedules.looking import seen

BANK = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
CREATE TABLE transfers (payer INTEGER NOT NULL, payee INTEGER NOT NULL, amount INTEGER NOT NULL);
"""
BEFORE = {"accounts": [(1, 100), (2, 50)], "transfers": []}
AFTER = {"accounts": [(1, 70), (2, 80)], "transfers": [(1, 2, 30)]}
DEPOSIT = "UPDATE accounts SET balance = balance + 50 WHERE id = 1"


def bank() -> SharedLab:
    """Two accounts with 100 and 50, and no transfer noted."""
    return open_shared_lab("SQLite", BANK, BEFORE)


def _half(lab: SharedLab) -> str:
    """What is wrong if `lab` is neither as it was nor as it should be."""
    state = lab.dump()
    return "" if state in (BEFORE, AFTER) else _said(state)


def _said(state: dict) -> str:
    accounts = state.get("accounts", [])
    if other := next((row for row in accounts if len(row) != 2), None):
        return f"`accounts` has {len(other)} columns"
    balances = " and ".join(str(balance) for _, balance in accounts)
    return f"the balances are {balances or 'gone'}, transfers noted: {len(state.get('transfers', []))}"


def _alone(answer: str) -> Schedule:
    with bank() as lab:
        return run_in_order(lab, {"yours": answer}, ())


@claim("transactions-4", worth=1)
def every_step_runs(answer):
    """SQLite runs your steps in this order, and ends the transaction that they begin"""
    ran = _alone(answer)
    last = ran.steps[-1] if ran.steps else None
    if last and last.outcome == "refused":
        raise Mismatch(
            "no step to be refused",
            f"SQLite says: {last.words} (at `{last.statement}`)",
            hint="Nothing has begun when this COMMIT comes. Which step opens the transaction?"
            if last.statement == "COMMIT" and "BEGIN IMMEDIATE" not in {step.statement for step in ran.steps}
            else "",
        )
    if ran.left_open:
        hint = "The transaction was never ended: without its last step nobody ever sees its changes. Which step is it?"
        raise Mismatch("no open transaction at the end", "one that is still open", hint=hint)


@claim("transactions-4", worth=1, after=every_step_runs)
def moves_and_notes(answer):
    """after them the money is moved, and the transfer is noted"""
    state = _alone(answer).state
    if state != AFTER:
        missing = [name for name in AFTER if state[name] == BEFORE[name]] or sum(b for _, b in state["accounts"]) != 150
        hint = "Taking, giving, noting: Which of the three writes is missing?" if missing else ""
        raise Mismatch(_said(AFTER), _said(state), hint=hint)


@claim("transactions-4", worth=2, after=moves_and_notes)
def survives_power_cuts(answer):
    """a power cut after any step leaves all of it, or nothing"""
    cut = sweep_crashes(bank, answer, _half).broken
    if cut:
        hint = (
            "What is between the first write and the last? One transaction must hold all three, and nothing may end it."
        )
        raise after_this_cut("everything as before, or everything done", cut, hint=hint)


@claim("transactions-4", worth=2, after=moves_and_notes)
def keeps_a_deposit(answer):
    """beside a deposit of 50 to account 1, in every order, no money is lost"""

    def lost(lab: SharedLab) -> str:
        total = sum(balance for _, balance in lab.dump()["accounts"])
        return "" if total == 200 else f"{total} in all"

    broken = explore(bank, {"yours": answer, "deposit": DEPOSIT}, lost).broken
    if broken:
        hint = "The number 70 was true when somebody looked. Which step takes 30 away from what is there now?"
        raise in_this_order("200 in all", broken, hint=hint)


GOOD = (
    "UPDATE accounts SET balance = balance - 30 WHERE id = 1",
    "UPDATE accounts SET balance = balance + 30 WHERE id = 2",
    "INSERT INTO transfers VALUES (1, 2, 30)",
)
BAD = {
    "the last one breaks NOT NULL": (*GOOD[:2], "INSERT INTO transfers VALUES (1, NULL, 30)"),
    "the second one overdraws": (GOOD[1], "UPDATE accounts SET balance = balance - 300 WHERE id = 1", GOOD[2]),
    "the last one has no sense": (GOOD[0], GOOD[1], "INSERT INTO nowhere VALUES (1)"),
}


def _run(run_all, statements: tuple[str, ...]) -> tuple[Ended, dict]:
    with bank() as lab:
        call = ended(lab, run_all, list(statements))
        return call, seen(lab, lambda lab: lab.dump())


@claim("transactions-5", worth=1)
def saves_a_good_list(run_all):
    """`run_all` runs every statement of a good list, and what they did is saved"""
    call, state = _run(run_all, GOOD)
    if state != AFTER:
        raise Mismatch(
            _said(AFTER),
            call.raised or _said(state),
            hint="Not one statement reached SQLite. What does the connection say to begin, and who swallows it?"
            if not call.raised and GOOD[0] not in call.asked
            else "",
        )
    must_end_well(call)


@claim("transactions-5", worth=2, after=saves_a_good_list)
def undoes_a_bad_list(run_all):
    """if a statement fails, an exception reaches the caller, and nothing has changed"""
    for reason, statements in BAD.items():
        call, state = _run(run_all, statements)
        table = Table(f"the list: {reason}", ("statement",), [(statement,) for statement in statements])
        if state != BEFORE:
            hint = "Some of the list was saved: outside a transaction, each statement is a transaction of its own."
            raise Mismatch(_said(BEFORE), _said(state), hint=hint, tables=[table])
        if not call.raised:
            hint = "Who learns of the error, if your `except` catches it and the function ends as if all were well?"
            raise Mismatch("an exception", f"it gave `{call.value!r:.60}`", hint=hint, tables=[table])


@claim("transactions-5", worth=1, after=saves_a_good_list)
def leaves_nothing_open(run_all):
    """it leaves no transaction open"""
    for reason, statements in BAD.items():
        if _run(run_all, statements)[0].left_open:
            hint = "Who ends the transaction when a statement fails? Until then nobody else can write."
            raise Mismatch(f"no open transaction, when {reason}", "one that is still open", hint=hint)


@claim("transactions-5", worth=1, after=saves_a_good_list)
def survives_power_cuts_too(run_all):
    """a power cut before any statement leaves all of the list done, or nothing"""
    cut = sweep_crashes(bank, called(run_all, list(GOOD)), _half).broken
    if cut:
        raise after_this_cut("everything as before, or everything done", cut)
