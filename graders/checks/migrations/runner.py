"""Claims on a runner of migration files: up and down to a target, whole or not at all, and never on a changed file."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from graders import Attempt, Mismatch, claim, experiment
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import raise_if_mismatch
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.techniques.power_cuts import CrashSweep, sweep_crashes
from graders.techniques.schedules import make_script, query_final_state

Files = dict[str, str]
FILES: Files = {
    "10_prices.up.sql": "INSERT INTO orders SELECT 1, customer_id FROM customers;\n"
    "ALTER TABLE orders ADD COLUMN cents INTEGER;\n",
    "10_prices.down.sql": "ALTER TABLE orders DROP COLUMN cents;\nDELETE FROM orders;\n",
    "2_orders.up.sql": "CREATE TABLE orders (order_id INTEGER, customer_id INTEGER);\n"
    "CREATE INDEX of_customer ON orders (customer_id);\n",
    "2_orders.down.sql": "DROP INDEX of_customer;\nDROP TABLE orders;\n",
    "9_notes.up.sql": "CREATE TABLE notes (order_id INTEGER);\n"
    "CREATE TRIGGER noted AFTER INSERT ON orders BEGIN\n    INSERT INTO notes VALUES (new.order_id);\nEND;\n",
    "9_notes.down.sql": "DROP TRIGGER noted;\nDROP TABLE notes;\n",
    "1_customers.up.sql": "CREATE TABLE customers (customer_id INTEGER);\nINSERT INTO customers VALUES (1);\n",
    "1_customers.down.sql": "DROP TABLE customers;\n",
}


def _up_texts(files: Files) -> dict[int, str]:
    return {int(name.partition("_")[0]): text for name, text in files.items() if name.endswith(".up.sql")}


UP = _up_texts(FILES)
# The table `returns` was made by hand, so this up has never run; its down would drop what others made.
UNAPPLIED = {
    "11_returns.up.sql": "CREATE TABLE returns (order_id INTEGER);\n",
    "11_returns.down.sql": "DROP TABLE IF EXISTS returns;\n",
}
BROKEN = {
    "12_refunds.up.sql": "CREATE TABLE refunds (order_id INTEGER);\nINSERT INTO no_such_table VALUES (1);\n",
    "12_refunds.down.sql": "DROP TABLE refunds;\n",
}
BROKEN_DOWN = {"2_orders.down.sql": "DROP INDEX of_customer;\nDROP TABLE no_such_table;\n"}
MANY_STATEMENTS = 12
# The last sign of what was noted is another one.
NEARLY_NOTED = """UPDATE applied SET checksum = substr(checksum, 1, 63) || iif(substr(checksum, 64) = '0', '1', '0')
WHERE number = 9;"""
APPLIED = "CREATE TABLE applied (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL);"
ALL = (1, 2, 9, 10)
OBJECTS_OF = {1: ["customers"], 2: ["of_customer", "orders"], 9: ["noted", "notes"], 10: []}
NOTES = "SELECT number, checksum FROM applied ORDER BY number"
OBJECTS = "SELECT name FROM sqlite_schema WHERE name <> 'applied' ORDER BY name"
# How much of each migration is there: 0 for nothing, 2 for all of it.
PROGRESS = {
    1: "SELECT 2 * count(*) FROM customers",
    2: "SELECT count(*) FROM sqlite_schema WHERE name IN ('orders', 'of_customer')",
    9: "SELECT count(*) FROM sqlite_schema WHERE name IN ('notes', 'noted')",
    10: "SELECT (SELECT count(*) FROM pragma_table_info('orders') WHERE name = 'cents') + count(*) FROM orders",
}


def checksum(text: str) -> str:
    """What the table `applied` keeps of an up file."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class RunnerCall:
    """A call of a runner: from where, with which files, and where to."""

    applied: tuple[int, ...]
    """The migrations that have been applied before."""
    direction: str
    target: int
    files: Files
    by_hand: str = ""
    """What somebody has done beside them, in SQL."""
    changed: int = 0
    """The number of the up file that was changed after it had been applied; 0 for none."""
    originals: Files = field(default_factory=dict)
    """That file as it was when it was applied."""
    missing: str = ""
    """The name of the down file that is not there."""

    def __str__(self) -> str:
        return f"{self.direction} to {self.target} from {list(self.applied)}"

    def setup(self) -> str:
        """The script that makes the database from which the call starts."""
        texts = _up_texts(self.files | self.originals)
        notes = "".join(f"INSERT INTO applied VALUES ({one}, '{checksum(texts[one])}');" for one in self.applied)
        return "".join(texts[one] for one in self.applied) + notes + self.by_hand


CHANGED = (
    (RunnerCall((1, 2), "up", 10, FILES), 1),
    (RunnerCall((1, 2, 9), "up", 10, FILES), 9),
    (RunnerCall(ALL, "up", 2, FILES), 9),
    (RunnerCall(ALL, "down", 9, FILES), 2),
    (RunnerCall(ALL, "down", 2, FILES), 10),
)
"""Calls with an up file that was changed, and its number."""


@dataclass(frozen=True)
class CallResult:
    """What a call left behind."""

    call: RunnerCall
    exception: str
    """What it raised, in words; "" for nothing."""
    notes: list[Row]
    """The rows of `applied`."""
    objects: list[str]
    """The names of all other tables, indexes and triggers."""

    @property
    def numbers(self) -> list[int]:
        """The numbers in `applied`."""
        return [number for number, _ in self.notes]


CallResults = list[CallResult | Mismatch]


def _call_each(attempt: Attempt, *calls: RunnerCall) -> CallResults:
    with open_shared_lab("SQLite", APPLIED) as lab:
        return [catch_mismatch(partial(_call, attempt, lab, call)) for call in calls]


def _call(attempt: Attempt, lab: SharedLab, call: RunnerCall) -> CallResult:
    lab.rewind()
    lab.run(call.setup())
    with lab.connect() as session:
        running = attempt.answer.begin(session, call.files, call.direction, call.target)
        while request := running.waiting():
            running.hand_back(request.run())
        if session.in_transaction():
            hint = "What is not committed is undone when the connection closes. Where does each transaction end?"
            raise Mismatch("no open transaction at the end", "one that is open", hint=hint)
    objects = [name for (name,) in query_final_state(lab, OBJECTS)]
    return CallResult(call, running.raised(), query_final_state(lab, NOTES), objects)


def _require_version(result: CallResult, numbers: list[int], when: str = "") -> None:
    """Raise `Mismatch` unless exactly the migrations `numbers` are noted and done."""
    expected = sorted(name for number in numbers for name in OBJECTS_OF[number])
    objects = [name for name in result.objects if name != "returns"]
    if (result.numbers, objects) != (numbers, expected):
        words = f"{result.numbers} noted; there are {', '.join(objects) or 'no tables'}"
        when = when or str(result.call)
        told_apart = any(OBJECTS_OF[number] for number in {*result.numbers} ^ {*numbers} if number in OBJECTS_OF)
        hint = _hint_at_state(when, len(result.numbers) - len(numbers), objects == expected and told_apart)
        raise Mismatch(f"{when}: migrations {numbers} done and noted", words, hint=hint)


LATE = str(RunnerCall((1, 2, 10), "up", 10, FILES))


def _hint_at_state(when: str, surplus: int, done: bool) -> str:
    if when.startswith("up") and surplus > 0:
        return "It goes further up than to the target. Which number is the last that was asked for?"
    if when.startswith("down") and surplus < 0:
        return "It goes further down than to the target. Which number is the last that has to stay?"
    if when == LATE and surplus < 0:
        return "A colleague's migration came late. Which are applied: all below the largest number, or those noted?"
    if done:
        return "The tables are as asked, and `applied` says something else. What does a runner note on each way?"
    return ""


@experiment("crash-safe-runner")
def migrate_up(attempt: Attempt) -> CallResults:
    """Call the runner to go up, from several starts."""
    starts = (((), 10), ((1,), 10), ((1, 2, 10), 10), ((1, 2), 9), (ALL, 10))
    calls = [RunnerCall(applied, "up", target, FILES) for applied, target in starts]
    return _call_each(attempt, *calls, _draw_long_way(random.Random(attempt.seed)))


def _draw_long_way(rng: random.Random) -> RunnerCall:
    """Go up through many files, the first a long one, each needing the one before, to a target between two of them."""
    *numbers, target, last = sorted(rng.sample(range(max(ALL) + 1, 400), 16))
    files: Files = {}
    before = "DROP TABLE IF EXISTS spare;\n" * MANY_STATEMENTS
    for number in (*numbers, last):
        up = before + f"CREATE TABLE coupons_{number} (code TEXT);\n"
        before = f"INSERT INTO coupons_{number} VALUES ('next');\n"
        files |= {f"{number}_coupons.up.sql": up, f"{number}_coupons.down.sql": f"DROP TABLE coupons_{number};\n"}
    names = rng.sample(sorted(files), len(files))
    return RunnerCall((), "up", target, {name: files[name] for name in names})


def _turn_back(way: RunnerCall) -> RunnerCall:
    """Go down the same way, to the second of its migrations."""
    numbers = sorted(number for number in _up_texts(way.files) if number <= way.target)
    return replace(way, applied=tuple(numbers), direction="down", target=numbers[1])


def _require_long_way(result: CallResult) -> None:
    if result.exception:
        raise Mismatch(f"{result.call} to run", result.exception)
    numbers = sorted(number for number in _up_texts(result.call.files) if number <= result.call.target)
    if result.numbers != numbers:
        raise Mismatch(f"migrations {numbers} noted, {result.call}", f"{result.numbers}")


@claim(migrate_up)
def up_applies_pending_migrations(results: CallResults) -> None:
    """up applies what is not applied yet, in the order of the numbers, up to the target, and notes each checksum"""
    *ways, long_way = map(raise_if_mismatch, results)
    for result in ways:
        if result.exception:
            raise Mismatch(f"{result.call} to run", result.exception, hint=_hint_at_exception(result))
        _require_version(result, [number for number in ALL if number <= result.call.target])
        if dict(result.notes) != {number: checksum(UP[number]) for number in result.numbers}:
            raise Mismatch("the checksum of each up file in `applied`", "something else")
    _require_long_way(long_way)


def _hint_at_exception(result: CallResult) -> str:
    if "incomplete" in result.exception:
        return "A statement was cut at a semicolon inside a trigger. Which function above knows where one ends?"
    if "already exists" in result.exception and result.call.applied:
        return "Some of the migrations are in `applied` already. Which of them does it run?"
    if "no such table" in result.exception:
        return "A later migration needs the tables of those before. In which order does it run them?"
    return ""


@experiment("crash-safe-runner")
def migrate_down(attempt: Attempt) -> CallResults:
    """Call the runner to go down: first beside a table that was made by hand, then from several starts."""
    spares = RunnerCall(ALL, "down", 9, FILES | UNAPPLIED, by_hand=UNAPPLIED["11_returns.up.sql"])
    starts = ((ALL, 2), (ALL, 0), ((1, 2), 1))
    calls = (RunnerCall(applied, "down", target, FILES) for applied, target in starts)
    return _call_each(attempt, spares, *calls, _turn_back(_draw_long_way(random.Random(attempt.seed))))


@claim(migrate_down, after=up_applies_pending_migrations)
def down_reverts_applied_migrations(results: CallResults) -> None:
    """down takes back what is applied above the target, the last first, and nothing that never ran"""
    spares, *others, long_way = map(raise_if_mismatch, results)
    if "returns" not in spares.objects:
        hint = "Migration 11 is not in `applied`: somebody made the table by hand. Who says what may be taken back?"
        raise Mismatch("the table `returns`, which migration 11 did not make", "it is gone", hint=hint)
    _require_version(spares, [1, 2, 9], "down to 9")
    for result in others:
        if result.exception:
            hint = "10 was built upon 2, so 2 cannot go first. In which order are they taken back, and which?"
            hint = hint if "no such" in result.exception else ""
            raise Mismatch(f"{result.call} to run", result.exception, hint=hint)
        _require_version(result, [number for number in result.call.applied if number <= result.call.target])
    _require_long_way(long_way)


def find_partial_migration(lab: SharedLab) -> str:
    """An invariant: which migration is not done as a whole and noted, or neither, in words."""
    numbers = [number for number, *_ in query_final_state(lab, NOTES)]
    for number, query in PROGRESS.items():
        (outcome,) = lab.outcomes([query])
        done = 0 if isinstance(outcome, EngineError) else outcome.rows[0][0]
        if done not in (0, 2):
            return f"half of migration {number} is there"
        if bool(done) != (number in numbers):
            return f"migration {number} is {'done but not noted' if done else 'noted but not done'}"
    return ""


def _find_unfinished(target: int) -> Callable[[SharedLab], str]:
    """An invariant after a second run: all is whole, and nothing above `target` is missing or left."""

    def find(lab: SharedLab) -> str:
        numbers = [number for number, *_ in query_final_state(lab, NOTES)]
        return find_partial_migration(lab) or (
            "" if numbers == [one for one in ALL if one <= target] else f"{numbers} noted"
        )

    return find


@experiment("crash-safe-runner")
def crash_runner(attempt: Attempt) -> dict[str, CrashSweep]:
    """Cut the power at every place of a way up and of a way down."""
    calls = (RunnerCall(ALL[:-1], "up", 10, FILES), RunnerCall(ALL, "down", 9, FILES))
    return {call.direction: _sweep(attempt, call) for call in calls}


def _sweep(attempt: Attempt, call: RunnerCall) -> CrashSweep:
    script = make_script(attempt.answer, call.files, call.direction, call.target)
    schema = APPLIED + call.setup()
    unfinished = _find_unfinished(call.target)
    with open_shared_lab("SQLite", schema) as lab:
        return sweep_crashes(lab, script, find_partial_migration, rerun=unfinished)


@claim(crash_runner, weight=2, after=down_reverts_applied_migrations)
def survives_a_power_cut(sweeps: dict[str, CrashSweep]) -> None:
    """after a power cut, going up or down, each migration is done and noted or neither; a second run completes it"""
    for direction, sweep in sweeps.items():
        if cut := sweep.first_violation:
            expected = f"each migration done and noted, or neither, going {direction}"
            raise Mismatch(expected, cut.words, hint=_hint_at_cut(cut.violation))


def _hint_at_cut(broken: str) -> str:
    if not broken:
        return ""
    if "noted" in broken:
        return "The migration and its note were not one transaction. Where is the note written?"
    return "Which statements belong together? `executescript` commits what is open, and then each of them by itself."


@experiment("crash-safe-runner")
def provoke_errors(attempt: Attempt) -> CallResults:
    """Call the runner with migrations that fail, with changed files, and without a file."""
    rng = random.Random(attempt.seed)
    long_way = _turn_back(_draw_long_way(random.Random(attempt.seed)))
    changed = [_change(call, number) for call, number in (*CHANGED, (long_way, long_way.applied[-1]))]
    missing = (_lose(RunnerCall(ALL, "down", 0, FILES), 2), _lose(long_way, long_way.applied[2]))
    spare = (_lose(RunnerCall((1, 2), "up", 10, FILES), 9), _lose(RunnerCall(ALL, "down", 2, FILES), 1))
    changed.append(RunnerCall(ALL, "up", 10, FILES, by_hand=NEARLY_NOTED, changed=9))
    failing = (RunnerCall((1, 2), "up", 12, FILES | BROKEN), RunnerCall(ALL, "down", 1, FILES | BROKEN_DOWN))
    return _call_each(attempt, *failing, *rng.sample(changed, len(changed)), *missing, *spare)


def _change(call: RunnerCall, number: int) -> RunnerCall:
    """The same call, with another text in the up file of this number."""
    name = next(name for name in call.files if name.startswith(f"{number}_") and ".up." in name)
    original = {name: call.files[name]}
    changed = {name: f"{call.files[name]}-- nicer\n"}
    return replace(call, files=call.files | changed, changed=number, originals=original)


def _lose(call: RunnerCall, number: int) -> RunnerCall:
    """The same call, without the down file of this number."""
    name = next(name for name in call.files if name.startswith(f"{number}_") and ".down." in name)
    return replace(call, files={one: text for one, text in call.files.items() if one != name}, missing=name)


@claim(provoke_errors, after=up_applies_pending_migrations)
def stops_at_failure(results: CallResults) -> None:
    """when a statement is refused it raises the error, and the database is at the version before"""
    up, down = map(raise_if_mismatch, results[:2])
    goes_down = down.exception or down.numbers != list(ALL)
    for result, number in ((up, 12), (down, 2)) if goes_down else ((up, 12),):
        if not result.exception:
            hint = "Who starts the new application if nobody hears that the migration failed?"
            words = f"an exception when migration {number} fails, going {result.call.direction}"
            raise Mismatch(words, "none", hint=hint)
    if "refunds" in up.objects:
        hint = "Migration 12 failed in its second statement. Who takes its first one back?"
        raise Mismatch("nothing of migration 12", "its table `refunds`", hint=hint)
    _require_version(up, list(ALL), "after the failure of 12")
    if goes_down:
        _require_version(down, [1, 2], "after the failure of the way down from 2")


@claim(provoke_errors, after=up_applies_pending_migrations)
def checks_files_first(results: CallResults) -> None:
    """an up file changed after it was applied, or a needed down file missing, is a ValueError before anything runs"""
    *stopped, up, down = map(raise_if_mismatch, results[2:])
    for result in stopped:
        changed = result.call.changed
        case = f"{result.call}, {f'file {changed} was changed' if changed else f'no file {result.call.missing}'}"
        if not result.exception:
            hint = "What did `applied` keep of the file, and which files will be needed? Both can be known beforehand."
            raise Mismatch(f"{case}: ValueError", "no exception", hint=hint)
        if result.numbers != list(result.call.applied):
            hint = "When does it look: before the first statement, or on the way?"
            raise Mismatch(f"{case}: nothing done", f"{result.numbers} in `applied`", hint=hint)
        if "ValueError" not in result.exception:
            raise Mismatch(f"{case}: ValueError", result.exception)
    for result in (up, down):
        if result.exception:
            hint = "This file takes nothing back on this way. Which down files does a way need, and in which direction?"
            raise Mismatch(
                f"{result.call}, no file {result.call.missing}: to run all the same", result.exception, hint=hint
            )
