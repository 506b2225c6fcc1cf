"""Claims on trying a withdrawal again after a lock, and only then."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import product

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.transactions.mismatches import require_clean_end
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.sandbox import Request, SandboxedFunction
from graders.techniques.schedules import (
    CallRecord,
    Series,
    observe_each,
    run_call,
    run_calls,
)

BANK = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0))"
STARTING, AMOUNT, RIVALS_AMOUNT = 100, 30, 10
ATTEMPTS = 5
WORDS = ("UPDATE", "COMMIT", "BEGIN")
MAX_REFUSALS = {"SQLITE_BUSY": 30, "SQLITE_CONSTRAINT_CHECK": 8, "SQLITE_FULL": 8}
SENTENCES = {
    "SQLITE_CONSTRAINT_CHECK": "CHECK constraint failed: balance >= 0",
    "SQLITE_FULL": "database or disk is full",
}
Withdrawal = CallRecord[int]


def _open_bank() -> SharedLab:
    return open_shared_lab("SQLite", BANK, {"accounts": [(1, STARTING), (2, STARTING)]})


def _read_balance(lab: SharedLab) -> int:
    return lab.execute("SELECT coalesce(sum(balance), 0) FROM accounts WHERE id = 1").rows[0][0]


def _make_error(code: str) -> EngineError:
    return EngineError("SQLite", SENTENCES.get(code, "database is locked"), code=code)


class _Rival:
    """Another program: it holds a lock whenever a withdrawal comes to `word`, `times` times, and takes 10 each time."""

    def __init__(self, lab: SharedLab, word: str, times: int):
        self.lab, self.word, self.times = lab, word, times
        self.refusals = self.withdrawals = 0

    def refuse(self, request: Request) -> EngineError | None:
        """The error that the request meets, if it does; once its transaction has ended, the other program goes on."""
        owed = RIVALS_AMOUNT * (self.refusals - self.withdrawals)
        if owed and not request.session.in_transaction():
            self.lab.execute("UPDATE accounts SET balance = balance - ? WHERE id = 1", (owed,))
            self.withdrawals = self.refusals
        if not self._meets_lock(str(request).upper()) or self.refusals >= self.times:
            return None
        self.refusals += 1
        return _make_error("SQLITE_BUSY_SNAPSHOT" if self.times > 1 else "SQLITE_BUSY")

    def _meets_lock(self, statement: str) -> bool:
        """Whether `statement` is one that can be refused: a deferred BEGIN takes no lock."""
        deferred = self.word == "BEGIN" and not any(kind in statement for kind in ("IMMEDIATE", "EXCLUSIVE"))
        return statement.startswith(self.word) and not deferred


@dataclass(frozen=True)
class Contest:
    """A withdrawal beside another program, which holds a lock and takes money in the meantime."""

    locks: str
    """Which locks the withdrawal met, in words."""
    right: int
    """The balance that both leave, if nothing is lost."""
    withdrawal: Withdrawal
    """How it ended."""


@experiment("retry-when-busy")
def withdraw_undisturbed(attempt: Attempt) -> Withdrawal:
    """Withdraw when nobody is in the way."""
    with _open_bank() as lab:
        return run_call(lab, attempt.answer, 1, AMOUNT, read=_read_balance)


@dataclass(frozen=True)
class Refusals:
    """Withdrawals in which the engine refuses something."""

    contests: Series[Contest]
    """Beside another program that holds a lock for a while."""
    by_code: dict[str, Series[Withdrawal]]
    """Where every UPDATE is refused with an error, by its code."""
    overdrawn: Series[Withdrawal]
    """Where the balance is too small, and nothing is refused."""


@experiment("retry-when-busy")
def refuse_statements(attempt: Attempt) -> Refusals:
    """Withdraw where statements are refused, each time from the account of the beginning."""
    with _open_bank() as lab:
        return Refusals(
            observe_each(partial(_withdraw_beside_rival, lab, attempt.answer), product(WORDS, (1, ATTEMPTS - 1))),
            {code: observe_each(partial(_withdraw_in_vain, lab, attempt.answer), [code]) for code in MAX_REFUSALS},
            run_calls(lab, attempt.answer, [(1, STARTING + 1)], read=_read_balance),
        )


def _withdraw_beside_rival(lab: SharedLab, withdraw: SandboxedFunction, case: tuple[str, int]) -> Contest:
    lab.rewind()
    word, times = case
    rival = _Rival(lab, word, times)
    withdrawal = run_call(lab, withdraw, 1, AMOUNT, read=_read_balance, refuse=rival.refuse)
    locks, each = ("one lock", "it") if times == 1 else (f"{times} locks", "each")
    words = f"{locks} met at {word}, and {RIVALS_AMOUNT} taken by another program after {each}"
    return Contest(words, STARTING - AMOUNT - RIVALS_AMOUNT * rival.withdrawals, withdrawal)


def _withdraw_in_vain(lab: SharedLab, withdraw: SandboxedFunction, code: str) -> Withdrawal:
    """Withdraw while every UPDATE is refused with `code`."""

    def refuse(request: Request) -> EngineError | None:
        return _make_error(code) if str(request).startswith("UPDATE") else None

    lab.rewind()
    return run_call(lab, withdraw, 1, AMOUNT, read=_read_balance, refuse=refuse, max_refusals=MAX_REFUSALS[code])


@claim(withdraw_undisturbed, weight=0)
def withdraws_amount(withdrawal: Withdrawal) -> None:
    """`withdraw` takes the amount from the account when nobody is in the way"""
    require_clean_end(withdrawal)
    if withdrawal.state != STARTING - AMOUNT:
        raise Mismatch(f"a balance of {STARTING - AMOUNT}", str(withdrawal.state))


@claim(refuse_statements, weight=2, after=withdraws_amount)
def retries_with_fresh_read(refusals: Refusals) -> None:
    """after a refusal it begins a new attempt, which reads anew, and withdraws once"""
    for contest in refusals.contests:
        call, right = contest.withdrawal, contest.right
        if call.exception:
            hint = "The transaction of the first attempt is still open. Who ends it before the next one begins?"
            raise Mismatch(f"a withdrawal after {contest.locks}", call.exception, hint if call.left_open else "")
        if call.state != right:
            hint = "It wrote a number computed from an old balance. What did it read in this attempt?"
            expected = f"a balance of {right} after {contest.locks}"
            raise Mismatch(expected, str(call.state), hint if call.state > right else "")


@claim(refuse_statements, weight=1, after=withdraws_amount)
def gives_up_after_five_attempts(refusals: Refusals) -> None:
    """after the fifth attempt that was refused it lets the error through, and leaves no transaction open"""
    for call in refusals.by_code["SQLITE_BUSY"]:
        if call.refusals > ATTEMPTS:
            hint = "The lock is never released here. Will it ever stop, and who counts the attempts?"
            count = "more than 20" if call.refusals > 20 else str(call.refusals)
            raise Mismatch(f"{ATTEMPTS} attempts", count, hint=hint)
        if call.refusals < ATTEMPTS:
            raise Mismatch(f"{ATTEMPTS} attempts", str(call.refusals))
        if not call.exception:
            hint = "What does the caller believe after the last attempt, when the function ends without a word?"
            raise Mismatch("an exception after the fifth attempt", f"it gave `{call.value!r:.60}`", hint=hint)
        _require_no_transaction(call)


@claim(refuse_statements, weight=1, after=withdraws_amount)
def lets_other_errors_through(refusals: Refusals) -> None:
    """an error that another attempt cannot cure is raised at once, and no transaction stays open"""
    for call in refusals.by_code["SQLITE_CONSTRAINT_CHECK"]:
        if call.refusals > 1:
            hint = "A broken constraint will be refused the next time as well. Which errors can pass by themselves?"
            raise Mismatch("one attempt, when a constraint is broken", f"{call.refusals}", hint=hint)
        _require_exception(call, "a broken constraint")
    for call in refusals.by_code["SQLITE_FULL"]:
        if call.refusals > 1:
            hint = "A full disk is an `OperationalError` too. By what does your function know a lock?"
            raise Mismatch("one attempt, when the disk is full (SQLITE_FULL)", f"{call.refusals}", hint=hint)
        _require_exception(call, "a full disk")
    for call in refusals.overdrawn:
        _require_exception(call, "too small a balance")


def _require_exception(call: Withdrawal, reason: str) -> None:
    if not call.exception:
        raise Mismatch(f"an exception for {reason}", f"it gave `{call.value!r:.60}`")
    _require_no_transaction(call)


def _require_no_transaction(call: Withdrawal) -> None:
    if call.left_open:
        raise Mismatch("no open transaction at the end", "one that is still open")
