"""Claims on trying again: a withdrawal that meets locks, and errors that no second attempt can mend."""

from __future__ import annotations

from graders import Mismatch, claim
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.techniques.schedules.calls import Asked, Ended, ended, must_end_well, rows_of

BANK = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0))"
BALANCE = "SELECT coalesce(sum(balance), 0) FROM accounts WHERE id = 1"
STARTING, AMOUNT, OTHERS = 100, 30, 10
ATTEMPTS = 5
WORDS = {"SQLITE_CONSTRAINT_CHECK": "CHECK constraint failed: balance >= 0", "SQLITE_FULL": "database or disk is full"}


def _bank() -> SharedLab:
    return open_shared_lab("SQLite", BANK, {"accounts": [(1, STARTING), (2, STARTING)]})


def _error(code: str) -> EngineError:
    return EngineError("SQLite", WORDS.get(code, "database is locked"), code=code)


def _meets_lock(word: str, statement: str) -> bool:
    """Whether `statement` is one that begins with `word` and can be refused: a deferred BEGIN takes no lock."""
    takes_none = word == "BEGIN" and not any(kind in statement for kind in ("IMMEDIATE", "EXCLUSIVE"))
    return statement.startswith(word) and not takes_none


class _Refuser:
    """Refuses the first `times` statements that begin with `word`; another program takes 10 after each refusal."""

    def __init__(self, word: str, times: int, code: str, lab: SharedLab):
        self.word, self.times, self.code, self.lab = word, times, code, lab
        self.given = self.owed = self.taken = 0

    def __call__(self, asked: Asked) -> EngineError | None:
        if self.owed and not asked.session.in_transaction():
            self.lab.execute(f"UPDATE accounts SET balance = balance - {OTHERS * self.owed} WHERE id = 1")
            self.taken, self.owed = self.taken + self.owed, 0
        if not _meets_lock(self.word, str(asked).upper()) or self.given >= self.times:
            return None
        self.given, self.owed = self.given + 1, self.owed + 1
        return _error(self.code)


@claim("transactions-9", worth=0)
def withdraws(withdraw):
    """`withdraw` takes the amount from the account when nobody is in the way"""
    with _bank() as lab:
        must_end_well(ended(lab, withdraw, 1, AMOUNT))
        balance = rows_of(lab, BALANCE)[0][0]
    if balance != STARTING - AMOUNT:
        raise Mismatch(f"a balance of {STARTING - AMOUNT}", str(balance))


@claim("transactions-9", worth=2, after=withdraws)
def begins_anew(withdraw):
    """after a refusal it begins a new attempt, which reads anew, and withdraws once"""
    for word in ("UPDATE", "COMMIT", "BEGIN"):
        for times in (1, ATTEMPTS - 1):
            _judge_attempts(withdraw, word, times)


def _judge_attempts(withdraw, word: str, times: int) -> None:
    with _bank() as lab:
        refuser = _Refuser(word, times, "SQLITE_BUSY_SNAPSHOT" if times > 1 else "SQLITE_BUSY", lab)
        call = ended(lab, withdraw, 1, AMOUNT, refusing=refuser)
        balance = rows_of(lab, BALANCE)[0][0]
    locks = (
        f"{times} locks met at {word}, and {OTHERS} taken by another program after each"
        if times > 1
        else (f"one lock met at {word}, and {OTHERS} taken by another program after it")
    )
    right = STARTING - AMOUNT - OTHERS * refuser.taken
    if call.raised:
        hint = "The transaction of the first attempt is still open. Who ends it before the next one begins?"
        raise Mismatch(f"a withdrawal after {locks}", call.raised, hint if call.left_open else "")
    if balance != right:
        hint = "It wrote a number computed from an old balance. What did it read in this attempt?"
        raise Mismatch(f"a balance of {right} after {locks}", str(balance), hint if balance > right else "")


@claim("transactions-9", worth=1, after=withdraws)
def gives_up(withdraw):
    """after the fifth attempt that was refused it lets the error through, and leaves no transaction open"""
    call = _refused_for_ever(withdraw, "SQLITE_BUSY", 30)
    if call.refused > ATTEMPTS:
        hint = "The lock is never released here. Will it ever stop, and who counts the attempts?"
        raise Mismatch(f"{ATTEMPTS} attempts", "more than 20" if call.refused > 20 else str(call.refused), hint=hint)
    if call.refused < ATTEMPTS:
        raise Mismatch(f"{ATTEMPTS} attempts", str(call.refused))
    if not call.raised:
        hint = "What does the caller believe after the last attempt, when the function ends without a word?"
        raise Mismatch("an exception after the fifth attempt", f"it gave `{call.value!r:.60}`", hint=hint)
    _must_be_at_rest(call)


def _refused_for_ever(withdraw, code: str, most: int) -> Ended:
    with _bank() as lab:
        return ended(
            lab,
            withdraw,
            1,
            AMOUNT,
            refusing=lambda a: _error(code) if str(a).startswith("UPDATE") else None,
            most=most,
        )


def _must_be_at_rest(call: Ended) -> None:
    if call.left_open:
        raise Mismatch("no open transaction at the end", "one that is still open")


@claim("transactions-9", worth=1, after=withdraws)
def lets_other_errors_through(withdraw):
    """what another attempt cannot mend is raised at once, and no transaction stays open"""
    call = _refused_for_ever(withdraw, "SQLITE_CONSTRAINT_CHECK", 8)
    if call.refused > 1:
        hint = "A broken constraint will be refused the next time as well. Which errors can pass by themselves?"
        raise Mismatch("one attempt, when a constraint is broken", f"{call.refused}", hint=hint)
    _must_raise(call, "a broken constraint")
    call = _refused_for_ever(withdraw, "SQLITE_FULL", 8)
    if call.refused > 1:
        hint = "A full disk is an `OperationalError` too. By what does your function know a lock?"
        raise Mismatch("one attempt, when the disk is full (SQLITE_FULL)", f"{call.refused}", hint=hint)
    _must_raise(call, "a full disk")
    with _bank() as lab:
        _must_raise(ended(lab, withdraw, 1, STARTING + 1), "too small a balance")


def _must_raise(call: Ended, reason: str) -> None:
    if not call.raised:
        raise Mismatch(f"an exception for {reason}", f"it gave `{call.value!r:.60}`")
    _must_be_at_rest(call)
