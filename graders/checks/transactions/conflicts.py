"""Claims on meeting another program: trying again after a lock, and not saving over what somebody else has saved."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from itertools import product

from graders import Attempt, Mismatch, claim, experiment
from graders.checks.transactions.mismatches import require_clean_end, schedule_mismatch
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


# The trigger notes what each UPDATE made of a page, so that a write over a write can be seen afterwards; the others
# keep a function from forging what was noted.
PAGES = """
CREATE TABLE pages (id INTEGER PRIMARY KEY, text TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE written (page INTEGER, text TEXT, before INTEGER, version INTEGER);
CREATE TRIGGER note AFTER UPDATE ON pages BEGIN
    INSERT INTO written VALUES (NEW.id, NEW.text, OLD.version, NEW.version);
END;
CREATE TRIGGER stays BEFORE DELETE ON written BEGIN SELECT RAISE(ABORT, 'what was written stays noted'); END;
CREATE TRIGGER stays_as_it_is BEFORE UPDATE ON written BEGIN SELECT RAISE(ABORT, 'what was written stays noted'); END;
"""
TRIGGERS = 3
FIRST = {1: ("first", 3), 2: ("second", 8)}
OTHER_EDITOR = "UPDATE pages SET text = 'theirs', version = version + 1 WHERE id = 1 AND version = 3"
Pages = dict[int, tuple[str, int]]


def _open_pages() -> SharedLab:
    return open_shared_lab("SQLite", PAGES, {"pages": [(page, *rest) for page, rest in FIRST.items()]})


def _read_pages(lab: SharedLab) -> Pages:
    rows = lab.execute("SELECT id, text, version FROM pages ORDER BY id").rows
    return {page: (text, version) for page, text, version in rows}


@dataclass(frozen=True)
class Saves:
    """Attempts to save the text "mine", alone, each on the pages of the beginning."""

    current: Series[CallRecord[Pages]]
    """Where nobody has saved since the editor read the page."""
    outdated: Series[CallRecord[Pages]]
    """Where the editor read another version."""


@experiment("optimistic-lock")
def save_alone(attempt: Attempt) -> Saves:
    """Save pages as an editor who has seen the current version, and as one who has seen another."""
    current = [(1, 3, "mine"), (2, 8, "mine")]
    outdated = [(1, 2, "mine"), (2, random.Random(attempt.seed).randint(1, 7), "mine"), (1, 4, "mine")]
    with _open_pages() as lab:
        return Saves(*(run_calls(lab, attempt.answer, cases, read=_read_pages) for cases in (current, outdated)))


@experiment("optimistic-lock")
def save_beside_another(attempt: Attempt) -> Exploration:
    """Save a page beside another editor who has read the same version, in every order of statements."""
    with _open_pages() as lab:
        return explore(
            lab, {"yours": make_script(attempt.answer, 1, 3, "mine"), "other": OTHER_EDITOR}, _find_lost_text
        )


def _find_lost_text(lab: SharedLab) -> str:
    if len(lab.execute("SELECT 1 FROM sqlite_schema WHERE type = 'trigger'")) != TRIGGERS:
        return "the triggers that note what is written are gone"
    rows = lab.execute("SELECT before, version FROM written").rows
    return "" if rows == [(3, 4)] else f"the page was saved {len(rows)} times, and one text is lost"


def _read_saved_page(call: CallRecord[Pages]) -> tuple[str, int]:
    """The page that `call` was to save; raise `Mismatch` if it did not end well, or changed the other one."""
    require_clean_end(call)
    page = call.arguments[0]
    if set(call.state) != set(FIRST) or call.state[3 - page] != FIRST[3 - page]:
        raise Mismatch(f"{call.words} to change page {page} only", f"the pages are {call.state}")
    return call.state[page]


@claim(save_alone, weight=1)
def saves_current_version(attempts: Saves) -> None:
    """if nobody saved since `seen`, the text is saved, the version goes up by 1, and `save` gives `True`"""
    for call in attempts.current:
        text, version = _read_saved_page(call)
        right = call.arguments[1] + 1
        if text != "mine" or call.value is not True:
            raise Mismatch("the text saved, and `True`", f"the text {text!r}, and `{call.value!r:.40}`")
        if version != right:
            hint = "How does the next editor learn that somebody was here, if the version stays the same?"
            raise Mismatch(f"version {right}", f"version {version}", hint=hint)


@claim(save_alone, weight=1, after=saves_current_version)
def rejects_stale_version(attempts: Saves) -> None:
    """if somebody did, nothing changes, and it gives `False`"""
    for call in attempts.outdated:
        text, version = _read_saved_page(call)
        page, seen, _ = call.arguments
        if text == "mine":
            raise Mismatch(
                f"page {page} as it was: it had version {FIRST[page][1]}, the editor saw {seen}",
                f"their text in it, version {version}",
                hint="The editor saw an older page than there is. Whose text was overwritten?",
            )
        if call.value is not False:
            raise Mismatch(
                "`False`, for nothing was saved",
                f"`{call.value!r:.40}`",
                hint="0 rows were changed, and the editor was told something else. Who said that it was saved?",
            )


@claim(save_beside_another, weight=2, after=rejects_stale_version)
def loses_no_update(exploration: Exploration) -> None:
    """beside another editor, in every order of the statements, nobody overwrites a text that they have not seen"""
    if exploration.counterexample:
        raise schedule_mismatch(
            "one text saved of two that were written from version 3",
            exploration.counterexample,
            hint="The other editor saved between your SELECT and your UPDATE. Can one statement ask and write?",
        )
