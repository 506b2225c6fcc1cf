"""Claims on trying a withdrawal again after a lock, and only then."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.transactions.mismatches import require_clean_end, schedule_mismatch
from graders.checks.transactions.rivals import Lock, Rival, make_error
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.sandbox import Request, SandboxedFunction
from graders.techniques.schedules import (
    CallRecord,
    Exploration,
    Series,
    explore,
    make_script,
    observe_each,
    run_call,
    run_calls,
)

SCHEMA = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0))"
ATTEMPTS = 5
BUSY, SNAPSHOT = "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT"
MAX_REFUSALS_OF_LOCKS, MAX_REFUSALS = 30, 8
# What another attempt cannot cure, by its code; SQLITE_LOCKED is a quarrel within one connection.
INCURABLE = {
    "SQLITE_CONSTRAINT_CHECK": "a constraint is broken",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_LOCKED": "a table is locked by its own connection",
}
Balances = dict[int, int]
Withdrawal = CallRecord[Balances]


class Bank:
    """Accounts drawn from a seed, one of which a withdrawal is made from."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.account, other, self.nobody = self.rng.sample(range(2, 90), 3)
        self.balance = self.rng.randint(150, 300)
        self.balances = dict(sorted({self.account: self.balance, other: self.balance}.items()))
        self.amount, self.rivals_amount = self.rng.randint(40, 70), self.rng.randint(5, 15)

    def open(self) -> SharedLab:
        """The bank, opened."""
        return open_shared_lab("SQLite", SCHEMA, {"accounts": list(self.balances.items())})

    def after(self, taken: int) -> Balances:
        """The balances when so much has been taken."""
        return {**self.balances, self.account: self.balance - taken}

    def locks(self) -> list[list[Lock]]:
        """The locks of each contest: one at each kind of statement, one of each code, and four in a row."""
        kinds = ["UPDATE", "COMMIT", "SELECT", "BEGIN"]
        mixed = [Lock(self.rng.choice(kinds[:3]), self.rng.choice((BUSY, SNAPSHOT))) for _ in range(ATTEMPTS - 1)]
        single = [*([Lock(kind, BUSY)] for kind in kinds), [Lock("UPDATE", SNAPSHOT)]]
        return [*single, [Lock("UPDATE", SNAPSHOT)] * (ATTEMPTS - 1), mixed]


def _read_balances(lab: SharedLab) -> Balances:
    return dict(lab.execute("SELECT id, balance FROM accounts ORDER BY 1").rows)


@dataclass(frozen=True)
class Contest:
    """A withdrawal beside another program, which holds a lock and takes money in the meantime."""

    locks: list[Lock]
    """The locks that the withdrawal met."""
    taken: int
    """What the other program took after each."""
    left: Balances
    """The balances that the other program leaves."""
    withdrawal: Withdrawal
    """How it ended."""

    @property
    def words(self) -> str:
        """Which locks it met, in words."""
        met = ", then ".join(f"{lock.code} at {lock.kind}" for lock in self.locks)
        return f"{met}, and {self.taken} taken by another program after {'each' if len(self.locks) > 1 else 'it'}"


@dataclass(frozen=True)
class Withdrawals:
    """Withdrawals when nobody is in the way."""

    bank: Bank
    """The bank at the beginning."""
    calls: Series[Withdrawal]
    """A part of the balance, and all of it."""


@experiment("retry-when-busy")
def withdraw_undisturbed(attempt: Attempt) -> Withdrawals:
    """Withdraw when nobody is in the way."""
    bank = Bank(attempt.seed)
    cases = [(bank.account, bank.amount), (bank.account, bank.balance)]
    with bank.open() as lab:
        return Withdrawals(bank, run_calls(lab, attempt.answer, cases, read=_read_balances))


@dataclass(frozen=True)
class Refusals:
    """Withdrawals in which the engine refuses something."""

    contests: Series[Contest]
    """Beside another program that holds a lock for a while."""
    emptied: Series[Contest]
    """Beside one that takes so much that too little is left."""
    given_up: Series[Withdrawal]
    """Where each attempt meets a lock, at its UPDATE or at its COMMIT."""
    incurable: dict[str, Series[Withdrawal]]
    """Where every UPDATE is refused with an error, by its code."""
    race: Exploration | Mismatch
    """Beside one withdrawal of another program, in every order of statements."""
    overdrawn: Series[Withdrawal]
    """Where the balance is too small, and nothing is refused."""
    unknown: Series[Withdrawal]
    """Where there is no such account, and nothing is refused."""


@experiment("retry-when-busy")
def refuse_statements(attempt: Attempt) -> Refusals:
    """Withdraw where statements are refused, each time from the accounts of the beginning."""
    bank, withdraw = Bank(attempt.seed), attempt.answer
    with bank.open() as lab:
        contend = partial(_withdraw_beside_rival, lab, withdraw, bank)
        in_vain = partial(_withdraw_in_vain, lab, withdraw, bank)
        too_much = [(bank.account, bank.balance + 1)]
        return Refusals(
            observe_each(lambda locks: contend(locks, bank.rivals_amount), bank.locks()),
            observe_each(lambda locks: contend(locks, bank.balance - bank.amount + 1), bank.locks()[:1]),
            observe_each(lambda kind: in_vain(BUSY, kind, MAX_REFUSALS_OF_LOCKS), ("UPDATE", "COMMIT")),
            {code: observe_each(lambda code: in_vain(code, "UPDATE", MAX_REFUSALS), [code]) for code in INCURABLE},
            catch_mismatch(lambda: _race(lab, withdraw, bank)),
            run_calls(lab, withdraw, too_much, read=_read_balances),
            run_calls(lab, withdraw, [(bank.nobody, bank.amount)], read=_read_balances),
        )


def _withdraw_beside_rival(
    lab: SharedLab, withdraw: SandboxedFunction, bank: Bank, locks: list[Lock], takes: int
) -> Contest:
    lab.rewind()
    rival = Rival(lab, locks, f"UPDATE accounts SET balance = balance - {takes} WHERE id = {bank.account}")
    call = run_call(lab, withdraw, bank.account, bank.amount, read=_read_balances, refuse=rival.refuse)
    met = locks[: rival.refusals]
    return Contest(met, takes, bank.after(takes * rival.writes), call)


def _race(lab: SharedLab, withdraw: SandboxedFunction, bank: Bank) -> Exploration:
    other = f"UPDATE accounts SET balance = balance - {bank.rivals_amount} WHERE id = {bank.account}"
    yours = make_script(withdraw, bank.account, bank.amount)
    return explore(lab, {"yours": yours, "other": other}, max_schedules=50)


def _withdraw_in_vain(
    lab: SharedLab, withdraw: SandboxedFunction, bank: Bank, code: str, kind: str, max_refusals: int
) -> Withdrawal:
    """Withdraw while every statement of a kind is refused with `code`."""

    def refuse(request: Request) -> EngineError | None:
        return make_error(code, kind) if Lock(kind, code).stops(request) else None

    lab.rewind()
    given = bank.account, bank.amount
    return run_call(lab, withdraw, *given, read=_read_balances, refuse=refuse, max_refusals=max_refusals)


@claim(withdraw_undisturbed, weight=0)
def withdraws_amount(withdrawals: Withdrawals) -> None:
    """`withdraw` takes the amount from the account when nobody is in the way"""
    for call in withdrawals.calls:
        require_clean_end(call)
        right = withdrawals.bank.after(call.arguments[1])
        if call.state != right:
            raise Mismatch(_describe(right), f"{_describe(call.state)}, after {call.words}")


@claim(refuse_statements, weight=2, after=withdraws_amount)
def retries_with_fresh_read(refusals: Refusals) -> None:
    """after a refusal it begins a new attempt, which reads anew, and withdraws once"""
    for contest in refusals.contests:
        call = contest.withdrawal
        account, amount = call.arguments
        right = {**contest.left, account: contest.left[account] - amount}
        if call.exception:
            raise Mismatch(f"a withdrawal after {contest.words}", call.exception, _hint_on_exception(contest))
        if call.state != right:
            hint = "It wrote a number computed from an old balance. What did it read in this attempt?"
            expected = f"{_describe(right)} after {contest.words}"
            raise Mismatch(expected, _describe(call.state), hint if _is_from_old_read(call) else "")
    for contest in refusals.emptied:
        if contest.withdrawal.state != contest.left:
            expected = f"{_describe(contest.left)} after {contest.words}, when too little is left"
            raise Mismatch(expected, _describe(contest.withdrawal.state))
    if broken := raise_if_mismatch(refusals.race).counterexample:
        hint = "Another program wrote between your read and your write, and nothing stopped it. What would?"
        expected = "both withdrawals, beside another program's"
        found = f"balances {', '.join(str(row[-1]) for row in broken.state.get('accounts', []))}"
        stale = broken.writes_from_stale_read("yours")
        raise schedule_mismatch(expected, broken, found=found, hint=hint if stale else "")


def _hint_on_exception(contest: Contest) -> str:
    if "within a transaction" in contest.withdrawal.exception:
        return "The transaction of the first attempt is still open. Who ends it before the next one begins?"
    if [lock.code for lock in contest.locks] == [SNAPSHOT]:
        return "The name of this error begins with SQLITE_BUSY as well. With what does your function compare it?"
    return ""


def _is_from_old_read(call: Withdrawal) -> bool:
    """Whether what was written after the last refusal was written without having been read after it."""
    again = [statement.split()[0].upper() for statement in call.statements[call.refused[-1] + 1 :]]
    return "UPDATE" in again and "SELECT" not in again[: again.index("UPDATE")]


@claim(refuse_statements, weight=1, after=withdraws_amount)
def gives_up_after_five_attempts(refusals: Refusals) -> None:
    """after the fifth attempt that was refused it lets the error through, and leaves no transaction open"""
    for call in refusals.given_up:
        count = len(call.refused)
        if not count:
            continue
        if count > ATTEMPTS:
            hint = "The lock is never released here. Will it ever stop, and who counts the attempts?"
            endless = count >= MAX_REFUSALS_OF_LOCKS
            raise Mismatch(f"{ATTEMPTS} attempts", "no end" if endless else str(count), hint=hint if endless else "")
        if count < ATTEMPTS:
            raise Mismatch(f"{ATTEMPTS} attempts", str(count))
        if not call.exception:
            hint = "What does the caller believe after the last attempt, when the function ends without a word?"
            raise Mismatch("an exception after the fifth attempt", f"it gave `{call.value!r:.60}`", hint=hint)
        refused = call.statements[call.refused[-1]].split()[0]
        error = f"OperationalError: {make_error(BUSY, refused)}"
        if error not in call.exception:
            hint = "The caller gets another error than SQLite's, and cannot see that it was a lock. Which one is it?"
            raise Mismatch(f"`{error}`", call.exception, hint=hint)
        _require_no_transaction(call)


@claim(refuse_statements, weight=1, after=withdraws_amount)
def lets_other_errors_through(refusals: Refusals) -> None:
    """an error that another attempt cannot cure is raised at once, and no transaction stays open"""
    for code, reason in INCURABLE.items():
        for call in refusals.incurable[code]:
            if len(call.refused) > 1:
                hint = "A broken constraint will be refused the next time as well. Which errors can pass by themselves?"
                other = f"{code} is an `OperationalError` too. By what does your function know a lock?"
                found = f"{len(call.refused)} attempts"
                raise Mismatch(f"one attempt, when {reason} ({code})", found, hint if "CHECK" in code else other)
            kind = "IntegrityError" if "CHECK" in code else "OperationalError"
            _require_exception([call], f"{kind}: {make_error(code, 'UPDATE')}", reason)
    _require_exception(refusals.overdrawn, "ValueError", "the balance is too small")
    _require_exception(refusals.unknown, "", "there is no such account")


def _require_exception(calls: Iterable[Withdrawal], error: str, reason: str) -> None:
    """Raise `Mismatch` unless each of `calls` ended with `error` after one attempt more than were refused a lock."""
    for call in calls:
        expected = f"`{error}`" if error else "an exception"
        if not call.exception:
            raise Mismatch(f"{expected}, when {reason}", f"it gave `{call.value!r:.60}`")
        if error and not call.exception.removeprefix("`").startswith(error):
            hint = "The caller tells refusals apart by their exceptions. Which one does the task name for this one?"
            raise Mismatch(f"{expected}, when {reason}", call.exception, hint if error == "ValueError" else "")
        begun = sum(statement.upper().startswith("BEGIN") for statement in call.statements)
        if begun > len(call.refused) + 1:
            raise Mismatch(f"no further attempt, when {reason}", f"{begun} attempts")
        _require_no_transaction(call)


def _require_no_transaction(call: Withdrawal) -> None:
    if call.left_open:
        raise Mismatch("no open transaction at the end", "one that is still open")


def _describe(balances: Balances) -> str:
    return f"balances {', '.join(map(str, balances.values())) or 'gone'}"
