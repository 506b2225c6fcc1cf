"""Claims on a function that runs a list of statements all or not at all."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.transactions.mismatches import cut_mismatch, require_clean_end
from graders.labs import SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.power_cuts import CrashSweep, sweep_crashes
from graders.techniques.schedules import CallRecord, Series, make_script, run_calls

State = Mapping[str, list[Row]]
BANK = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
CREATE TABLE transfers (payer INTEGER NOT NULL, payee INTEGER NOT NULL, amount INTEGER NOT NULL, note TEXT);
"""
NOTES = ("rent; and more", "Pia O''Neill; thanks", "lunch")
LONG = 150
MAX_STATEMENTS_SHOWN = 8
ENDS = {"COMMIT", "END", "RELEASE"}


@dataclass(frozen=True)
class StatementList:
    """A list of statements."""

    statements: tuple[str, ...]
    """The statements."""
    flaw: str = ""
    """What is wrong with one of them, in words; "" if nothing is."""

    @property
    def table(self) -> Table:
        """The list, to be shown."""
        shown = [(statement,) for statement in self.statements[:MAX_STATEMENTS_SHOWN]]
        title = f"the list: {self.flaw}" if self.flaw else "the list"
        return Table(title, ("statement",), shown, more=len(self.statements) - len(shown))


class _Bank:
    """Two accounts among others, drawn from a seed, and lists of statements that suit them."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.payer, self.payee, self.newcomer, *others = self.rng.sample(range(1, 90), 5)
        self.balance = self.rng.randint(60, 300)
        rows = [(self.payer, self.balance), *((account, self.rng.randint(0, 90)) for account in (self.payee, *others))]
        self.data: dict[str, list[Row]] = {"accounts": sorted(rows), "transfers": []}

    def open(self) -> SharedLab:
        return open_shared_lab("SQLite", BANK, self.data)

    def move(self) -> list[str]:
        """The three statements of a transfer."""
        amount, note = self.rng.randint(1, self.balance), self.rng.choice(NOTES)
        return [
            f"UPDATE accounts SET balance = balance - {amount} WHERE id = {self.payer}",
            f"UPDATE accounts SET balance = balance + {amount} WHERE id = {self.payee}",
            f"INSERT INTO transfers VALUES ({self.payer}, {self.payee}, {amount}, '{note}')",
        ]

    def good_lists(self) -> list[StatementList]:
        """A transfer; a long list with repeats, which comes out differently in another order; and an empty one."""
        more = [f"insert into transfers values ({self.payee}, {self.payer}, 1, 'again')"] * 2
        more += [f"INSERT INTO accounts VALUES ({self.newcomer}, 0)"]
        more += [f"UPDATE accounts SET balance = balance * 2 + {n % 7} WHERE id = {self.payee}" for n in range(9)]
        more += [f"INSERT INTO transfers VALUES (1, 2, {n}, NULL)" for n in range(LONG)]
        return [StatementList(tuple(self.move())), StatementList((*self.move(), *more)), StatementList(())]

    def bad_lists(self) -> list[StatementList]:
        """Lists in which one statement fails: the last one, the first, one in the middle, one behind many others."""
        too_much = self.balance + self.rng.randint(1, 9)
        overdraw = f"UPDATE accounts SET balance = balance - {too_much} WHERE id = {self.payer}"
        unknown = f"INSERT INTO {self.rng.choice(('nowhere', 'account', 'transfer'))} VALUES (1)"
        no_payee = f"INSERT INTO transfers VALUES ({self.payer}, NULL, {self.rng.randint(1, 90)}, 'rent')"
        known = f"INSERT INTO accounts VALUES ({self.payee}, 0)"
        take, give, note = self.move()
        lists = [
            StatementList((take, give, no_payee), "the last one breaks NOT NULL"),
            StatementList((note, known, give), "the second one repeats a key"),
            StatementList((give, overdraw, note), "the second one overdraws"),
            StatementList((take, give, unknown), "the last one has no sense"),
            StatementList((unknown, take, give), "the first one has no sense"),
            StatementList((give, *[note] * LONG, overdraw), "the last one overdraws"),
        ]
        self.rng.shuffle(lists)
        return lists


@dataclass(frozen=True)
class ListRun:
    """What came of one list."""

    given: StatementList
    """The list."""
    right: State
    """What should be in the database afterwards."""
    call: CallRecord[dict[str, list[Row]]]
    """The call."""

    @property
    def saves_one_by_one(self) -> bool:
        """Whether no transaction was open from the first statement of the list that was run to the last."""
        before, among, _ = self._other_words
        return not {"BEGIN", "SAVEPOINT", "SET"} & before or bool(ENDS & among)

    @property
    def commits_afterwards(self) -> bool:
        """Whether a transaction was committed after the last statement of the list that was run."""
        return bool(ENDS & self._other_words[2])

    @property
    def _other_words(self) -> tuple[set[str], set[str], set[str]]:
        """What the statements begin with that are not of the list: before its own, among them, and behind them."""
        own = set(self.given.statements)
        words = ["" if one in own else re.split(r"\W", one.upper(), maxsplit=1)[0] for one in self.call.statements]
        if "" not in words:
            return set(), set(), set()
        first, last = words.index(""), len(words) - words[::-1].index("")
        return set(words[:first]), set(words[first:last]), set(words[last:])


@dataclass(frozen=True)
class ListRuns:
    """What came of lists of statements, each on the rows of the beginning."""

    good: Series[ListRun]
    """Those whose statements all go through."""
    bad: Series[ListRun]
    """Those in which a statement fails."""
    calls_begin: bool
    """Whether the answer calls a method `begin`, which no connection of sqlite3 has."""


@experiment("all-or-nothing")
def run_lists(attempt: Attempt) -> ListRuns:
    """Run good lists of statements and bad ones."""
    bank = _Bank(attempt.seed)

    def run(lab: SharedLab, lists: list[StatementList], rights: list[State]) -> Series[ListRun]:
        cases = [(list(one.statements),) for one in lists]
        calls = run_calls(lab, attempt.answer, cases, read=lambda lab: lab.dump())
        runs = zip(lists, rights, calls.observations, strict=False)
        return Series(tuple(ListRun(one, right, call) for one, right, call in runs), calls.end)

    good, bad = bank.good_lists(), bank.bad_lists()
    with bank.open() as lab:
        rights = [_run_all(lab, one) for one in good]
        return ListRuns(
            run(lab, good, rights), run(lab, bad, [bank.data] * len(bad)), ".begin(" in attempt.answer.source
        )


def _run_all(lab: SharedLab, one: StatementList) -> State:
    """What the statements leave, one after the other."""
    lab.rewind()
    for statement in one.statements:
        lab.execute(statement)
    return lab.dump()


@experiment("all-or-nothing")
def cut_power_in_list(attempt: Attempt) -> CrashSweep:
    """Cut the power before each statement of a good list."""
    bank = _Bank(attempt.seed)
    one = StatementList(tuple(bank.move()))
    with bank.open() as lab:
        after = _run_all(lab, one)

        def find_half_done(lab: SharedLab) -> str:
            state = lab.dump()
            return "" if state in (bank.data, after) else _describe(state)

        return sweep_crashes(lab, make_script(attempt.answer, list(one.statements)), find_half_done)


@claim(run_lists, weight=0)
def commits_good_list(runs: ListRuns) -> None:
    """`run_all` runs every statement of a good list, in its order, and what they did is saved"""
    for run in runs.good:
        call = run.call
        if call.state != run.right:
            swallowed = runs.calls_begin and not call.exception and not call.statements
            hint = "Not one statement reached SQLite. What does the connection say to begin, and who swallows it?"
            raise _state_mismatch(run, hint if swallowed else "")
        require_clean_end(call)


@claim(run_lists, weight=1, after=commits_good_list)
def rolls_back_bad_list(runs: ListRuns) -> None:
    """if a statement fails, nothing has changed"""
    for run in runs.bad:
        if run.call.state != run.right:
            hint = ""
            if run.saves_one_by_one:
                hint = "Some of the list was saved: outside a transaction, each statement is a transaction of its own."
            elif run.commits_afterwards:
                hint = "COMMIT saves what went through before the error. Does yours come after a failure as well?"
            raise _state_mismatch(run, hint)


@claim(run_lists, weight=1, after=rolls_back_bad_list)
def list_leaves_nothing_open(runs: ListRuns) -> None:
    """it leaves no transaction open"""
    for run in runs.bad:
        if run.call.left_open:
            hint = "Who ends the transaction when a statement fails? Until then nobody else can write."
            raise Mismatch(f"no open transaction, when {run.given.flaw}", "one that is still open", hint=hint)


@claim(run_lists, weight=2, after=rolls_back_bad_list)
def raises_on_bad_list(runs: ListRuns) -> None:
    """if a statement fails, an exception reaches the caller"""
    for run in runs.bad:
        if not run.call.exception:
            hint = "Who learns of the error, if the function ends as if all were well?"
            raise Mismatch("an exception", f"it gave `{run.call.value!r:.60}`", hint=hint, tables=[run.given.table])


@claim(cut_power_in_list, weight=1, after=commits_good_list)
def list_survives_power_cuts(sweep: CrashSweep) -> None:
    """a power cut before any statement leaves all of the list done, or nothing"""
    if sweep.first_violation:
        raise cut_mismatch("everything as before, or everything done", sweep.first_violation)


def _state_mismatch(run: ListRun, hint: str) -> Mismatch:
    right, found = _describe(run.right), _describe(run.call.state)
    found = "other rows in `transfers`" if found == right else found
    found = run.call.exception if run.call.exception and not run.given.flaw else found
    return Mismatch(right, found, hint, tables=[run.given.table])


def _describe(state: State) -> str:
    accounts = state.get("accounts", [])
    if other := next((row for row in accounts if len(row) != 2), None):
        return f"`accounts` has {len(other)} columns"
    balances = ", ".join(str(balance) for _, balance in accounts)
    return f"the balances are {balances or 'gone'}, transfers noted: {len(state.get('transfers', []))}"
