"""Claims on a runner of migration files: up and down to a target, whole or not at all, and never on a changed file."""

from __future__ import annotations

from graders import Mismatch, claim
from graders.checks.migrations.files import (
    ALL,
    BROKEN,
    FILES,
    LEAVES,
    NEVER_RAN,
    checksum,
    names,
    noted,
    opened_at,
    torn,
    up_files,
)
from graders.labs import SharedLab
from graders.techniques.crashes import sweep_crashes
from graders.techniques.schedules import make_script, query_final_state, run_in_order


def _ran(migrate, lab: SharedLab, files: dict[str, str], direction: str, target: int) -> str:
    """What the function raised, "" for nothing; raise `Mismatch` if it left a transaction open."""
    schedule = run_in_order(lab, {"runner": make_script(migrate, files, direction, target)}, ())
    if schedule.left_open:
        hint = "What is not committed is undone when the connection closes. Where does each transaction end?"
        raise Mismatch("no open transaction at the end", "one that is open", hint=hint)
    return schedule.failed.get("runner", "")


def _stands_at(lab: SharedLab, numbers: list[int], asked: str) -> None:
    """Raise `Mismatch` unless exactly the migrations `numbers` are noted and done, after what was `asked`."""
    expected = sorted(name for number in numbers for name in LEAVES[number])
    found, there = noted(lab), names(lab)
    if (found, there) != (numbers, expected):
        words = f"{found} noted; there are {', '.join(there) or 'no tables'}"
        hint = _missed(asked, len(found) - len(numbers), there == expected)
        raise Mismatch(f"{asked}: migrations {numbers} done and noted", words, hint=hint)


def _missed(asked: str, too_many: int, done: bool) -> str:
    if asked.startswith("up") and too_many > 0:
        return "It goes further up than to the target. Which number is the last that was asked for?"
    if asked.startswith("down") and too_many < 0:
        return "It goes further down than to the target. Which number is the last that has to stay?"
    if done:
        return "The tables are as asked, and `applied` says something else. What does a runner note on each way?"
    return ""


@claim("migrations-9", worth=1)
def goes_up(migrate):
    """up applies what is not applied yet, in the order of the numbers, up to the target, and notes each checksum"""
    for done, target in (((), 10), ((1,), 10), ((1, 2), 9), (ALL, 10)):
        with opened_at(done) as lab:
            if raised := _ran(migrate, lab, FILES, "up", target):
                raise Mismatch(f"up to {target} from {list(done)} to run", raised, hint=_stumbled(raised, done))
            _stands_at(lab, [number for number in ALL if number <= target], f"up to {target} from {list(done)}")
            kept = dict(query_final_state(lab, "SELECT number, checksum FROM applied"))
            if kept != {number: checksum(text) for number, text in up_files().items() if number in kept}:
                raise Mismatch("the checksum of each up file in `applied`", "something else")


def _stumbled(raised: str, done: tuple[int, ...]) -> str:
    if "incomplete" in raised:
        return "A statement was cut at a semicolon inside a trigger. Which function above knows where one ends?"
    if done:
        return "Some of the migrations are in `applied` already. Which of them does it run?"
    return "Migration 10 needs the tables of 1 and 2. In which order does it run them?"


@claim("migrations-9", worth=1, after=goes_up)
def comes_down(migrate):
    """down takes back what is applied above the target, the last first, and nothing that never ran"""
    _spares_what_never_ran(migrate)
    for done, target in ((ALL, 2), (ALL, 0), ((1, 2), 1)):
        with opened_at(done) as lab:
            if raised := _ran(migrate, lab, FILES, "down", target):
                hint = "10 was built upon 2, so 2 cannot go first. In which order are they taken back, and which?"
                raise Mismatch(f"down to {target} from {list(done)} to run", raised, hint=hint)
            _stands_at(lab, [number for number in done if number <= target], f"down to {target} from {list(done)}")


def _spares_what_never_ran(migrate) -> None:
    with opened_at(ALL, NEVER_RAN["11_returns.up.sql"]) as lab:
        _ran(migrate, lab, FILES | NEVER_RAN, "down", 9)
        if "returns" not in lab.tables():
            hint = "Migration 11 is not in `applied`: somebody made the table by hand. Who says what may be taken back?"
            raise Mismatch("the table `returns`, which migration 11 did not make", "it is gone", hint=hint)
        _stands_at(lab, [1, 2, 9], "down to 9")


def _done(target: int):
    """An invariant after a second run: all is whole, and nothing above `target` is missing or left."""

    def wrong(lab: SharedLab) -> str:
        wanted = [number for number in ALL if number <= target]
        return torn(lab) or ("" if noted(lab) == wanted else f"{noted(lab)} noted")

    return wrong


@claim("migrations-9", worth=2, after=comes_down)
def survives_a_power_cut(migrate):
    """after a power cut, going up or down, each migration is done and noted or neither; a second run completes it"""
    for done, direction, target in ((ALL[:-1], "up", 10), (ALL, "down", 9)):
        script = make_script(migrate, FILES, direction, target)
        with opened_at(done) as lab:
            cut = sweep_crashes(lab, script, torn, rerun=_done(target)).broken
        if cut:
            raise Mismatch(f"each migration done and noted, or neither, going {direction}", cut.words, _cut(cut.broken))


def _cut(broken: str) -> str:
    if not broken:
        return ""
    if "noted" in broken:
        return "The migration and its note were not one transaction. Where is the note written?"
    return "Which statements belong together? `executescript` commits what is open, and then each of them by itself."


@claim("migrations-9", worth=1, after=goes_up)
def stops_at_a_failure(migrate):
    """when a statement is refused it raises the error, and the database is at the version before"""
    with opened_at((1, 2)) as lab:
        raised = _ran(migrate, lab, FILES | BROKEN, "up", 12)
        if not raised:
            hint = "Who starts the new application if nobody hears that the migration failed?"
            raise Mismatch("an exception when migration 12 fails", "none", hint=hint)
        if "refunds" in names(lab):
            hint = "Migration 12 failed in its second statement. Who takes its first one back?"
            raise Mismatch("nothing of migration 12", "its table `refunds`", hint=hint)
        _stands_at(lab, list(ALL), "after the failure of 12")


@claim("migrations-9", worth=1, after=goes_up)
def looks_before_it_leaps(migrate):
    """an up file changed after it was applied, or a missing down file, is a ValueError before anything runs"""
    changed = FILES | {"1_customers.up.sql": FILES["1_customers.up.sql"] + "-- nicer\n"}
    _must_refuse(migrate, (1,), changed, "up", 10)
    without = {name: text for name, text in FILES.items() if name != "2_orders.down.sql"}
    _must_refuse(migrate, ALL, without, "down", 0)


def _must_refuse(migrate, done: tuple[int, ...], files: dict[str, str], direction: str, target: int) -> None:
    case = "a changed file 1" if direction == "up" else "no down file for 2"
    with opened_at(done) as lab:
        raised = _ran(migrate, lab, files, direction, target)
        numbers = noted(lab)
    if not raised:
        hint = "What did `applied` keep of the file, and which files will be needed? Both can be known beforehand."
        raise Mismatch(f"{case}: ValueError", "no exception", hint=hint)
    if numbers != list(done):
        hint = "When does it look: before the first statement, or on the way?"
        raise Mismatch(f"{case}: nothing done", f"{numbers} in `applied`", hint=hint)
    if "ValueError" not in raised:
        raise Mismatch(f"{case}: ValueError", raised)
