"""Interleaves scripts on one shared lab, a statement at a time: in a given order, or in turns drawn at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import TypeVar

from graders.labs import EngineError, Result, SharedLab
from graders.sandbox import Asked
from graders.techniques.schedules.calls import read_final_state
from graders.techniques.schedules.schedule import Schedule, Step, record_step
from graders.techniques.schedules.scripts import FunctionScript, Script, start_script

MAX_MOVES = 400
# What may be tried again as if it had never been asked: anything longer may have done a part of its work.
REPEATABLE = {"execute", "commit"}
LOCKED = "locked"
Value = TypeVar("Value")
Program = Generator[str | None, None, object]


class Run:
    """One run of `scripts` on `lab`, which is rewound first.

    A statement that meets a lock waits: it is tried again when another session has moved. Where all wait, the one
    that has waited longest is refused, as the engine would do after its timeout, and the others go on as soon as
    they can.
    """

    def __init__(self, lab: SharedLab, scripts: Mapping[str, Script]):
        lab.rewind()
        self.players = {name: start_script(lab, script) for name, script in scripts.items()}
        self.waiting: dict[str, EngineError] = {}
        self.urgent: list[str] = []
        self._lab = lab
        self._steps: list[Step] = []
        self._endless = False
        self._has_functions = any(isinstance(script, FunctionScript) for script in scripts.values())

    def active(self) -> list[str]:
        """The scripts that have not ended: first the urgent ones, then the one that moved last, to go on by itself."""
        last = self._steps[-1].session if self._steps else ""
        names = [name for name, player in self.players.items() if player.call.waiting()]
        return sorted(names, key=lambda name: (name not in self.urgent, name != last))

    def advance(self, name: str) -> bool:
        """Have `name` do its next statement; False if it met a lock and waits."""
        request = self._request_of(name)
        outcome = request.happen()
        if isinstance(outcome, EngineError) and outcome.busy and request.do in REPEATABLE:
            if name not in self.waiting:
                self._steps.append(record_step(name, str(request), outcome, "waits"))
            self.waiting[name] = outcome
            return False
        self._move(name, record_step(name, str(request), outcome), outcome)
        return True

    def _request_of(self, name: str) -> Asked:
        request = self.players[name].call.waiting()
        if request is None:
            raise LookupError(f"`{name}` has ended")
        return request

    def _move(self, name: str, step: Step, outcome: Result | EngineError) -> None:
        self._steps.append(step)
        self.waiting.pop(name, None)
        if name in self.urgent:
            self.urgent.remove(name)
        if len(self._steps) < MAX_MOVES:
            self.players[name].call.hand_back(outcome)
            return
        self._endless = True
        for player in self.players.values():
            player.call.abandon()

    def advance_any(self, names: Iterable[str]) -> bool:
        """Have the first of `names` move that can; False if none can."""
        return any(self.advance(name) for name in list(names))

    def break_deadlock(self) -> None:
        """Refuse the statement that has waited longest; where it waits alone, nobody is left to free the lock."""
        name, error = next(iter(self.waiting.items()))
        request = self._request_of(name)
        outcome = "deadlock" if len(self.waiting) > 1 else "refused"
        self._move(name, record_step(name, str(request), error, outcome), error)
        self.urgent = list(self.waiting)

    def finish(self) -> Schedule:
        """Let every script come to its end, one after the other where possible, and give what happened."""
        while names := self.active():
            if not self.advance_any(names):
                self.break_deadlock()
        failed = {name: reason for name, player in self.players.items() if (reason := player.call.raised())}
        left_open = tuple(name for name, player in self.players.items() if player.session.in_transaction())
        for player in self.players.values():
            player.session.close()
        broken = f"the scripts have not ended after {MAX_MOVES} statements" if self._endless else ""
        state = read_final_state(self._lab, SharedLab.dump)
        return Schedule(tuple(self._steps), state, failed, left_open, broken=broken)

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


def retry_while_locked(action: Callable[[], Value]) -> Generator[str, None, Value]:
    """Try `action` until no lock is in its way, once a turn of `take_turns`, and give its value.

    people = yield from retry_while_locked(lambda: door.execute("BEGIN IMMEDIATE"))
    """
    while True:
        try:
            return action()
        except EngineError as refusal:
            if not refusal.busy:
                raise
        yield LOCKED


def take_turns(programs: Iterable[Program], seed: int) -> int:
    """Run all programs to their ends, each turn by one drawn from `seed`; give the number of turns spent waiting.

    A program is a generator: each `yield` is a moment at which another program may go on. What would be a race
    between threads, and end differently each time, ends the same on every machine.
    """
    rng, running, waits = random.Random(seed), list(programs), 0
    while running:
        program = rng.choice(running)
        try:
            waits += next(program) == LOCKED
        except StopIteration:
            running.remove(program)
    return waits
