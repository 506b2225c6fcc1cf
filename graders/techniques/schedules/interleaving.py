"""Interleaves scripts on one lab, statement by statement, in a given order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from graders.labs import EngineError, Result, SharedLab
from graders.sandbox import Call, Request, SandboxError
from graders.techniques.schedules.calls import FunctionScript, Script, read_final_state, start_script
from graders.techniques.schedules.schedule import Schedule, Step, record_step

MAX_STEPS = 400
# What may be tried again as if it had never been asked: anything longer may have done a part of its work.
REPEATABLE = {"execute", "commit"}


class Run:
    """One run of `scripts` on `lab`, which is rewound first.

    A statement that meets a lock waits: it is tried again when another session has moved. Where all wait, the one
    that has waited longest is refused, as the engine would do after its timeout, and the others go on as soon as
    they can.
    """

    def __init__(self, lab: SharedLab, scripts: Mapping[str, Script]):
        lab.rewind()
        self.running = {name: start_script(lab, script) for name, script in scripts.items()}
        self.waiting: dict[str, EngineError] = {}
        self.urgent: list[str] = []
        self._lab = lab
        self._steps: list[Step] = []
        self._endless = False
        self._has_functions = any(isinstance(script, FunctionScript) for script in scripts.values())

    def active(self) -> list[str]:
        """The scripts that have not ended: first the urgent ones, then the one that moved last, to go on by itself."""
        last = self._steps[-1].session if self._steps else ""
        names = [name for name, running in self.running.items() if running.call.waiting()]
        return sorted(names, key=lambda name: (name not in self.urgent, name != last))

    def advance(self, name: str) -> bool:
        """Have `name` do its next statement; False if it met a lock and waits."""
        request = self._request_of(name)
        outcome = request.run()
        if isinstance(outcome, EngineError) and outcome.busy and request.method in REPEATABLE:
            if name not in self.waiting:
                self._steps.append(record_step(name, str(request), outcome, "waits"))
            self.waiting[name] = outcome
            return False
        self._record(name, record_step(name, str(request), outcome), outcome)
        return True

    def _request_of(self, name: str) -> Request:
        request = self.running[name].call.waiting()
        if request is None:
            raise LookupError(f"`{name}` has ended")
        return request

    def _record(self, name: str, step: Step, outcome: Result | EngineError) -> None:
        self._steps.append(step)
        self.waiting.pop(name, None)
        if name in self.urgent:
            self.urgent.remove(name)
        if len(self._steps) < MAX_STEPS:
            self.running[name].call.hand_back(outcome)
            return
        self._endless = True
        for running in self.running.values():
            running.call.abandon()

    def advance_any(self, names: Iterable[str]) -> bool:
        """Have the first of `names` move that can; False if none can."""
        return any(self.advance(name) for name in list(names))

    def break_deadlock(self) -> None:
        """Refuse the statement that has waited longest; where it waits alone, nobody is left to free the lock."""
        name, error = next(iter(self.waiting.items()))
        request = self._request_of(name)
        outcome = "deadlock" if len(self.waiting) > 1 else "refused"
        self._record(name, record_step(name, str(request), error, outcome), error)
        self.urgent = list(self.waiting)

    def finish(self) -> Schedule:
        """Let every script come to its end, one after the other where possible, and give what happened."""
        while names := self.active():
            if not self.advance_any(names):
                self.break_deadlock()
        failures = {name: reason for name, running in self.running.items() if (reason := running.call.raised())}
        left_open = tuple(name for name, running in self.running.items() if running.session.in_transaction())
        for running in self.running.values():
            running.session.close()
        violation = f"the scripts have not ended after {MAX_STEPS} statements" if self._endless else ""
        state = read_final_state(self._lab, lambda lab: lab.dump())
        return Schedule(tuple(self._steps), state, failures, left_open, self._values(), violation=violation)

    def _values(self) -> dict[str, Any]:
        values = {}
        for name, running in self.running.items():
            with suppress(SandboxError):
                if isinstance(running.call, Call):
                    values[name] = running.call.value()
        return values

    def drop(self) -> None:
        """Give the run up: functions run to their end, for it costs more to end their processes."""
        if self._has_functions:
            self.finish()


def run_in_order(lab: SharedLab, scripts: Mapping[str, Script], order: Iterable[str]) -> Schedule:
    """Run `scripts` on `lab` with their statements in `order`, a sequence of their names; the rest runs at the end.

    A session that waits for a lock goes on as soon as it can, and its turns until then are void.
    """
    run = Run(lab, scripts)
    for name in order:
        if name in run.active() and name not in run.waiting:
            run.advance(name)
        while run.advance_any(run.waiting):
            pass
    return run.finish()
