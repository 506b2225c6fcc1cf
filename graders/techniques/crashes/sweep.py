"""Cuts the power before each statement of a script, has the engine recover, and looks whether a rule still holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graders.kernel.report import Mismatch
from graders.labs import SharedLab
from graders.labs.lab import Row
from graders.techniques.schedules import Schedule, Script, Step, run_in_order
from graders.techniques.schedules.looking import Invariant, seen
from graders.techniques.schedules.schedule import step_of
from graders.techniques.schedules.scripts import Player, play


@dataclass(frozen=True)
class Cut:
    """A power cut: the steps before it, the statement that was to come next ("" after the last), what was recovered.

    `broken` says what the invariant finds wrong with the recovered data, `rerun` what is wrong after the script has
    been run once more; both are "" where all is well.
    """

    steps: tuple[Step, ...]
    next: str
    state: dict[str, list[Row]]
    broken: str = ""
    rerun: str = ""

    @property
    def words(self) -> str:
        """When the power was cut, and what is wrong."""
        number = len(self.steps)
        when = f"after statement {number}, before `{self.next}`" if self.next else f"after the last, statement {number}"
        wrong = self.broken or (f"run once more: {self.rerun}" if self.rerun else "all is well")
        return f"The power is cut {when}: {wrong}."


@dataclass(frozen=True)
class Sweep:
    """What came of cutting a script off at every place; `whole` is its run without a power cut."""

    whole: Schedule
    cuts: tuple[Cut, ...]

    @property
    def broken(self) -> Cut | None:
        """The first cut after which something is wrong."""
        return next((cut for cut in self.cuts if cut.broken or cut.rerun), None)

    @property
    def words(self) -> str:
        """How often the power was cut, and the first cut after which something is wrong."""
        wrong = sum(bool(cut.broken or cut.rerun) for cut in self.cuts)
        told = f"The power was cut at {len(self.cuts)} places; something was wrong after {wrong or 'none'} of them."
        return f"{told} {self.broken.words}" if self.broken else told


def sweep_crashes(
    lab_opener: Callable[[], SharedLab],
    script: Script,
    invariant: Invariant,
    *,
    rerun: Invariant | None = None,
    due: Callable[[SharedLab], bool] = lambda lab: True,
) -> Sweep:
    """Cut the power before each statement of `script` and after the last, before its function has returned.

    `invariant` looks at what the engine recovers. With `rerun`, the script is then run once more, where that is `due`:
    it must come to its end, and `rerun` must find nothing wrong. Nothing in a function can swallow the cut: its
    process ends. Raise `Mismatch` if the script has no end, breaks the limits of its box, or leaves nothing to look at.
    """
    with lab_opener() as lab:
        whole = run_in_order(lab, {"script": script}, ())
        if whole.broken:
            raise Mismatch("a script that comes to its end", whole.broken)
        coming = [*(step.statement for step in whole.moves), ""]
        cuts = []
        for done, following in enumerate(coming):
            steps = _cut_off(lab, script, done)
            state, broken = seen(lab, SharedLab.dump), seen(lab, invariant)
            again = _run_again(lab, script, rerun) if rerun and due(lab) else ""
            cuts.append(Cut(tuple(steps), following, state, broken, again))
        return Sweep(whole, tuple(cuts))


def _cut_off(lab: SharedLab, script: Script, done: int) -> list[Step]:
    """Run `script` from the start, and cut the power when `done` of its statements have happened; give these."""
    lab.rewind()
    player = play(lab, script)
    steps = _advanced(player, done)
    lab.power_cut()
    player.abandon()
    return steps


def _advanced(player: Player, done: int) -> list[Step]:
    """Let `done` statements happen, the last without telling the script, so that it cannot go on to its end."""
    steps: list[Step] = []
    while len(steps) < done and (asked := player.asks()):
        outcome = asked.happen()
        steps.append(step_of("script", str(asked), outcome))
        if len(steps) < done:
            player.hand_back(outcome)
    return steps


def _run_again(lab: SharedLab, script: Script, rerun: Invariant) -> str:
    player = play(lab, script)
    while asked := player.asks():
        player.hand_back(asked.happen())
    player.session.close()
    return player.failed() or seen(lab, rerun)
