"""Puts a shop through drawn scenarios and tells, for each invariant, the shortest scenario that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graders.kernel.report import Mismatch
from graders.labs.lab import Row
from graders.techniques.migrations import read_plan
from graders.techniques.scenarios.drawing import draw_scenario
from graders.techniques.scenarios.events import Events, shorten
from graders.techniques.scenarios.running import ScenarioRun, Violation, catch_end, clock, run_scenario
from graders.techniques.scenarios.shop import Shop, take_in_currencies, take_in_euros


@dataclass(frozen=True)
class Counterexample:
    """An invariant, broken by as few events as were found."""

    run: ScenarioRun
    """The shortest scenario, as it went."""
    violation: Violation
    """What is wrong at its end."""

    @property
    def words(self) -> str:
        """What happened, and what is wrong then."""
        steps = [f"{clock(place)} {event.words}" for place, event in enumerate(self.run.events)]
        return f"{self.violation.words.rstrip('.')}. The shortest night that shows it: {'; '.join(steps)}."


@dataclass(frozen=True)
class ShopFindings:
    """What came of a shop's nights."""

    night: ScenarioRun
    """The whole night."""
    broken: Mapping[str, Counterexample]
    """For each invariant that was broken the shortest scenario that breaks it."""


def judge_shop(shop: Shop, seed: int) -> ShopFindings:
    """Put `shop` through a night drawn from `seed`; find the shortest scenario for each invariant that breaks.

    Raise `Mismatch` if a function breaks the limits of its sandbox, or leaves nothing to look at.
    """
    return judge_scenario(shop, draw_scenario(shop, seed))


def pass_shop_night(schema: str, data: Mapping[str, list[Row]], plan: str) -> ScenarioRun:
    """Let a night pass in which both versions of the shop's application take orders while the plan is run.

    pass_shop_night(shop.SCHEMA, shop.data(1), "-- step: add a column …")
    """
    versions = {1: take_in_euros, 2: take_in_currencies}
    shop = Shop(schema, data, {}, plan=tuple(read_plan(plan)), versions=versions)
    return run_scenario(shop, draw_scenario(shop, 1))


def judge_scenario(shop: Shop, events: Events) -> ShopFindings:
    """The same for a night of your own."""
    night = run_scenario(shop, events)
    broken = {one.invariant: _shorten(shop, night, one) for one in night.violations}
    return ShopFindings(night, broken)


def _shorten(shop: Shop, night: ScenarioRun, violation: Violation) -> Counterexample:
    name = violation.invariant
    first = night.events[: violation.place + 1]
    found = {first: replace(night, events=first)}

    def breaks(events: Events) -> bool:
        run = catch_end(lambda: run_scenario(shop, events, until=name))
        if isinstance(run, Mismatch) or not run.violation(name):
            return False
        found[events] = run
        return True

    shortest = found[shorten(first, breaks)]
    return Counterexample(shortest, shortest.violation(name) or violation)
