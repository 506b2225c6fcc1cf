"""How each version of an application fared at each step of a plan, with the first thing that went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Table
from graders.techniques.migrations.faults import Fault

FAILS = ("refused", "misled")


@dataclass(frozen=True)
class Tick:
    """How an application fared after a step, or during it: "works", "refused", "misled" or "not running", and why.

    `lost` says that it is misled by a row that was written and is gone. `waits` counts its requests that met a lock of
    the step's transaction, and were sent again when that had ended.
    """

    state: str
    words: str = ""
    tables: tuple[Table, ...] = ()
    lost: bool = False
    waits: int = 0


@dataclass(frozen=True)
class Timeline:
    """The states of each application, by its name, after each step; and the step that the engine refused, if any."""

    steps: tuple[str, ...]
    apps: Mapping[str, tuple[Tick, ...]]
    stopped: str = ""

    @property
    def fault(self) -> Fault | None:
        """The first step at which something is wrong; to wait is not."""
        for place, step in enumerate(self.steps):
            ticks = {name: states[place] for name, states in self.apps.items()}
            for name, tick in ticks.items():
                if tick.state in FAILS:
                    found = f"after step {place + 1} ({step}): {tick.words}"
                    kind = "write lost" if tick.lost else f"app {tick.state}"
                    return Fault(kind, f"the {name} application to go on working", found, tick.tables)
        if self.stopped:
            return Fault("refused", "every step to run", self.stopped)
        return None

    @property
    def waits(self) -> int:
        """How many requests of all applications had to wait for the migration."""
        return sum(tick.waits for ticks in self.apps.values() for tick in ticks)

    @property
    def words(self) -> str:
        """How each application fared, in sentences."""
        told = (f"{_fared(states, self.steps)}{_waited(states, self.steps)}" for states in self.apps.values())
        return " ".join(f"The {name} application {words}." for name, words in zip(self.apps, told, strict=True))


def _fared(states: Sequence[Tick], steps: Sequence[str]) -> str:
    bad = [f"step {place + 1} ({steps[place]})" for place, tick in enumerate(states) if tick.state in FAILS]
    runs = sum(tick.state != "not running" for tick in states)
    if bad:
        return f"fails after {', '.join(bad)}"
    return f"works after each of the {runs} steps during which it runs" if runs else "never runs"


def _waited(states: Sequence[Tick], steps: Sequence[str]) -> str:
    told = [f"{tick.waits} during step {place + 1} ({steps[place]})" for place, tick in enumerate(states) if tick.waits]
    return f"; requests that had to wait: {', '.join(told)}" if told else ""
