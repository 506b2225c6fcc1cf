"""Are sound and faulty backup functions told apart, each fault by what could not be restored?"""

from dataclasses import replace

import pytest
from backups.backup_functions import FAULTY, SOUND, function

from graders.sandbox import Sandbox, best_isolation
from graders.techniques.backups import LiveDatabase, Night, judge_backup

SCHEMA = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT, balance INTEGER);
CREATE TABLE transfers (id INTEGER PRIMARY KEY, payer INTEGER, amount INTEGER, note TEXT);
CREATE TABLE letters (id INTEGER PRIMARY KEY, text TEXT);
CREATE INDEX of_payer ON transfers (payer);
PRAGMA user_version = 7;
"""
ACCOUNTS = [(number, f"owner {number}", 100) for number in range(1, 41)]
TRANSFERS = [(number, number, 5, "a note " * 10) for number in range(1, 31)]
LETTERS = [(number, f"letter {number} " * 300) for number in range(12)]
MEANWHILE = tuple(
    (
        f"UPDATE accounts SET balance = balance - 1 WHERE id = {1 + number % 5}",
        f"INSERT INTO transfers VALUES ({100 + number}, {1 + number % 5}, 1, 'meanwhile')",
    )
    for number in range(30)
)
NIGHT = Night(
    LiveDatabase(SCHEMA, {"accounts": ACCOUNTS, "transfers": TRANSFERS, "letters": LETTERS}, MEANWHILE),
    LiveDatabase(SCHEMA, {"accounts": ACCOUNTS[:-1], "transfers": TRANSFERS[:-2], "letters": LETTERS}),
)


DAMAGED = replace(NIGHT.live, transactions=(), damaged_index="of_payer", data={**NIGHT.live.data})
DAMAGED.data["transfers"] = DAMAGED.data.pop("transfers")


def judge(body, isolation=None):
    with Sandbox(isolation=isolation) as sandbox:
        return judge_backup(sandbox.define(function(body), "backup"), NIGHT).first


@pytest.mark.parametrize("name", SOUND)
def test_sound_functions_lose_nothing(name):
    """Does a function that copies right in its own way pass every trial?"""
    assert judge(SOUND[name]) is None


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_functions_are_told_by_what_is_lost(name):
    """Does each fault come to light in the trial that is made for it, and name what does not come back?"""
    kind, body = FAULTY[name]
    fault = judge(body)
    assert fault and fault.kind.startswith(kind), fault
    assert fault.found


@pytest.mark.parametrize("name", ["pages, then a new name", "into a folder of its own"])
def test_isolation_changes_nothing(name):
    """Is the verdict in the grader's sandbox the one of the notebook?"""
    assert judge(SOUND[name], best_isolation()) is None
    assert judge(FAULTY["cp"][1], best_isolation()).kind == "quiet: copied rows"


def test_functions_that_do_not_end_are_told_so():
    """Is a function that takes steps for ever ended?"""
    fault = judge("while True:\n    open(target, 'wb').close()")
    assert fault.kind == "no end"
    assert fault.expected == "a backup that comes to its end"


CHECKED = """
temp = fresh(target)
new = sqlite3.connect(temp)
read_only(source).backup(new)
if new.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
    raise RuntimeError("the copy is damaged")
new.close()
os.replace(temp, target)
"""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (CHECKED, None),
        (CHECKED.replace("integrity_check", "quick_check"), "damaged source: damaged"),
        (SOUND["pages, then a new name"], "damaged source: damaged"),
        (SOUND["VACUUM INTO, then a new name"], "damaged source: damaged"),
    ],
    ids=["checked", "checked quickly", "not checked", "VACUUM INTO"],
)
def test_a_damaged_source_must_not_replace_a_good_backup(body, kind):
    """Is a copy that was not looked at told from one that was? VACUUM INTO copies a damaged index too."""
    with Sandbox() as sandbox:
        night = replace(NIGHT, damaged=DAMAGED)
        fault = judge_backup(sandbox.define(function(body), "backup"), night).first
    assert (fault and fault.kind) == kind


COPY = "shutil.copy(source, target)"
AROUND = {
    "its steps go to nobody": f"open.__globals__['watch'].step = lambda *_, **__: None\n{COPY}",
    "it is busy meanwhile": f"watch = open.__globals__['watch']\nwatch._busy = True\n{COPY}\nwatch._busy = False",
    "the plain open": "plain = getattr(open, '__globals__')['plain_open']\nplain(target, 'wb').write(b'')",
    "a frame": f"import sys\nsys._getframe(1).f_globals['watch'] = None\n{COPY}",
    "all objects": f"import gc\nfor one in gc.get_objects():\n    getattr(one, '_busy', 1) or one.stop()\n{COPY}",
}


@pytest.mark.parametrize("name", AROUND)
def test_ways_round_the_watch_are_refused(name):
    """Is a function refused that reaches for what watches it?"""
    fault = judge(AROUND[name])
    assert fault.kind == "no end"
    assert fault.found.startswith("one that reaches for `")


def test_a_function_that_is_not_watched_to_its_end_is_told_so():
    """Is a function refused that puts the watch over its steps out of work by a name that it makes up?"""
    fault = judge(
        "getattr(open, '__glo' + 'bals__')['watch'].step = lambda *_, **__: None\nshutil.copy(source, target)"
    )
    assert fault.kind == "no end"
    assert fault.found == "one that keeps its steps from being seen"
