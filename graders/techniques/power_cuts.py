"""Cuts the power before each statement of a script, has the engine recover, and looks whether a rule still holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graders.kernel.report import Mismatch
from graders.labs import EngineError, SharedLab
from graders.labs.lab import Row
from graders.techniques.schedules import (
    Invariant,
    Script,
    Step,
    forget,
    read_final_state,
    record_step,
    start_script,
)

MAX_STEPS = 400


@dataclass(frozen=True)
class Crash:
    """A power cut, and what the engine recovered."""

    steps: tuple[Step, ...]
    """The steps before it."""
    next: str
    """The statement that was to come next; "" after the last one."""
    state: dict[str, list[Row]]
    """The recovered rows of each table."""
    violation: str = ""
    """What the invariant finds wrong with them; "" if nothing."""
    rerun_violation: str = ""
    """What is wrong after the script has been run once more; "" if nothing."""

    @property
    def words(self) -> str:
        """When the power was cut, and what is wrong."""
        number = len(self.steps)
        when = f"after statement {number}, before `{self.next}`" if self.next else f"after the last, statement {number}"
        wrong = self.violation or (f"run once more: {self.rerun_violation}" if self.rerun_violation else "all is well")
        return f"The power is cut {when}: {wrong}."


@dataclass(frozen=True)
class CrashSweep:
    """What came of cutting a script off before each of its statements and after the last."""

    crashes: tuple[Crash, ...]
    """The power cuts, the earliest first."""

    @property
    def first_violation(self) -> Crash | None:
        """The first power cut after which something is wrong."""
        return next((crash for crash in self.crashes if crash.violation or crash.rerun_violation), None)

    @property
    def words(self) -> str:
        """How often the power was cut, and the first cut after which something is wrong."""
        wrong = sum(bool(crash.violation or crash.rerun_violation) for crash in self.crashes)
        words = f"The power was cut at {len(self.crashes)} places; something was wrong after {wrong or 'none'} of them."
        return f"{words} {self.first_violation.words}" if self.first_violation else words


def sweep_crashes(
    lab: SharedLab,
    script: Script,
    invariant: Invariant,
    *,
    rerun: Invariant | None = None,
    due: Callable[[SharedLab], bool] = lambda lab: True,
) -> CrashSweep:
    """Cut the power before each statement of `script` and after the last, before its function has returned.

    `invariant` looks at what the engine recovers. With `rerun`, the script is then run once more, where that is `due`,
    and remembers nothing of the first time: it must come to its end, and `rerun` must find nothing wrong. Cuts that
    leave the same file of SQLite share one second run. Nothing in a function can swallow the cut. Raise `Mismatch` if
    the script has no end, breaks the limits of its sandbox, or leaves nothing to look at.

        sweep_crashes(bank, "UPDATE …; UPDATE …", find_lost_money).first_violation
    """
    steps, copies = _run_whole(lab, script)
    crashes, reruns = [], dict[bytes, str]()
    for count, following in enumerate([*(step.statement for step in steps), ""]):
        if copies:
            lab.power_cut(count)
        else:
            _cut_off(lab, script, count)
        state, violation = read_final_state(lab, lambda lab: lab.dump()), read_final_state(lab, invariant)
        again = _run_again_once(lab, script, rerun, reruns) if rerun and due(lab) else ""
        crashes.append(Crash(tuple(steps[:count]), following, state, violation, again))
    return CrashSweep(tuple(crashes))


def _run_whole(lab: SharedLab, script: Script) -> tuple[list[Step], bool]:
    """Run `script` from the start to its end; give its steps, and whether the lab has kept its files between them."""
    lab.rewind()
    running = start_script(lab, script)
    copies, steps = lab.keep_files(), list[Step]()
    while request := running.call.waiting():
        outcome = request.run()
        steps.append(record_step("script", str(request), outcome))
        lab.keep_files()
        if len(steps) == MAX_STEPS:
            running.call.abandon()
            raise Mismatch("a script that comes to its end", f"it has not ended after {MAX_STEPS} statements")
        running.call.hand_back(outcome)
    return steps, copies


def _cut_off(lab: SharedLab, script: Script, count: int) -> None:
    """Run `script` from the start, and cut the power when `count` of its statements have happened.

    The last one gets no reply, so that the script cannot go on to its end.
    """
    lab.rewind()
    running = start_script(lab, script)
    for number in range(count):
        request = running.call.waiting()
        if request is None:
            break
        outcome = request.run()
        if number < count - 1:
            running.call.hand_back(outcome)
    lab.power_cut()
    running.call.abandon()


def _run_again_once(lab: SharedLab, script: Script, rerun: Invariant, done: dict[bytes, str]) -> str:
    """What is wrong after a second run on the database as it is; `done` knows it of databases that were met before."""
    try:
        image = lab.image()
    except (EngineError, NotImplementedError):
        return _run_again(lab, script, rerun)
    if image not in done:
        done[image] = _run_again(lab, script, rerun)
    return done[image]


def _run_again(lab: SharedLab, script: Script, rerun: Invariant) -> str:
    """Run `script` once more, in a process that remembers nothing; what is wrong then, in words."""
    forget(script)
    running = start_script(lab, script)
    while request := running.call.waiting():
        running.call.hand_back(request.run())
    running.session.close()
    return running.call.raised() or read_final_state(lab, rerun)
