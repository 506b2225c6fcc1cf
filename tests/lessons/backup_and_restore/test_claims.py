"""What the build does not try of the lesson on backup and restore: lazy answers, and those that are nearly right."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, earns_little, judge_answer

LESSON = LESSONS["backup-and-restore"]
report_on = partial(judge_answer, LESSON.name)

LAZY = {
    "order-the-backup": ["a", "e", "e a", "f", "d"],
    "write-a-backup": [
        "def backup(source, target):\n    return target",
        "def backup(source, target):\n    open(target, 'w').close()",
        "import os\ndef backup(source, target):\n    os.rename(source, target)",
    ],
    "verify-a-copy": [
        "def verify(path, expected):\n    return True",
        "def verify(path, expected):\n    return False",
        "import os\ndef verify(path, expected):\n    return os.path.getsize(path) > 0",
    ],
    "keep-the-newest-good": [
        "def expired(backups, today):\n    return []",
        "def expired(backups, today):\n    return [name for name, day, verified in backups]",
    ],
    "accounts-at-an-instant": ["SELECT * FROM base", "SELECT account_id, balance FROM changes"],
    "recover-the-bank": [
        "def recover(copies, taken, changes, moment, target):\n    raise RuntimeError('no copy')",
        "def recover(copies, taken, changes, moment, target):\n    open(target, 'w').close()",
    ],
}


@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_nothing_and_never_break_a_check(name, text):
    """Does an answer that does not do the work earn nothing?"""
    assert earns_little(report_on(name, text), share=0)


def hints_of(name, text):
    return " ".join(report_on(name, text).hints)


ROTATION = """def expired(backups, today):
    good = sorted((day, name) for name, day, verified in backups if verified)
    kept = {{name for _, name in good[-{count}:]}}
    return [name for name, day, _ in backups if {condition}]
"""
OLD, NEEDED = "today - day > 30", "name not in kept"


@pytest.mark.parametrize(
    ("count", "condition", "outcomes"),
    [
        (7, f"{OLD} and {NEEDED}", [True, True, True]),
        (8, f"{OLD} and {NEEDED}", [True, True, False]),
        (6, f"{OLD} and {NEEDED}", [True, False, True]),
        (7, f"today - day > 31 and {NEEDED}", [False, None, None]),
        (7, f"today - day >= 30 and {NEEDED}", [False, None, None]),
        (7, f"{OLD} and {NEEDED} and name", [True, True, True]),
    ],
    ids=["right", "eight", "six", "a day late", "a day early", "names"],
)
def test_rotation_is_exact_at_its_bounds(count, condition, outcomes):
    """Is one backup or one day too many or too few noticed, each by its own claim?"""
    report = report_on("keep-the-newest-good", ROTATION.format(count=count, condition=condition))
    found = {"holds": True, "does not hold": False, "needs the line above": None}
    assert [found[one.outcome.value] for one in report.verdicts[-3:]] == outcomes


RECOVERY = """import shutil, sqlite3
def recover(copies, taken, changes, moment, target):
    path, start = max(((path, time) for path, time in zip(copies, taken) if time < moment), key=lambda one: one[1])
    shutil.copyfile(path, target)
    bank = sqlite3.connect(target)
    for time, statement in changes:
        if {condition}:
            bank.execute(statement)
    bank.commit()
"""


def test_a_recovery_that_trusts_the_newest_copy_is_told_which_night_fails():
    """Does a recovery without a look at its copy bring the bank back from a whole one, and from no other?"""
    report = report_on("recover-the-bank", RECOVERY.format(condition="start < time < moment"))
    assert [one.outcome.value for one in report.verdicts[-4:-2]] == ["holds", "does not hold"]
    assert "cut off" in report.verdicts[-3].expected


def test_a_replay_of_every_change_is_told_no_hint_that_is_untrue():
    """Is a replay of the whole log, which fails at a number that is there, shown its exception and no hint?"""
    report = report_on("recover-the-bank", RECOVERY.format(condition="time < moment"))
    assert report.score == 0
    assert not report.hints
    assert "UNIQUE" in " ".join(one.found for one in report.verdicts if one.found)
