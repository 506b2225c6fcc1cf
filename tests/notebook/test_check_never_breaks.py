"""Does `check` end in a report or in one sentence, whichever step of it breaks?"""

import sys
from pathlib import Path

import pytest
from awkward_answers import solutions

import graders
from graders.figures.report import ReportDisplay
from graders.notebook.attempt_log import AttemptLog
from graders.notebook.messages import SentenceError
from graders.notebook.notebook_session import NotebookSession

OURS = str(Path(graders.__file__).parent)
# One exercise of each kind: a choice, a query, a function, steps in order, a function on a connection.
EXERCISES = ("compare-with-null", "open-loans", "days-late", "order-a-transfer", "optimistic-lock")
# The guard has nothing above it, and of what its callbacks raise SQLite makes a refusal.
NOT_BROKEN = ("used_as.<locals>.decorate.<locals>.call", "SQLiteSession._noted")


class Injected(Exception):
    """What a step raises; nothing of ours expects it."""


class Steps:
    """Watches the functions of the package as they are entered, and makes one of them raise."""

    def __init__(self, broken=None):
        self.broken = broken
        self.seen = {}

    def __call__(self, frame, event, argument):
        code = frame.f_code
        if code.co_filename.startswith(OURS):
            self.seen[code.co_filename, code.co_qualname] = None
            if (code.co_filename, code.co_qualname) == self.broken:
                raise Injected("broken by the test")

    def watch(self, session, name):
        """What `check` gives, or the exception it ends in, while this is watching."""
        before = sys.gettrace()
        sys.settrace(self)
        try:
            return session.check(name)
        except Exception as error:
            return error
        finally:
            sys.settrace(before)


@pytest.fixture
def session(course, tmp_path):
    """A notebook session that has every solution as its answer."""
    session, solved = NotebookSession(AttemptLog(tmp_path / "attempts.jsonl")), solutions(course)
    for name in EXERCISES:
        session.store_answer(name, solved[name])
    return session


def test_every_step_may_break(session):
    """Is a right answer never called wrong, and is nothing raised but a sentence, with any function broken?"""
    ends = {}
    for name in EXERCISES:
        steps = Steps()
        assert isinstance(steps.watch(session, name), ReportDisplay)
        for step in steps.seen.keys() - ends.keys():
            ends[step] = "" if step[1] in NOT_BROKEN else _end(Steps(step).watch(session, name))
    assert len(ends) > 200
    assert {step: end for step, end in ends.items() if end} == {}


def _end(found):
    """What is wrong with how `check` ended; nothing if it is well."""
    if isinstance(found, ReportDisplay):
        return "" if found.report.status in ("right", "needs review") else f"called {found.report.status}"
    if isinstance(found, SentenceError):
        return "" if "\n" not in str(found) and "Injected" in str(found) else f"not one sentence: {found}"
    return f"ended in {found!r}"


def test_a_damaged_log_costs_no_report(session, tmp_path):
    """Is what somebody has written into the file skipped, and what follows it kept?"""
    (tmp_path / "attempts.jsonl").write_text('{"compare-with-null": 5}\n[]\n{"time": "now"}\n{"lesson": "start-here')
    assert isinstance(session.check("compare-with-null"), ReportDisplay)
    assert [entry.name for entry in session.log.read()] == ["compare-with-null"]
    assert "1 of 4 done" in repr(session.progress())
