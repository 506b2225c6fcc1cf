"""Deals the tests out to processes: together what shares its fixtures, and what takes longest first."""

from __future__ import annotations

import re
from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

LESSONS = "tests/lessons"
# Each of these notebooks runs in a kernel of its own.
ALONE = "tests/lessons/test_notebooks_run.py"
# These look at one class, which is graded once.
GOLDEN_CLASS = [
    f"tests/grading/test_{name}.py" for name in ("class_report", "golden_class", "postgres_gradebook", "accessibility")
]
# These have the keys of all lessons made, which takes half a minute.
WITH_KEYS = [
    f"tests/{name}.py"
    for name in ("hostile/test_lessons_on_engines", "sandbox/test_answers_run_elsewhere", "grading/test_repeatable")
]
# What takes longest, in this order, so that no process is left with it at the end.
LONGEST = (
    *("tests/setup/test_fresh_install.py", "tests/hub", "tests/browser", "tests/hostile", "tests/lessons"),
    *("tests/migrations/test_other_engines.py", "tests/grading", "tests/test_planted_bugs.py", "tests/sandbox"),
)


class LongestFirst(LoadScopeScheduling):
    """Gives a process all tests of one file, of one class, or of one lesson."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if file == ALONE:
            return nodeid
        file = next((group[0] for group in (GOLDEN_CLASS, WITH_KEYS) if file in group), file)
        return _lesson_of(file, test) if file.startswith(LESSONS) else file


def _lesson_of(file: str, test: str) -> str:
    """The lesson that a test is about: the one of its folder, or the one that its parameters begin with."""
    folder = PurePath(file).relative_to(LESSONS).parent.name
    named = re.search(r"\[([a-z-]+)[]:]", test)
    return folder.replace("_", "-") or (named[1] if named else file)


def place_of(nodeid: str) -> int:
    """Where a test comes in the order; those that are not among the longest come last, as they lie."""
    return next((place for place, start in enumerate(LONGEST) if nodeid.startswith(start)), len(LONGEST))
