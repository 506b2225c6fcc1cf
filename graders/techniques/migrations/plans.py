"""Reads a plan: the steps of a change, in SQL, and when an application is started or stopped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graders.kernel.report import Mismatch
from graders.sql import has_code

MARK = re.compile(r"^[ \t]*--[ \t]*(step|start|stop):[ \t]*(.*?)[ \t]*$", re.M | re.I)
MOST_STEPS = 20


@dataclass(frozen=True)
class PlanStep:
    """A step of a plan: SQL to run, or an application to start or to stop."""

    name: str
    sql: str = ""
    starts: str = ""
    stops: str = ""


def steps_of(text: str) -> list[PlanStep]:
    """Read a plan: SQL behind lines `-- step: words`, and lines `-- start: name` and `-- stop: name`.

    Raise `Mismatch` if there is none, or SQL before the first, or more than twenty.
    """
    before, *pieces = MARK.split(text)
    if has_code(before, "SQLite"):
        raise Mismatch("a line `-- step: words` before the first statement", "a statement")
    steps = []
    for kind, words, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if kind.lower() == "step":
            steps.append(PlanStep(words or f"step {len(steps) + 1}", body))
        else:
            steps.append(PlanStep(f"{kind.lower()} {words}", body, **{f"{kind.lower()}s": words.lower()}))
    if not 0 < len(steps) <= MOST_STEPS:
        raise Mismatch(f"1 to {MOST_STEPS} steps", f"{len(steps)}")
    return steps
