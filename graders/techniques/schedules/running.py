"""Runs scripts against each other on one shared lab, one statement at a time, in whatever order is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graders.labs import EngineError, Result, SharedLab
from graders.techniques.schedules.looking import seen
from graders.techniques.schedules.schedule import Schedule, Step, step_of
from graders.techniques.schedules.scripts import Called, Player, Script, play

MOST_MOVES = 400
# What may be tried again as if it had never been asked: anything longer may have done a part of its work.
AGAIN = {"execute", "commit"}


class Run:
    """One run of `scripts` on `lab`, which is rewound first.

    A statement that meets a lock waits: it is asked again when another session has moved. Where all wait, the one
    that has waited longest is refused, as the engine would do after its timeout, and the others of them go on as
    soon as they can.
    """

    def __init__(self, lab: SharedLab, scripts: Mapping[str, Script]):
        lab.rewind()
        self.lab = lab
        self.players: dict[str, Player] = {name: play(lab, script) for name, script in scripts.items()}
        self.steps: list[Step] = []
        self.waiting: dict[str, EngineError] = {}
        self.urgent: list[str] = []
        self.endless = False
        self._costly = any(isinstance(script, Called) for script in scripts.values())

    def going(self) -> list[str]:
        """The scripts that have not ended: first the urgent ones, then the one that moved last, to go on by itself."""
        last = self.steps[-1].session if self.steps else ""
        names = [name for name, player in self.players.items() if player.asks()]
        return sorted(names, key=lambda name: (name not in self.urgent, name != last))

    def attempt(self, name: str) -> bool:
        """Have `name` do its next statement; False if it met a lock and waits."""
        asked = self.players[name].asks()
        outcome = asked.happen()
        if isinstance(outcome, EngineError) and outcome.busy and asked.do in AGAIN:
            if name not in self.waiting:
                self.steps.append(step_of(name, str(asked), outcome, "waits"))
            self.waiting[name] = outcome
            return False
        self._moved(name, step_of(name, str(asked), outcome), outcome)
        return True

    def _moved(self, name: str, step: Step, outcome: Result | EngineError) -> None:
        self.steps.append(step)
        self.waiting.pop(name, None)
        if name in self.urgent:
            self.urgent.remove(name)
        if len(self.steps) < MOST_MOVES:
            self.players[name].hand_back(outcome)
        else:
            self.endless = True
            self.abandon()

    def break_deadlock(self) -> None:
        """Refuse the statement that has waited longest; where it waits alone, nobody is left to free the lock."""
        name, error = next(iter(self.waiting.items()))
        asked = self.players[name].asks()
        outcome = "deadlock" if len(self.waiting) > 1 else "refused"
        self._moved(name, step_of(name, str(asked), error, outcome), error)
        self.urgent = list(self.waiting)

    def move(self, names: Iterable[str]) -> None:
        """Have the first of `names` move that can, or end the deadlock if none can."""
        if not any(self.attempt(name) for name in names):
            self.break_deadlock()

    def finish(self) -> Schedule:
        """Let every script come to its end, one after the other where possible, and give what happened."""
        while going := self.going():
            self.move(going)
        failed = {name: player.failed() for name, player in self.players.items() if player.failed()}
        values = {name: player.value() for name, player in self.players.items() if not self.endless}
        left_open = tuple(name for name, player in self.players.items() if player.session.in_transaction())
        for player in self.players.values():
            player.session.close()
        broken = f"the scripts have not ended after {MOST_MOVES} statements" if self.endless else ""
        return Schedule(tuple(self.steps), seen(self.lab, SharedLab.dump), failed, values, left_open, broken=broken)

    def drop(self) -> None:
        """Give the run up: functions are let come to their end, for to end their process costs more."""
        if self._costly:
            self.finish()

    def abandon(self) -> None:
        """End every script where it stands."""
        for player in self.players.values():
            player.abandon()


def run_in_order(lab: SharedLab, scripts: Mapping[str, Script], order: Iterable[str]) -> Schedule:
    """Run `scripts` on `lab` with their statements in `order`, a sequence of their names; the rest runs at the end.

    A session that waits for a lock goes on as soon as it can, and its turns until then are void.
    """
    run = Run(lab, scripts)
    for name in order:
        if name in run.going() and name not in run.waiting:
            run.attempt(name)
        _wake(run)
    return run.finish()


def _wake(run: Run) -> None:
    """Have those that wait try again, the longest waiting first, until no more of them moves."""
    while any(run.attempt(name) for name in list(run.waiting)):
        pass
