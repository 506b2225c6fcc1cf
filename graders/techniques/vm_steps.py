"""Counts the work of a statement on SQLite in steps of its virtual machine."""

from __future__ import annotations

from graders.labs import Lab
from graders.labs.sqlite import STEPS_AT_A_TIME


def vm_steps(lab: Lab, statement: str) -> int:
    """Run `statement` on a SQLite lab and give the number of virtual machine steps that it took.

    The same statement on the same data takes the same number on every machine, for one version of SQLite.
    Source: https://www.sqlite.org/c3ref/progress_handler.html
    """
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    lab.connection.set_progress_handler(count, 1)
    try:
        lab.connection.execute(statement).fetchall()
    finally:
        lab.connection.set_progress_handler(lab._count, STEPS_AT_A_TIME)
    return steps
